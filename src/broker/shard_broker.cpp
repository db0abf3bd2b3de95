#include "broker/shard_broker.h"

#include <algorithm>

#include "broker/basic_ingest.h"
#include "mqtt/encoder.h"
#include "observe/log.h"
#include "text/digest.h"
#include "types/assert.h"

namespace croft::broker {

struct ShardBroker::Link {
  Link(ConnectionId id, net::Transport transport) : id(id), transport(std::move(transport)) {}

  ConnectionId id;
  net::Transport transport;
  std::string out;       // gathered during one turn
  bool dirty = false;
  bool closing = false;  // the core is done with it
  bool greeted = false;  // its CONNECT is whole; only the accepting shard looks, before and after it hands the link over
};

static constexpr std::chrono::milliseconds congestion_pause{1};

static ConnectionId next_connection_id() {
  static std::atomic<ConnectionId> last{0};
  return ++last;
}

Now system_time() { return {Timestamp::now(), MonoTime::now()}; }

std::size_t Hub::owner_index(std::string_view client_id) const {
  return std::hash<std::string_view>()(client_id) % brokers_.size();
}

bool Hub::is_congested(std::size_t mail_bytes_max) const {
  return std::any_of(brokers_.begin(), brokers_.end(), [&](const ShardBroker* broker) { return broker->mail_bytes() > mail_bytes_max; });
}

ShardBroker::ShardBroker(Shard& shard, const Settings& settings, const Authority& authority, Hub& hub, std::function<Now()> clock)
    : shard_(shard),
      settings_(settings),
      authority_(authority),
      hub_(hub),
      clock_(std::move(clock)),
      core_(settings, authority, hub.retained(), *this, [] { return text::random_uuid(); }) {}

ShardBroker::~ShardBroker() = default;

void ShardBroker::connect_to(Recorder& recorder, MessageObserver& observer) {
  recorder_ = &recorder;
  observer_ = &observer;
}

// Entry.

void ShardBroker::accept(net::Transport transport) {
  if (stopping_) return;
  auto link = std::make_shared<Link>(next_connection_id(), std::move(transport));
  const auto deadline_ms = clock_().mono.ms + static_cast<std::int64_t>(settings_.connect_wait_s) * 1000;
  doorstep_.emplace_back(MonoTime{deadline_ms}, link);
  shard_.spawn(greet(std::move(link)));
}

// Reads until the CONNECT is whole, then hands the connection to the shard of its client id.
Task<void> ShardBroker::greet(LinkPtr link) {
  Doorstep doorstep(settings_);
  for (;;) {
    const std::span<const char> bytes = co_await link->transport.read(shard_.read_buffer());
    if (bytes.empty()) co_return;
    std::optional<Doorstep::Decision> decision = doorstep.feed(bytes);
    if (!decision) continue;
    if (decision->refused) {
      log::info("broker", "refused a connection from " + link->transport.peer().address + ": " + decision->why);
      if (!decision->answer.empty()) link->transport.send(decision->answer);
      link->transport.close();
      co_return;
    }
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
  links_.emplace(id, link);
  core_.connect(id, link->transport.peer(), std::move(*decision.connect), decision.assigned_client_id,
                std::move(arrival.verdict), clock_());
  if (!decision.rest.empty()) core_.receive(id, decision.rest, clock_());
  settle();
  if (!link->closing) shard_.spawn(serve(std::move(link)));
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

Task<void> ShardBroker::serve(LinkPtr link) {
  for (;;) {
    const std::span<const char> bytes = co_await link->transport.read(shard_.read_buffer());
    if (link->closing) co_return;
    if (bytes.empty()) {
      const net::Transport::Ending ending = link->transport.ending();
      core_.lost(link->id, clock_(), reason_of(ending));
      links_.erase(link->id);
      settle();
      if (ending == net::Transport::Ending::lost) link->transport.abort();  // else a close frame is on its way
      co_return;
    }
    core_.receive(link->id, bytes, clock_());
    settle();
    if (link->closing) co_return;
    if (link->transport.unsent() > settings_.unread_bytes_max) {
      co_await link->transport.drained(settings_.unread_bytes_max);
      if (link->closing) co_return;
    }
    // A publisher waits while a shard has more mail than it can hand out: TCP makes its sender wait too.
    while (hub_.is_congested(settings_.mail_bytes_max)) {
      co_await sleep_for(congestion_pause);
      if (link->closing) co_return;
    }
  }
}

// Outputs.

ShardBroker::Link* ShardBroker::link_of(ConnectionId id) const {
  const auto found = links_.find(id);
  return found == links_.end() ? nullptr : found->second.get();
}

void ShardBroker::touch(const LinkPtr& link) {
  if (std::exchange(link->dirty, true)) return;
  dirty_.push_back(link);
}

void ShardBroker::send(ConnectionId to, std::string_view bytes) {
  const auto found = links_.find(to);
  if (found == links_.end()) return;
  found->second->out += bytes;
  touch(found->second);
}

void ShardBroker::send(ConnectionId to, const mqtt::PublishWire& wire, std::uint16_t packet_id, bool dup) {
  const auto found = links_.find(to);
  if (found == links_.end()) return;
  ++messages_delivered_;
  mqtt::append(wire, packet_id, dup, found->second->out);
  touch(found->second);
}

std::size_t ShardBroker::unsent(ConnectionId to) const {
  const Link* link = link_of(to);
  return link ? link->out.size() + link->transport.unsent() : 0;
}

void ShardBroker::close(ConnectionId connection) {
  const auto found = links_.find(connection);
  if (found == links_.end()) return;
  found->second->closing = true;
  touch(found->second);
  links_.erase(found);
}

void ShardBroker::record(Record record) { recorder_->record(std::move(record)); }

void ShardBroker::publish(MessagePtr message) {
  ++messages_received_;
  publish(message, {});
}

void ShardBroker::interest(std::string_view filter, bool wanted) {
  if (wanted) hub_.interest().add(filter, shard_.index());
  else hub_.interest().remove(filter, shard_.index());
}

void ShardBroker::membership(std::string_view filter, std::string_view client_id, Membership membership) {
  hub_.shared().set(filter, client_id, shard_.index(), membership);
}

// Messages.

void ShardBroker::publish(const MessagePtr& message, std::function<void()> finished) {
  if ((*message)->retain) hub_.retained().set(message);
  if (!is_basic_ingest((*message)->topic)) route(message);
  if (observer_->wants((*message)->topic)) observer_->on_message(message, std::move(finished));
  else if (finished) finished();
}

void ShardBroker::publish_event(const MessagePtr& message) {
  route(message);
  settle();
}

void ShardBroker::route(const MessagePtr& message) {
  std::uint64_t interested = hub_.interest().shards((*message)->topic);
  while (interested) {
    const auto index = static_cast<std::size_t>(__builtin_ctzll(interested));
    interested &= interested - 1;
    ShardBroker& broker = *hub_.brokers()[index];
    if (&broker == this) local_.push_back({message, {}});
    else broker.post(message);
  }
  hand_out(message, hub_.shared().pick((*message)->topic, (*message)->qos, settings_.parent_match));
}

void ShardBroker::hand_out(const MessagePtr& message, std::vector<SharedGroups::Pick> picks) {
  for (SharedGroups::Pick& pick : picks) {
    ShardBroker& broker = *hub_.brokers()[pick.shard];
    if (&broker == this) local_.push_back({message, std::move(pick)});
    else broker.post(message, std::move(pick));
  }
}

void ShardBroker::post(MessagePtr message) { put({std::move(message), {}}); }

void ShardBroker::post(MessagePtr message, SharedGroups::Pick pick) { put({std::move(message), std::move(pick)}); }

void ShardBroker::put(Mail mail) {
  bool was_empty;
  mail_bytes_.fetch_add(bytes_of(*mail.message), std::memory_order_relaxed);
  {
    std::lock_guard lock(mail_mutex_);
    was_empty = mail_.empty();
    mail_.push_back(std::move(mail));
  }
  if (was_empty) shard_.post([this] { take_mail(); });
}

void ShardBroker::deliver(const Mail& mail, Now now) {
  if (!mail.pick) return core_.deliver(mail.message, now);
  if (core_.deliver_shared(mail.message, mail.pick->client_id, mail.pick->filter, now)) return;
  hand_out(mail.message, hub_.shared().pick_again(mail.pick->filter, (*mail.message)->qos));
}

void ShardBroker::take_mail() {
  std::vector<Mail> mails;
  {
    std::lock_guard lock(mail_mutex_);
    mails.swap(mail_);
  }
  const Now at = clock_();
  std::size_t bytes = 0;
  for (const Mail& mail : mails) {
    deliver(mail, at);
    bytes += bytes_of(*mail.message);
  }
  mail_bytes_.fetch_sub(bytes, std::memory_order_relaxed);
  settle();
}

// Ends a turn: what was published here reaches the subscribers here, and what was gathered goes to the sockets.
void ShardBroker::settle() {
  while (!local_.empty()) {
    const std::vector<Mail> local = std::exchange(local_, {});
    const Now at = clock_();
    for (const Mail& mail : local) deliver(mail, at);
  }
  flush();
}

void ShardBroker::flush() {
  for (const LinkPtr& link : std::exchange(dirty_, {})) {
    link->dirty = false;
    if (!link->out.empty()) link->transport.send(link->out);
    link->out.clear();
    if (link->out.capacity() > 4096) link->out.shrink_to_fit();
    if (link->closing) link->transport.close();
  }
}

void ShardBroker::recorded(ConnectionId id) {
  core_.recorded(id, clock_());
  settle();
}

void ShardBroker::restore(ClientState state) {
  core_.restore(std::move(state), clock_());
  settle();
}

bool ShardBroker::disconnect(std::string_view client_id, const Core::Ending& ending) {
  const bool found = core_.disconnect(client_id, ending, clock_());
  settle();
  return found;
}

void ShardBroker::tick() {
  const Now at = clock_();
  while (!doorstep_.empty() && (doorstep_.front().second.expired() || doorstep_.front().first <= at.mono)) {
    if (const LinkPtr link = doorstep_.front().second.lock(); link && !link->greeted) link->transport.abort();
    doorstep_.pop_front();
  }
  core_.tick(at);
  settle();
}

void ShardBroker::stop() {
  stopping_ = true;
  core_.stop(clock_());
  settle();
}

}  // namespace croft::broker
