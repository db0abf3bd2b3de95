#include "broker/shard_broker.h"
#include "broker/timeline_entries.h"

#include <algorithm>

#include "broker/basic_ingest.h"
#include "broker/group_rows.h"
#include "broker/link.h"
#include "mqtt/encoder.h"
#include "observe/log.h"
#include "text/digest.h"
#include "text/time.h"
#include "types/assert.h"

namespace croft::broker {

static constexpr std::chrono::milliseconds congestion_pause{1};
static constexpr std::size_t receipt_bytes = 4;  // of a PUBACK

static ConnectionId next_connection_id() {
  static std::atomic<ConnectionId> last{0};
  return ++last;
}

Now system_time() {
  const std::int64_t us = metrics::now_us();
  return {Timestamp::now(), MonoTime{us / 1000}, us};
}

std::size_t Hub::owner_index(std::string_view client_id) const {
  return std::hash<std::string_view>()(client_id) % brokers_.size();
}

bool Hub::is_congested(std::size_t mail_bytes_max) const {
  return std::any_of(brokers_.begin(), brokers_.end(),
                     [&](const ShardBroker* broker) { return broker->mail_bytes() > mail_bytes_max; });
}

ShardBroker::ShardBroker(Shard& shard, const Settings& settings, const Authority& authority, Hub& hub, Store* store,
                         std::function<Now()> clock)
    : shard_(shard),
      settings_(settings),
      authority_(authority),
      hub_(hub),
      store_(store),
      clock_(std::move(clock)),
      receipts_([this](std::uint64_t turn) { shard_.post([this, turn] { end_wait(turn); }); }),
      core_(settings, authority, hub.retained(), *this, [] { return text::random_uuid(); }) {}

ShardBroker::~ShardBroker() = default;

void ShardBroker::connect_to(Recorder& recorder, MessageObserver& observer, trace::Timelines* timelines) {
  recorder_ = &recorder;
  observer_ = &observer;
  timelines_ = timelines;
}

// Entry.

void ShardBroker::accept(net::Transport transport) {
  if (stopping_) return;
  if (*at_door_ >= settings_.doorstep_max) {
    ++figures_.refused["too_many_waiting"];
    return transport.abort();
  }
  auto link = std::make_shared<Link>(next_connection_id(), std::move(transport));
  const auto deadline_ms = clock_().mono.ms + static_cast<std::int64_t>(settings_.connect_wait_s) * 1000;
  doorstep_.emplace_back(MonoTime{deadline_ms}, link);
  shard_.spawn(greet(std::move(link)));
}

// Reads until the CONNECT is whole, then hands the connection to the shard of its client id.
Task<void> ShardBroker::greet(LinkPtr link) {
  ++*at_door_;
  const std::shared_ptr<void> leaves(nullptr, [at_door = at_door_](void*) { --*at_door; });
  Doorstep doorstep(settings_);
  for (;;) {
    const std::span<const char> bytes = co_await link->transport.read(shard_.read_buffer());
    if (bytes.empty()) co_return;
    std::optional<Doorstep::Decision> decision = doorstep.feed(bytes);
    if (!decision) continue;
    if (decision->refused) {
      log::info("broker", "refused a connection from " + link->transport.peer().address + ": " + decision->why);
      count_refusal(decision->answer);
      if (!decision->answer.empty()) link->transport.send(decision->answer);
      link->transport.close();
      co_return;
    }
    link->connect_us = clock_().us;
    co_return co_await admit({std::move(link), std::move(*decision), {}});
  }
}

// Judged, then to the shard of its client id. A WebSocket's pongs may be unsent; the doorstep's patience ends the wait
// for one that does not read, and for an authorizer that does not answer.
Task<void> ShardBroker::admit(Arrival arrival) {
  const LinkPtr link = arrival.link;
  arrival.verdict = co_await authority_.admit(link->transport.peer(), *arrival.decision.connect);
  ShardBroker& owner = hub_.owner(arrival.decision.connect->client_id);
  if (&owner != this && !co_await link->transport.drained()) co_return;
  if (!link->transport.is_open()) co_return;
  link->greeted = true;
  if (&owner == this) co_return adopt(std::move(arrival));
  link->transport.detach();
  owner.shard_.post([&owner, arrival = std::move(arrival)]() mutable {
    arrival.link->transport.attach(owner.shard_);
    owner.adopt(std::move(arrival));
  });
}

void ShardBroker::adopt(Arrival arrival) {
  LinkPtr link = std::move(arrival.link);
  Doorstep::Decision& decision = arrival.decision;
  if (stopping_) return link->transport.abort();
  const ConnectionId id = link->id;
  link->counted = true;
  link->way = way_of(link->transport.peer());
  ++figures_.open[static_cast<std::size_t>(link->way)];
  link->live_on(*this);
  trace_arrival(*link, decision);
  const Now now = input_time();
  core_.connect(id, link, link->transport.peer(), std::move(*decision.connect), decision.assigned_client_id,
                std::move(arrival.verdict), now);
  if (!core_.connection(id)) count_refusal(link->bytes());
  if (!decision.rest.empty()) core_.receive(id, decision.rest, now);
  end_turn_soon();
  link->transport.forget_peer();
  if (!link->closing) link->transport.hand_over_to(link->self());
}

void ShardBroker::trace_arrival(Link& link, const Doorstep::Decision& decision) {
  const mqtt::Connect& connect = *decision.connect;
  const PacketTracePtr trace = hub_.traces().of(connect.client_id);
  if (!trace) return;
  mqtt::Decoder incoming(mqtt::Decoder::Side::server, settings_.packet_bytes_max);
  incoming.set_version(connect.version);
  link.trace = std::make_unique<ConnectionTrace>(trace, std::move(incoming), connect.version);
  link.trace->connect(connect, decision.assigned_client_id, link.transport.peer());
  (void)link.trace->received(decision.rest);
}

// Source: AWS IoT developer guide, "Lifecycle events", disconnectReason: a WebSocket's close frame counts as DISCONNECT.
static DisconnectReason reason_of(net::Transport::Ending ending) {
  switch (ending) {
    case net::Transport::Ending::closed_by_peer:
      return DisconnectReason::client_initiated_disconnect;
    case net::Transport::Ending::protocol_fault:
      return DisconnectReason::client_error;
    case net::Transport::Ending::lost:
      break;
  }
  return DisconnectReason::connection_lost;
}

bool ShardBroker::received(Link& link, std::span<const char> bytes) {
  if (link.closing) return false;
  if (link.trace && !link.trace->received(bytes)) link.trace.reset();
  core_.receive(link.id, bytes, input_time());
  end_turn_soon();
  if (link.closing) return false;
  if (!must_wait(link)) return true;
  shard_.spawn(have_patience(link.self()));
  return false;
}

void ShardBroker::ended(Link& link) {
  const LinkPtr kept = link.self();
  const net::Transport::Ending ending = link.transport.ending();
  const DisconnectReason reason = reason_of(ending);
  if (link.trace) std::exchange(link.trace, nullptr)->note("connection ended by the client: " + std::string(name(reason)));
  core_.lost(link.id, input_time(), reason);
  drop(link);
  end_turn_soon();
  if (ending == net::Transport::Ending::lost) link.transport.abort();  // else a close frame is on its way
}

// Whether a client is not to be heard now: it asks and does not read; publishes more than its receipts; or publishes
// while a shard has more mail than it can hand out. TCP makes it wait.
bool ShardBroker::must_wait(const Link& link) const {
  return link.transport.unsent() > settings_.unread_bytes_max || hub_.is_congested(settings_.mail_bytes_max) ||
         (link.held && link.held->receipt_bytes > std::size_t{settings_.receive_maximum} * receipt_bytes);
}

Task<void> ShardBroker::have_patience(LinkPtr link) {
  if (link->transport.unsent() > settings_.unread_bytes_max) co_await link->transport.drained(settings_.unread_bytes_max);
  while (!link->closing && link->transport.is_open() && must_wait(*link)) co_await sleep_for(congestion_pause);
  if (!link->closing) link->transport.go_on();
}

// Outputs.

// Null for an outlet that somebody else brought to the core.
ShardBroker::Link* ShardBroker::link_of(Outlet* outlet) const {
  auto* link = dynamic_cast<Link*>(outlet);
  return link && link->home == this ? link : nullptr;
}

void ShardBroker::close(Outlet& outlet) {
  Link* link = link_of(&outlet);
  if (!link) return;
  link->closing = true;
  (void)link->bytes();  // so that the turn's end sees it
  drop(*link);
}

void ShardBroker::drop(Link& link) {
  if (std::exchange(link.counted, false)) --figures_.open[static_cast<std::size_t>(link.way)];
}

// `answer` begins with the CONNACK, if the client got one.
void ShardBroker::count_refusal(std::string_view answer) {
  const bool is_v5 = answer.size() > 1 && answer[1] > 2;  // only there something follows the two bytes that all have
  mqtt::Decoder decoder(mqtt::Decoder::Side::client, settings_.packet_bytes_max);
  decoder.set_version(is_v5 ? mqtt::Version::v5 : mqtt::Version::v3_1_1);
  std::vector<mqtt::Packet> packets;
  (void)decoder.feed(answer, packets);
  const auto* connack = packets.empty() ? nullptr : std::get_if<mqtt::Connack>(&packets.front());
  ++figures_.refused[connack ? mqtt::name(connack->reason) : "no_answer"];
}

// The time of an input; the first one begins the turn.
Now ShardBroker::input_time() {
  const Now now = clock_();
  if (!ends_soon_) turn_began_us_ = now.us;
  return now;
}

void ShardBroker::published(std::string_view client_id, std::uint64_t messages, Timestamp since, Timestamp until) {
  if (timelines_) timelines_->add(client_id, published_entry(messages, since, until));
}

void ShardBroker::record(Record record) {
  keeps_ |= !record.rows.empty();
  for (const LifecycleEvent& event : record.events)
    if (event.type == LifecycleEvent::Type::disconnected) ++figures_.disconnects[static_cast<std::size_t>(event.reason)];
  recorder_->record(std::move(record));
}

std::uint64_t ShardBroker::reach_version() const {
  return hub_.interest().version() + hub_.shared().version() + observer_->version();
}

// Basic Ingest is for a rule alone.
Reach ShardBroker::reach(std::string_view topic) const {
  Reach reach{.rules = observer_->wants(topic)};
  if (is_basic_ingest(topic)) return reach;
  reach.shards = hub_.interest().shards(topic) & ~(std::uint64_t{1} << shard_.index());
  reach.groups = hub_.shared().matches_any(topic, settings_.parent_match);
  return reach;
}

void ShardBroker::publish_further(const MessagePtr& message, const Reach& reach) {
  forward(message, reach);
  if (reach.rules) hand_to_rules(message);
}

// A message whose publisher gets a receipt has a row until the rules are done with it: the receipt waits for the row, and
// another process goes on with it. One that no rule acts on is over at once and needs none.
void ShardBroker::hand_to_rules(const MessagePtr& message) {
  if (message->qos() == mqtt::QoS::at_most_once || !store_) return observer_->on_message(message, {});
  enum class State : std::uint8_t { new_one, has_row, over };
  const auto state = std::make_shared<State>(State::new_one);
  const std::uint64_t number = hub_.next_rule_row();
  observer_->on_message(message, [this, state, number] {
    if (std::exchange(*state, State::over) != State::has_row) return;
    rule_rows::erase(over_rows_, number);
    end_turn_soon();
  });
  if (*state == State::over) return;
  rule_rows::put(rows_, number, *message);
  *state = State::has_row;
}

void ShardBroker::resume(const rule_rows::Row& row) {
  observer_->on_message(row.message, [this, number = row.number] {
    rule_rows::erase(over_rows_, number);
    end_turn_soon();
  });
}

// A turn that hands out much ends early, before it fills the memory.
void ShardBroker::handed_out(std::size_t bytes) {
  turn_bytes_ += bytes;
  if (turn_bytes_ < settings_.turn_bytes_max) return;
  const Receipts::TicketPtr ticket = write_turn();
  if (ticket) carried_ = ticket->number;
}

void ShardBroker::interest(std::string_view filter, bool wanted) {
  if (wanted) hub_.interest().add(filter, shard_.index());
  else hub_.interest().remove(filter, shard_.index());
}

void ShardBroker::membership(std::string_view filter, std::string_view client_id, Membership membership, Keeping keeping) {
  for (const SharedGroups::Waiting& orphan : hub_.shared().set(filter, client_id, shard_.index(), membership, keeping))
    if (orphan.row != 0) group_rows::erase(over_rows_, orphan.row);
}

bool ShardBroker::hand_on(std::string_view filter, const MessagePtr& message, std::uint64_t group_row) {
  if (!hub_.shared().has_members(filter)) return false;
  park(std::string(filter), message, group_row);
  return true;
}

std::vector<SharedGroups::Waiting> ShardBroker::take_waiting(std::string_view filter, std::size_t most) {
  return hub_.shared().take(filter, most);
}

// Messages.

void ShardBroker::publish(const MessagePtr& message, std::function<void()> kept) {
  core_.publish(message, clock_());
  if (kept) kept_.push_back(std::move(kept));
  end_turn_soon();
}

void ShardBroker::publish_event(const MessagePtr& message) {
  core_.deliver(message, clock_());
  forward(message, reach(message->topic()));
  end_turn_soon();
}

void ShardBroker::forward(const MessagePtr& message, const Reach& reach) {
  for (std::uint64_t shards = reach.shards; shards != 0; shards &= shards - 1) {
    ShardBroker& broker = *hub_.brokers()[static_cast<std::size_t>(__builtin_ctzll(shards))];
    broker.put({message, {}, abroad_for(*message, broker), 0});
  }
  if (reach.groups) hand_out(message, hub_.shared().pick(message->topic(), message->qos(), settings_.parent_match));
}

void ShardBroker::hand_out(const MessagePtr& message, std::vector<SharedGroups::Pick> picks) {
  for (SharedGroups::Pick& pick : picks) {
    if (pick.client_id.empty()) {
      park(std::move(pick.filter), message, 0);
      continue;
    }
    ShardBroker& broker = *hub_.brokers()[pick.shard];
    if (&broker == this) deliver({message, std::move(pick), nullptr, 0}, clock_());
    else broker.put({message, std::move(pick), abroad_for(*message, broker), 0});
  }
}

// What the receivers of a QoS 1 or 2 message on another shard may have to store, its publisher's receipt waits for.
ShardBroker::AbroadPtr ShardBroker::abroad_for(const Message& message, const ShardBroker& receiver) {
  if (message.qos() == mqtt::QoS::at_most_once || receiver.stored_sessions_.load(std::memory_order_acquire) == 0) return nullptr;
  if (!turn_ticket_) turn_ticket_ = receipts_.open();
  if (!abroad_) abroad_ = std::make_shared<Abroad>(store_, turn_ticket_, Batch());
  return abroad_;
}

ShardBroker::Abroad::~Abroad() {
  if (store && !received.empty()) store->commit(std::move(received), [ticket = std::move(ticket)] {});
}

void ShardBroker::post(MessagePtr message) { put({std::move(message), {}, nullptr, 0}); }

void ShardBroker::put(Mail mail) {
  bool was_empty;
  mail_bytes_.fetch_add(mail.message->bytes(), std::memory_order_relaxed);
  {
    std::lock_guard lock(mail_mutex_);
    was_empty = mail_.empty();
    mail_.push_back(std::move(mail));
  }
  if (was_empty) shard_.post([this] { take_mail(); });
}

void ShardBroker::deliver(const Mail& mail, Now now) {
  if (!mail.pick) return core_.deliver(mail.message, now);
  if (core_.deliver_shared(mail.message, mail.group_row, mail.pick->client_id, mail.pick->filter, now)) return;
  if (mail.message->qos() != mqtt::QoS::at_most_once) return park(mail.pick->filter, mail.message, mail.group_row);
  hand_out(mail.message, hub_.shared().pick_again(mail.pick->filter));
}

// What no member has has a row. It is offered when the row is on its way to the disk: whoever takes it erases the row, in
// a batch behind this one.
void ShardBroker::park(std::string filter, const MessagePtr& message, std::uint64_t group_row) {
  if (group_row == 0 && store_) {
    group_row = hub_.next_group_row();
    group_rows::put(rows_, group_row, filter, *message);
  }
  parked_.push_back({std::move(filter), {message, group_row}});
}

void ShardBroker::offer_parked() {
  input_time();
  for (Parked& parked : std::exchange(offers_, {})) offer(std::move(parked));
  end_turn_soon();
}

void ShardBroker::offer(Parked parked) {
  const SharedGroups::Waiting& waiting = parked.waiting;
  SharedGroups::Offered offered = hub_.shared().offer(parked.filter, waiting);
  if (offered.outcome == SharedGroups::Offered::Outcome::waits) return;
  if (offered.outcome != SharedGroups::Offered::Outcome::given) {
    if (offered.outcome == SharedGroups::Offered::Outcome::is_full) ++figures_.dropped_from_groups;
    if (waiting.row != 0) group_rows::erase(over_rows_, waiting.row);
    return;
  }
  ShardBroker& broker = *hub_.brokers()[offered.pick.shard];
  Mail mail{waiting.message, std::move(offered.pick), nullptr, waiting.row};
  if (&broker == this) deliver(mail, clock_());
  else broker.put(std::move(mail));
}

void ShardBroker::take_mail() {
  std::vector<Mail> mails;
  {
    std::lock_guard lock(mail_mutex_);
    mails.swap(mail_);
  }
  const Now at = input_time();
  std::size_t bytes = 0;
  for (Mail& mail : mails) {
    deliver(mail, at);
    bytes += mail.message->bytes();
    const bool is_new = mail.abroad && (theirs_.empty() || theirs_.back() != mail.abroad);
    if (is_new) theirs_.push_back(std::move(mail.abroad));
  }
  mail_bytes_.fetch_sub(bytes, std::memory_order_relaxed);
  end_turn_soon();
}

void ShardBroker::recorded(ConnectionId id) {
  const Now now = input_time();
  const Connection* connection = core_.connection(id);
  if (Link* link = connection ? link_of(connection->outlet.get()) : nullptr; link && link->connect_us != 0)
    figures_.connect_time.add(now.us - std::exchange(link->connect_us, 0));
  core_.recorded(id, now);
  end_turn_soon();
}

void ShardBroker::restore(StoredClient stored) {
  if (stored.state.connected) ++figures_.restored_disconnects;
  core_.restore(std::move(stored), clock_());
  end_turn_soon();
}

bool ShardBroker::disconnect(std::string_view client_id, const Core::Ending& ending) {
  const bool found = core_.disconnect(client_id, ending, clock_());
  end_turn_soon();
  return found;
}

void ShardBroker::tick() {
  const Now at = clock_();
  while (!doorstep_.empty() && (doorstep_.front().second.expired() || doorstep_.front().first <= at.mono)) {
    if (const LinkPtr link = doorstep_.front().second.lock(); link && !link->greeted) {
      if (link->transport.is_open()) ++figures_.refused["timeout"];
      link->transport.abort();
    }
    doorstep_.pop_front();
  }
  core_.tick(at);
  if (shard_.index() == 0) hub_.shared().release_stalled(at.mono);
  end_turn_soon();
}

void ShardBroker::trace_sent(Link& link, std::string_view bytes) {
  if (!link.trace->sent(bytes)) return link.trace.reset();
  if (link.closing) std::exchange(link.trace, nullptr)->note("connection closed");
}

void ShardBroker::begin_trace(const std::string& client_id, const PacketTracePtr& trace) {
  const Client* client = core_.find(client_id);
  const Connection* connection = client ? client->connection : nullptr;
  if (!connection) return trace->add({.note = "not connected"});
  Link& link = static_cast<Link&>(*connection->outlet);
  mqtt::Decoder incoming = connection->decoder;
  const std::string unfinished = incoming.take_rest() + (connection->handshake ? connection->handshake->early : std::string());
  link.trace = std::make_unique<ConnectionTrace>(trace, std::move(incoming), connection->version);
  link.trace->note("connected since " + text::iso8601(client->state.since) + " from " + client->state.address);
  (void)link.trace->received(unfinished);
}

std::size_t ShardBroker::mail_count() {
  std::lock_guard lock(mail_mutex_);
  return mail_.size();
}

void ShardBroker::stop() {
  stopping_ = true;
  core_.stop(clock_());
  end_turn();
}

}  // namespace croft::broker
