#include "broker/basic_ingest.h"
#include "broker/core.h"
#include "broker/core_send.h"
#include "types/assert.h"

namespace croft::broker {

using mqtt::QoS;
using mqtt::ReasonCode;

Core::Outcome Core::handle_subscribe(Connection& connection, const mqtt::Subscribe& packet, Now now) {
  const mqtt::PropertyBlock* properties = packet.properties.get();
  const std::uint32_t identifier =
      properties && !properties->subscription_identifiers.empty() ? properties->subscription_identifiers.front() : 0;
  mqtt::Suback suback{.packet_id = packet.packet_id};
  std::vector<Queued> retained;
  std::vector<std::string> accepted;
  for (const mqtt::Subscription& wanted : packet.subscriptions) {
    const bool too_many = suback.reasons.size() >= settings_.subscriptions_per_packet_max;
    const ReasonCode reason = too_many ? ReasonCode::quota_exceeded : subscribe_one(connection, wanted, identifier, retained, now);
    if (static_cast<unsigned>(reason) < 0x80) accepted.push_back(wanted.filter);
    suback.reasons.push_back(reason);
  }
  send(connection, suback);
  Client& client = *connection.client;
  if (!accepted.empty()) record_subscriptions(client, LifecycleEvent::Type::subscribed, std::move(accepted), now);
  for (Queued& message : retained) deliver_to(client, std::move(message), now);
  return Outcome::go_on;
}

// Of the reserved topics AWS knows, Basic Ingest has no subscribers.
// Source: AWS IoT developer guide, "Reserved topics".
static bool is_subscribable(std::string_view reserved) {
  return reserved.starts_with("$aws/") && !is_basic_ingest(reserved);
}

// Why a filter cannot be subscribed to. Of a shared one the name and the filter count on their own.
// Source: AWS IoT developer guide, "Shared subscriptions", "Reserved topics".
std::optional<ReasonCode> Core::judge_filter(std::string_view filter) const {
  if (!mqtt::is_valid_filter(filter)) return ReasonCode::topic_filter_invalid;
  if (const auto shared = mqtt::parse_shared(filter)) {
    if (shared->group.size() > settings_.share_name_bytes_max) return ReasonCode::topic_filter_invalid;
    filter = shared->filter;
  }
  if (filter.size() > settings_.topic_bytes_max || mqtt::level_count(filter) > settings_.topic_levels_max)
    return ReasonCode::topic_filter_invalid;
  if (filter.starts_with('$') && !is_subscribable(filter)) return ReasonCode::topic_filter_invalid;
  return std::nullopt;
}

// Adds one subscription and what it gets of the retained messages; returns its place of the SUBACK.
ReasonCode Core::subscribe_one(Connection& connection, const mqtt::Subscription& wanted, std::uint32_t identifier,
                               std::vector<Queued>& retained, Now now) {
  if (const auto refusal = judge_filter(wanted.filter)) return *refusal;
  if (connection.rights && !connection.rights->may_subscribe(wanted.filter)) return ReasonCode::not_authorized;
  Client& client = *connection.client;
  const bool known = client.session->subscriptions.contains(wanted.filter);
  if (!known && client.session->subscriptions.size() >= settings_.subscriptions_max) return ReasonCode::quota_exceeded;

  mqtt::Subscription granted = wanted;
  granted.qos = std::min(wanted.qos, settings_.maximum_qos);
  add_subscription(client, {granted, identifier});
  if (mqtt::is_shared(wanted.filter)) return static_cast<ReasonCode>(granted.qos);  // gets no retained messages (4.8.2)
  const bool exact = !mqtt::has_wildcard(wanted.filter);
  const bool wants_retained = wanted.retain_handling == 0 || (wanted.retain_handling == 1 && !known);
  if (wants_retained && (exact || settings_.retained_to_wildcards)) {
    for (MessagePtr& message : retained_.match(wanted.filter, settings_.parent_match, now.wall)) {
      const QoS qos = std::min((*message)->qos, granted.qos);
      retained.push_back({std::move(message), qos, identifier, true});
    }
  }
  return static_cast<ReasonCode>(granted.qos);
}

Core::Outcome Core::handle_unsubscribe(Connection& connection, const mqtt::Unsubscribe& packet, Now now) {
  mqtt::Unsuback unsuback{.packet_id = packet.packet_id};
  std::vector<std::string> removed;
  Client& client = *connection.client;
  for (const std::string& filter : packet.filters) {
    const bool known = client.session->subscriptions.contains(filter);
    if (known) {
      remove_subscription(client, filter);
      removed.push_back(filter);
    }
    unsuback.reasons.push_back(known ? ReasonCode::success : ReasonCode::no_subscription_existed);
  }
  send(connection, unsuback);
  if (!removed.empty()) record_subscriptions(client, LifecycleEvent::Type::unsubscribed, std::move(removed), now);
  return Outcome::go_on;
}

void Core::record_subscriptions(Client& client, LifecycleEvent::Type type, std::vector<std::string> topics, Now now) {
  Record change;
  if (client.state.session_expiry_s > 0) {
    client.state.subscriptions.clear();
    for (const auto& [filter, state] : client.session->subscriptions) client.state.subscriptions.push_back(state);
    change.row = client.state;
  }
  change.events.push_back({.type = type,
                           .client_id = client.state.client_id,
                           .thing_name = client.state.thing_name,
                           .timestamp = now.wall,
                           .session_identifier = client.state.session_identifier,
                           .principal = client.state.principal,
                           .topics = std::move(topics)});
  record(std::move(change));
}

void Core::add_subscription(Client& client, SubscriptionState state) {
  const std::string filter = state.subscription.filter;
  auto [slot, is_new] = client.session->subscriptions.insert_or_assign(filter, std::move(state));
  if (mqtt::is_shared(filter)) {
    if (is_new) ++client.session->shared_subscriptions;
    return outputs_.membership(filter, client.state.client_id, client.connection ? Membership::here : Membership::away);
  }
  trie_.insert(filter, Subscriber{&client, &slot->second});
  if (is_new) outputs_.interest(filter, true);
}

void Core::remove_subscription(Client& client, std::string_view filter) {
  const auto found = client.session->subscriptions.find(filter);
  CROFT_ASSERT(found != client.session->subscriptions.end());
  if (mqtt::is_shared(filter)) {
    --client.session->shared_subscriptions;
    outputs_.membership(filter, client.state.client_id, Membership::none);
  } else {
    CROFT_ASSERT(trie_.erase(filter, Subscriber{&client, nullptr}));
    outputs_.interest(filter, false);
  }
  client.session->subscriptions.erase(found);
}

void Core::tell_groups(const Client& client, Membership membership) {
  if (!client.session || client.session->shared_subscriptions == 0) return;
  for (const auto& [filter, state] : client.session->subscriptions)
    if (mqtt::is_shared(filter)) outputs_.membership(filter, client.state.client_id, membership);
}

bool Core::deliver_shared(const MessagePtr& message, std::string_view client_id, std::string_view filter, Now now) {
  if ((*message)->expires_at && *(*message)->expires_at <= now.wall) return true;
  const auto client = clients_.find(std::string(client_id));
  if (client == clients_.end() || !client->second->session) return false;
  const auto& subscriptions = client->second->session->subscriptions;
  const auto found = subscriptions.find(filter);
  if (found == subscriptions.end()) return false;
  const SubscriptionState& state = found->second;
  const bool retain = state.subscription.retain_as_published && (*message)->retain;
  deliver_to(*client->second, {message, std::min((*message)->qos, state.subscription.qos), state.identifier, retain}, now);
  return true;
}

// Overlapping subscriptions of one client give one copy each, as MQTT 5.0, 3.3.4 allows, with its own identifier.
void Core::deliver(const MessagePtr& message, Now now) {
  if ((*message)->expires_at && *(*message)->expires_at <= now.wall) return;
  trie_.match((*message)->topic, settings_.parent_match, [&](const Subscriber& subscriber) {
    const SubscriptionState& state = *subscriber.subscription;
    if (state.subscription.no_local && subscriber.client->state.client_id == (*message)->client_id) return;
    const QoS qos = std::min((*message)->qos, state.subscription.qos);
    const bool retain = state.subscription.retain_as_published && (*message)->retain;
    deliver_to(*subscriber.client, {message, qos, state.identifier, retain}, now);
  });
}

void Core::deliver_to(Client& client, Queued queued, Now now) {
  Connection* connection = client.connection;
  const bool live = connection && connection->established;
  if (connection && connection->rights && !connection->rights->may_receive((*queued.message)->topic)) return;
  if (queued.qos == QoS::at_most_once) {  // not stored for anyone who is away or does not read
    if (live && outputs_.unsent(connection->id) < settings_.unsent_bytes_max) (void)transmit(*connection, queued, 0, false, now);
    return;
  }
  push(*client.session, std::move(queued));
  if (live) send_queued(client, now);
}

// Over its limits a queue loses the newcomer: what waits longest stays.
void Core::push(Session& session, Queued queued) {
  const std::size_t bytes = bytes_of(*queued.message);
  if (session.queue.size() >= settings_.queued_messages_max || session.queued_bytes + bytes > settings_.queued_bytes_max) return;
  session.queued_bytes += bytes;
  session.queue.push_back(std::move(queued));
}

std::uint16_t Core::free_packet_id(Session& session) const {
  for (;;) {  // in_flight holds at most receive_maximum ids
    const std::uint16_t id = session.next_packet_id;
    session.next_packet_id = id == 65'535 ? 1 : static_cast<std::uint16_t>(id + 1);
    if (!session.in_flight.contains(id)) return id;
  }
}

// What was in flight on an earlier connection first, then what waits, as far as the client's Receive Maximum lets it.
// Source: MQTT 5.0, 4.4, 4.9.
void Core::send_queued(Client& client, Now now) {
  Session& session = *client.session;
  Connection& connection = *client.connection;
  while (connection.unacknowledged < connection.receive_maximum) {
    if (!connection.to_resend.empty()) {
      const std::uint16_t packet_id = connection.to_resend.front();
      connection.to_resend.pop_front();
      resend(client, packet_id, now);
    } else if (!session.queue.empty()) {
      send_next(client, now);
    } else {
      return;
    }
  }
}

void Core::send_next(Client& client, Now now) {
  Session& session = *client.session;
  Connection& connection = *client.connection;
  Queued next = std::move(session.queue.front());
  session.queue.pop_front();
  session.queued_bytes -= bytes_of(*next.message);
  if ((*next.message)->expires_at && *(*next.message)->expires_at <= now.wall) return;
  if (connection.rights && !connection.rights->may_receive((*next.message)->topic)) return;  // it may have waited long
  const std::uint16_t packet_id = free_packet_id(session);
  if (!transmit(connection, next, packet_id, false, now)) return;
  session.in_flight[packet_id] = {next.message, next.qos, false, next.identifier, next.retain, true};
  ++connection.unacknowledged;
}

// The first topics of a connection whose client takes aliases get one: it is told with the topic once, then stands for
// it. Source: MQTT 5.0, 3.3.2.3.4.
static std::optional<std::uint16_t> alias_of(const Connection& connection, const std::string& topic, bool& known) {
  if (connection.told_aliases_max == 0) return std::nullopt;
  const auto told = connection.told_aliases.find(topic);
  known = told != connection.told_aliases.end();
  if (known) return told->second;
  if (connection.told_aliases.size() >= connection.told_aliases_max) return std::nullopt;
  return static_cast<std::uint16_t>(connection.told_aliases.size() + 1);
}

// False when the message is larger than the client takes: it is never sent, as if the delivery were complete.
// Source: MQTT 5.0, 3.1.2.11.4.
bool Core::transmit(Connection& connection, const Queued& queued, std::uint16_t packet_id, bool dup, Now now) {
  const Message& message = *queued.message;
  mqtt::ReceiverProperties own;
  if (queued.identifier != 0) own.subscription_identifiers = {&queued.identifier, 1};
  own.topic_alias = alias_of(connection, message->topic, own.topic_is_known);
  const bool counts_down = message->expires_at && connection.version == mqtt::Version::v5;
  if (counts_down)
    own.message_expiry_interval = static_cast<std::uint32_t>(std::max<std::int64_t>(message->expires_at->ms - now.wall.ms, 0) / 1000);
  if (!queued.retain && queued.identifier == 0 && !own.topic_alias && !counts_down) {
    const mqtt::PublishWire& wire = message.wire(connection.version, queued.qos);
    if (wire.size() > connection.maximum_packet_size) return false;
    outputs_.send(connection.id, wire, packet_id, dup);
    return true;
  }
  mqtt::PublishView view = message.view(queued.qos, queued.retain);
  view.packet_id = packet_id;
  view.dup = dup;
  std::string bytes;
  mqtt::encode(view, connection.version, own, bytes);
  if (bytes.size() > connection.maximum_packet_size) return false;
  outputs_.send(connection.id, bytes);
  if (own.topic_alias && !own.topic_is_known) connection.told_aliases.emplace(message->topic, *own.topic_alias);
  return true;
}

// What waited for a client that is back with other rights, and may not have it any more, goes.
void Core::drop_forbidden(Client& client) {
  Session& session = *client.session;
  const Connection& connection = *client.connection;
  if (!connection.rights) return;
  std::erase_if(session.queue, [&](const Queued& queued) {
    const bool forbidden = !connection.rights->may_receive((*queued.message)->topic);
    if (forbidden) session.queued_bytes -= bytes_of(*queued.message);
    return forbidden;
  });
}

// What was sent on an earlier connection and not acknowledged goes out again, in the order of its first sending.
void Core::begin_resending(Client& client) const {
  Session& session = *client.session;
  std::deque<std::uint16_t>& to_resend = client.connection->to_resend;
  const auto oldest = session.in_flight.lower_bound(session.next_packet_id);  // ids go round
  for (auto it = oldest; it != session.in_flight.end(); ++it) to_resend.push_back(it->first);
  for (auto it = session.in_flight.begin(); it != oldest; ++it) to_resend.push_back(it->first);
  for (auto& [packet_id, sent] : session.in_flight) sent.on_wire = false;
}

void Core::resend(Client& client, std::uint16_t packet_id, Now now) {
  Connection& connection = *client.connection;
  const auto found = client.session->in_flight.find(packet_id);
  if (found == client.session->in_flight.end()) return;  // acknowledged meanwhile
  InFlight& sent = found->second;
  if (sent.released) {
    send(connection, mqtt::Pubrel{.packet_id = packet_id});
  } else if (!transmit(connection, {sent.message, sent.qos, sent.identifier, sent.retain}, packet_id, true, now)) {
    client.session->in_flight.erase(found);
    return;
  }
  sent.on_wire = true;
  ++connection.unacknowledged;
}

void Core::handle_ack(Connection& connection, std::uint16_t packet_id, Now now) {
  auto& in_flight = connection.client->session->in_flight;
  const auto found = in_flight.find(packet_id);
  if (found == in_flight.end()) return;
  if (found->second.on_wire) --connection.unacknowledged;
  in_flight.erase(found);
  send_queued(*connection.client, now);
}

void Core::handle_pubrec(Connection& connection, const mqtt::Pubrec& packet, Now now) {
  Session& session = *connection.client->session;
  const auto found = session.in_flight.find(packet.packet_id);
  if (found == session.in_flight.end()) {
    send(connection, mqtt::Pubrel{.packet_id = packet.packet_id, .reason = ReasonCode::packet_identifier_not_found});
    return;
  }
  if (static_cast<unsigned>(packet.reason) >= 0x80) return handle_ack(connection, packet.packet_id, now);
  found->second.released = true;
  send(connection, mqtt::Pubrel{.packet_id = packet.packet_id});
}

}  // namespace croft::broker
