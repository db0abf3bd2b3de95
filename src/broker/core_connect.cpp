#include "broker/core.h"
#include "broker/core_send.h"
#include "mqtt/limits.h"
#include "mqtt/encoder.h"
#include "observe/log.h"
#include "types/assert.h"

namespace croft::broker {

using mqtt::ReasonCode;
using Type = LifecycleEvent::Type;

static constexpr std::size_t wheel_seconds = 2048;  // AWS's longest keep-alive time-out, 1.5 x 1200 s, fits
static constexpr std::int64_t wheel_ms_max = (wheel_seconds - 2) * 1000;  // who is due later is looked at meanwhile

Core::Core(const Settings& settings, const Authority& authority, Retained& retained, Outputs& outputs,
           std::function<std::string()> uuid)
    : settings_(settings),
      authority_(authority),
      retained_(retained),
      outputs_(outputs),
      uuid_(std::move(uuid)),
      keep_alive_wheel_(wheel_seconds) {}

Core::~Core() = default;

static LifecycleEvent event_of(Type type, const ClientState& client, Timestamp at) {
  return {.type = type,
          .client_id = client.client_id,
          .thing_name = client.thing_name,
          .timestamp = at,
          .session_identifier = client.session_identifier.text(),
          .principal = client.principal,
          .ip_address = client.address,
          .version = client.version,
          .reason = type == Type::disconnected ? client.reason : DisconnectReason::none};
}

// The rows of session messages go with it: what the record says of a session, they follow.
void Core::record(Record record) {
  record.rows = std::exchange(outputs_.turn_rows(), Batch());
  if (!settings_.wildcard_ids)
    std::erase_if(record.events, [](const LifecycleEvent& event) { return !is_published(event.client_id); });
  outputs_.record(std::move(record));
}

// A client that is known but may not connect is told about, so that rules can see it.
// Source: AWS IoT developer guide, "Lifecycle events", connect_failed.
void Core::refuse_connect(Outlet& outlet, const mqtt::Connect& packet, const net::Peer& peer,
                          const Authority::Verdict& verdict, Now now) {
  ++counters_.refused_connects;
  log::info("broker", "refused client '" + packet.client_id + "' from " + peer.address + ": " + verdict.why);
  if (!verdict.principal.empty()) {
    Record failed;
    failed.events.push_back({.type = Type::connect_failed,
                             .client_id = packet.client_id,
                             .thing_name = verdict.thing_name,
                             .timestamp = now.wall,
                             .session_identifier = uuid_(),
                             .principal = verdict.principal,
                             .ip_address = peer.address});
    record(std::move(failed));
  }
  if (packet.version == mqtt::Version::v5 || mqtt::has_return_code(verdict.reason))
    mqtt::encode(mqtt::Connack{.reason = verdict.reason}, packet.version, outlet.bytes());
  outputs_.close(outlet);
}

// The reason to refuse a CONNECT that its principal may send, or nothing.
std::optional<ReasonCode> Core::judge_connect(const mqtt::Connect& packet, const Authority::Verdict& verdict) const {
  if (verdict.rights && !verdict.rights->may_stay()) return ReasonCode::not_authorized;  // revoked since it was admitted
  const mqtt::PropertyBlock* properties = packet.properties.get();
  if (properties && properties->authentication_method) return ReasonCode::bad_authentication_method;
  if (properties && properties->maximum_packet_size.value_or(UINT32_MAX) < settings_.client_packet_bytes_min)
    return ReasonCode::packet_too_large;
  if (connections_.size() >= settings_.connections_max) return ReasonCode::quota_exceeded;
  if (!packet.will) return std::nullopt;
  if (packet.will->qos > settings_.maximum_qos) return ReasonCode::qos_not_supported;
  if (!is_will_topic(packet.will->topic, packet.will->retain)) return ReasonCode::topic_name_invalid;
  if (verdict.rights && !verdict.rights->may_publish(packet.will->topic, packet.will->retain))
    return ReasonCode::not_authorized;
  return std::nullopt;
}

void Core::connect(ConnectionId id, std::shared_ptr<Outlet> outlet, const net::Peer& peer, mqtt::Connect packet,
                   bool assigned_client_id, Authority::Verdict verdict, Now now) {
  if (verdict.reason == ReasonCode::success) {
    if (auto refusal = judge_connect(packet, verdict)) {
      verdict.reason = *refusal;
      verdict.why = std::string("CONNECT: ") + std::string(mqtt::name(*refusal));
      if (*refusal != ReasonCode::not_authorized) verdict.principal.clear();  // no connect_failed: it is no question of rights
    }
  }
  auto known = clients_.find(packet.client_id);
  const bool too_often = known != clients_.end() && !(*known)->connects.allow(settings_.connects_per_s_max, now);
  if (verdict.reason == ReasonCode::success && too_often) {
    verdict.reason = ReasonCode::quota_exceeded;
    verdict.why = "more connects of this client id than connects-per-second";
    verdict.principal.clear();
  }
  if (verdict.reason != ReasonCode::success) return refuse_connect(*outlet, packet, peer, verdict, now);

  const bool is_new = known == clients_.end();
  if (is_new) {
    auto owned = std::make_unique<Client>();
    owned->state.client_id = packet.client_id;
    (void)owned->connects.allow(settings_.connects_per_s_max, now);
    known = clients_.insert(std::move(owned)).first;
  }
  Client& client = **known;
  cancel_expiry(client);
  Record change;
  const std::uint64_t version = next_version(client, !is_new, now);
  if (client.connection) take_over(client, change.events, now);
  const bool present = start_session(client, packet, now);
  settle_pending_will(client, present, now);

  ClientState& state = client.state;
  state.connected = true;
  state.version = version;
  state.session_identifier = text::Uuid(uuid_());
  state.principal = verdict.principal;
  state.thing_name = verdict.thing_name;
  state.address = peer.address;
  state.since = now.wall;
  state.reason = DisconnectReason::none;
  state.will = packet.will ? std::make_shared<const mqtt::Will>(std::move(*packet.will)) : nullptr;

  Connection& connection = make_connection(id, peer, packet, now);
  connection.client = &client;
  connection.outlet = std::move(outlet);
  connection.rights = std::move(verdict.rights);
  if (verdict.life_s > 0) connection.limit_life(now, verdict.life_s, DisconnectReason::customauth_ttl_expiration);
  connection.handshake = std::make_unique<Handshake>();
  connection.handshake->connack = accept(connection, packet, present, assigned_client_id);
  client.connection = &connection;
  tell_groups(client, Membership::here);
  change.row = state;
  change.events.push_back(event_of(Type::connected, state, now.wall));
  change.then = id;
  record(std::move(change));
}

Connection& Core::make_connection(ConnectionId id, const net::Peer& peer, mqtt::Connect& packet, Now now) {
  Connection& connection = connections_.try_emplace(id, id, settings_.packet_bytes_max).first->second;
  connection.version = packet.version;
  connection.decoder.set_version(packet.version);
  connection.last_input = now.mono;
  if (peer.websocket) connection.limit_life(now, settings_.websocket_life_s, DisconnectReason::websocket_ttl_expiration);
  connection.receive_maximum = settings_.receive_maximum;
  if (const mqtt::PropertyBlock* properties = packet.properties.get()) {
    connection.wants_problem_information = properties->request_problem_information.value_or(true);
    connection.receive_maximum = std::min(properties->receive_maximum.value_or(65'535), settings_.receive_maximum);
    connection.maximum_packet_size = properties->maximum_packet_size.value_or(UINT32_MAX);
    connection.told_aliases_max = std::min(properties->topic_alias_maximum.value_or(0), settings_.topic_alias_maximum);
  }
  return connection;
}

// Both events of a connection carry one number; it grows with each connection of the client id and starts again at 0
// when the client was away for an hour (a persistent session: for longer than its expiry).
// Source: AWS IoT developer guide, "Lifecycle events", versionNumber.
std::uint64_t Core::next_version(const Client& client, bool known, Now now) const {
  if (!known) return 0;
  if (client.connection || client.state.connected) return client.state.version + 1;
  return now.wall.ms >= kept_until_ms(client.state) ? 0 : client.state.version + 1;
}

static std::uint32_t session_expiry_of(const mqtt::Connect& packet, const Settings& settings) {
  if (packet.version == mqtt::Version::v3_1_1) return packet.clean_start ? 0 : settings.session_expiry_default_s;
  const mqtt::PropertyBlock* properties = packet.properties.get();
  const std::uint32_t wanted = properties ? properties->session_expiry_interval.value_or(0) : 0;
  return std::min(wanted, settings.session_expiry_max_s);
}

static std::uint16_t keep_alive_of(const mqtt::Connect& packet, const Settings& settings) {
  if (packet.keep_alive_s == 0) return settings.keep_alive_may_be_none ? 0 : settings.keep_alive_max_s;
  return std::clamp(packet.keep_alive_s, settings.keep_alive_min_s, settings.keep_alive_max_s);
}

// Resumes the stored session or makes a new one; true when it was there. A session of the other protocol version is
// not resumed (AWS).
bool Core::start_session(Client& client, const mqtt::Connect& packet, Now now) {
  const bool expired = !client.state.connected && has_session_ended(client.state, now);
  const bool lasts = client.session && client.state.session_expiry_s > 0 && !expired;
  const bool resumable = lasts && client.state.protocol == packet.version;
  const bool present = resumable && !packet.clean_start;
  if (!present) {
    drop_session(client);
    client.session = std::make_unique<Session>();
    client.session->stored = session_expiry_of(packet, settings_) > 0;
    if (client.session->stored) ++stored_sessions_;
  }
  client.state.keep_alive_s = keep_alive_of(packet, settings_);
  client.state.protocol = packet.version;
  client.state.clean_start = packet.clean_start;
  client.state.session_expiry_s = session_expiry_of(packet, settings_);
  client.state.subscriptions.clear();
  if (client.state.session_expiry_s > 0)
    for (const auto& [filter, subscription] : client.session->subscriptions) client.state.subscriptions.push_back(subscription);
  return present;
}

mqtt::Connack Core::accept(const Connection& connection, const mqtt::Connect& packet, bool present, bool assigned) const {
  mqtt::Connack connack{.session_present = present};
  if (packet.version != mqtt::Version::v5) return connack;
  mqtt::PropertyBlock& properties = connack.properties.edit();
  const mqtt::PropertyBlock* asked = packet.properties.get();
  const std::uint32_t expiry = session_expiry_of(packet, settings_);
  if (asked && asked->session_expiry_interval.value_or(expiry) != expiry) properties.session_expiry_interval = expiry;
  const std::uint16_t keep_alive = keep_alive_of(packet, settings_);
  if (keep_alive != packet.keep_alive_s) properties.server_keep_alive = keep_alive;
  if (settings_.receive_maximum < UINT16_MAX) properties.receive_maximum = settings_.receive_maximum;
  if (settings_.maximum_qos < mqtt::QoS::exactly_once) properties.maximum_qos = static_cast<std::uint8_t>(settings_.maximum_qos);
  if (settings_.packet_bytes_max < mqtt::limits::packet_bytes_max) properties.maximum_packet_size = settings_.packet_bytes_max;
  if (!settings_.subscription_identifiers) properties.subscription_identifier_available = false;
  if (settings_.announces_features) {
    properties.retain_available = true;
    properties.wildcard_subscription_available = true;
    properties.shared_subscription_available = true;
  }
  properties.topic_alias_maximum = settings_.topic_alias_maximum;
  if (assigned) properties.assigned_client_identifier = connection.client ? connection.client->state.client_id : packet.client_id;
  return connack;
}

// The old connection of a client id ends before the new one begins: disconnected(n), then connected(n + 1).
void Core::take_over(Client& client, std::vector<LifecycleEvent>& events, Now now) {
  Connection& old = *client.connection;
  if (old.version == mqtt::Version::v5 && old.established)
    answer(old, mqtt::Disconnect{.reason = ReasonCode::session_taken_over}, old.outlet->farewell());
  events.push_back(detach(old, DisconnectReason::duplicate_clientid, now, true));
}

void Core::recorded(ConnectionId id, Now now) {
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;  // ended meanwhile; its end is recorded behind its beginning
  Connection& connection = found->second;
  CROFT_ASSERT(!connection.established);
  connection.established = true;
  ++counters_.connects;
  connection.last_input = now.mono;
  const std::uint32_t keep_alive_s = connection.client->state.keep_alive_s;
  connection.keep_alive_ms = keep_alive_s * 1500;
  watch_keep_alive(connection, now);
  const std::unique_ptr<Handshake> handshake = std::move(connection.handshake);
  send(connection, handshake->connack);
  connection.last_progress = now.mono;
  begin_resending(*connection.client);
  send_queued(*connection.client, now);
  fetch(*connection.client, now);
  process(connection, handshake->early, now);
}

void Core::lost(ConnectionId id, Now now, DisconnectReason reason) {
  const auto found = connections_.find(id);
  if (found != connections_.end()) end(found->second, reason, now, reason != DisconnectReason::client_initiated_disconnect);
}

// Ends a connection and its record; `connection` is gone afterwards.
void Core::end(Connection& connection, DisconnectReason reason, Now now, bool publish_will) {
  Client& client = *connection.client;
  Record change;
  change.events.push_back(detach(connection, reason, now, publish_will));
  if (client.state.session_expiry_s == 0) drop_session(client);
  change.row = client.state;
  record(std::move(change));
  schedule_expiry(client);
}

// Takes the connection off its client and closes it; the client's session stays. Returns the event to be recorded.
LifecycleEvent Core::detach(Connection& connection, DisconnectReason reason, Now now, bool publish_will) {
  Client& client = *connection.client;
  client.connection = nullptr;
  tell_groups(client, Membership::away);
  client.state.connected = false;
  client.state.since = now.wall;
  client.state.reason = reason;
  ++counters_.disconnects;
  if (connection.published && connection.published->untold > 0) tell_published(connection);
  release_sources(client);
  if (client.state.session_expiry_s > 0) hand_on_waiting(client, "");
  if (publish_will) leave_will(connection, now);
  else client.state.will.reset();
  LifecycleEvent event = event_of(Type::disconnected, client.state, now.wall);
  outputs_.close(*connection.outlet);
  connections_.erase(connection.id);
  return event;
}

void Core::end_with(Connection& connection, ReasonCode code, DisconnectReason reason, Now now) {
  if (connection.version == mqtt::Version::v5 && connection.established)
    answer(connection, mqtt::Disconnect{.reason = code}, connection.outlet->farewell());
  end(connection, reason, now);
}

void Core::drop_session(Client& client) {
  if (!client.session) return;
  while (!client.session->subscriptions.empty()) {
    const std::string filter = client.session->subscriptions.begin()->first;
    remove_subscription(client, filter);
  }
  release_sources(client);
  hand_on_session(client);
  const DeliveryQueue& deliveries = client.session->deliveries;
  queued_bytes_ -= deliveries.bytes();
  if (client.session->stored) {
    session_rows::erase_session(outputs_.turn_rows(), client.state.client_id);
    --stored_sessions_;
  }
  client.session.reset();
  client.state.subscriptions.clear();
}

// A client that is away is remembered for its version's sake and for its session's.
std::int64_t Core::kept_until_ms(const ClientState& client) const {
  return client.since.ms + std::max<std::int64_t>(settings_.version_reset_ms, std::int64_t{client.session_expiry_s} * 1000);
}

bool Core::has_session_ended(const ClientState& client, Now now) const {
  return now.wall.ms - client.since.ms >= std::int64_t{client.session_expiry_s} * 1000;
}

// One entry for each client that is away: when its session ends, or when it is forgotten.
void Core::schedule_expiry(Client& client) {
  cancel_expiry(client);
  const ClientState& state = client.state;
  const std::int64_t session_end_ms = state.since.ms + std::int64_t{state.session_expiry_s} * 1000;
  client.expires_at_ms = client.session ? session_end_ms : kept_until_ms(state);
  expiries_.emplace(client.expires_at_ms, &client);
}

void Core::cancel_expiry(Client& client) {
  if (client.expires_at_ms >= 0) expiries_.erase({client.expires_at_ms, &client});
  client.expires_at_ms = -1;
}

// Ends the sessions of clients that stayed away, and forgets those whose version's life is over too.
void Core::expire_clients(Now now) {
  while (!expiries_.empty() && expiries_.begin()->first <= now.wall.ms) {
    Client& client = *expiries_.begin()->second;
    cancel_expiry(client);
    if (client.session) {
      settle_pending_will(client, false, now);
      drop_session(client);
      record({.row = client.state});
    }
    if (kept_until_ms(client.state) > now.wall.ms) {
      schedule_expiry(client);
      continue;
    }
    const std::string client_id = client.state.client_id;
    clients_.erase(clients_.find(client_id));
    record({.erased_client = client_id});
  }
}

void Core::watch_keep_alive(Connection& connection, Now now) {
  const std::int64_t silence_ms = connection.keep_alive_ms > 0 ? connection.last_input.ms + connection.keep_alive_ms : INT64_MAX;
  const std::int64_t due_ms = std::min({silence_ms, connection.end_of_life.ms, now.mono.ms + wheel_ms_max});
  const std::int64_t due_s = (std::max(due_ms, now.mono.ms) / 1000) + 1;
  keep_alive_wheel_[static_cast<std::size_t>(due_s) % wheel_seconds].push_back(connection.id);
}

// Visits the buckets of the seconds that passed; a connection that spoke meanwhile is put into a later one.
void Core::check_keep_alives(Now now) {
  const std::int64_t second = now.mono.ms / 1000;
  if (wheel_second_ < 0) wheel_second_ = second - 1;
  wheel_second_ = std::max(wheel_second_, second - static_cast<std::int64_t>(wheel_seconds));
  while (wheel_second_ < second) {
    ++wheel_second_;
    for (ConnectionId id : std::exchange(keep_alive_wheel_[static_cast<std::size_t>(wheel_second_) % wheel_seconds], {})) {
      const auto found = connections_.find(id);
      if (found == connections_.end()) continue;
      Connection& connection = found->second;
      if (connection.keep_alive_ms > 0 && now.mono.ms - connection.last_input.ms >= connection.keep_alive_ms) {
        end_with(connection, ReasonCode::keep_alive_timeout, DisconnectReason::mqtt_keep_alive_timeout, now);
      } else if (now.mono >= connection.end_of_life) {
        end_with(connection, ReasonCode::maximum_connect_time, connection.end_of_life_reason, now);
      } else {
        watch_keep_alive(connection, now);
      }
    }
  }
}

// AWS ends the connections of a certificate that leaves ACTIVE within minutes; here it takes a tick.
// Source: AWS IoT API Reference, UpdateCertificate.
void Core::end_revoked(Now now) {
  const std::uint64_t revision = authority_.revision();
  if (std::exchange(rights_revision_, revision) == revision) return;
  std::vector<ConnectionId> revoked;
  for (const auto& [id, connection] : connections_)
    if (connection.rights && !connection.rights->may_stay()) revoked.push_back(id);
  for (ConnectionId id : revoked) {
    const auto found = connections_.find(id);
    if (found != connections_.end()) end_with(found->second, ReasonCode::not_authorized, DisconnectReason::auth_error, now);
  }
}

void Core::tick(Now now) {
  publish_due_wills(now);
  release_stalled(now);
  fetch_more(now);
  end_revoked(now);
  check_keep_alives(now);
  expire_clients(now);
}

void Core::restore(StoredClient stored, Now now) {
  auto owned = std::make_unique<Client>();
  Client& client = *owned;
  ClientState& state = client.state;
  state = std::move(stored.state);
  clients_.insert(std::move(owned));
  if (state.session_expiry_s > 0) restore_session(client, std::move(stored), now);
  if (state.connected) restore_connected(client, now);
  else if (state.will) leave_stored_will(client, now);
  schedule_expiry(client);
}

void Core::restore_session(Client& client, StoredClient stored, Now now) {
  client.session = std::make_unique<Session>();
  client.session->stored = true;
  ++stored_sessions_;
  const auto subscriptions = client.state.subscriptions;
  for (const SubscriptionState& subscription : subscriptions) add_subscription(client, subscription);
  client.session->received_qos2 = std::move(stored.received_qos2);
  for (StoredClient::Message& message : stored.deliveries) {
    const bool released = message.delivery.state == Delivery::State::released;
    if (!released && message.delivery.message->has_expired(now.wall)) {
      session_rows::erase_delivery(outputs_.turn_rows(), client.state.client_id, message.number);
      continue;
    }
    queued_bytes_ += message.delivery.message->bytes();
    client.session->deliveries.restore(message.number, std::move(message.delivery));
  }
}

// Its connection went down with the earlier process.
void Core::restore_connected(Client& client, Now now) {
  ClientState& state = client.state;
  state.connected = false;
  state.since = now.wall;
  state.reason = DisconnectReason::server_error;
  if (state.will) leave_stored_will(client, now);
  Record change{.row = state};
  change.events.push_back(event_of(Type::disconnected, state, now.wall));
  record(std::move(change));
}

bool Core::disconnect(std::string_view client_id, const Ending& ending, Now now) {
  const auto found = clients_.find(client_id);
  if (found == clients_.end() || !(*found)->connection) return false;
  Connection& connection = *(*found)->connection;
  if (!ending.publish_will) (*found)->state.will.reset();
  if (!ending.keep_session) (*found)->state.session_expiry_s = 0;
  end_with(connection, ending.code, ending.reason, now);
  return true;
}

void Core::stop(Now now) {
  stopping_ = true;
  publish_due_wills(now);
  while (!connections_.empty()) {
    end_with(connections_.begin()->second, ReasonCode::server_shutting_down, DisconnectReason::server_initiated_disconnect, now);
  }
}

void Core::each_client(const std::function<void(const ClientState&)>& visit) const {
  for (const auto& client : clients_) visit(client->state);
}

// Made when it is needed: most connections are silent most of the time.
const SourcePtr& Core::source_of(Connection& connection) {
  SourcePtr& known = connection.publisher().source;
  if (known) return known;
  const ClientState& state = connection.client->state;
  auto source = std::make_shared<Source>();
  source->client_id = state.client_id;
  source->principal = state.principal;
  source->source_ip = state.address;
  source->unblocked = connection.outlet->on_unblocked();
  known = std::move(source);
  connection.outlet->publishes_as(known);
  return known;
}

const Connection* Core::connection(ConnectionId id) const {
  const auto found = connections_.find(id);
  return found == connections_.end() ? nullptr : &found->second;
}

const Client* Core::find(std::string_view client_id) const {
  const auto found = clients_.find(client_id);
  return found == clients_.end() ? nullptr : found->get();
}

}  // namespace croft::broker
