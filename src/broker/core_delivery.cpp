#include "broker/basic_ingest.h"
#include "broker/core.h"
#include "broker/core_send.h"
#include "types/assert.h"

namespace croft::broker {

using mqtt::QoS;
using mqtt::ReasonCode;

// Both versions only grow, so their sum changes when one of them does.
const Core::Route& Core::route_of(std::string_view topic) {
  const auto find = [&](Route& route) {
    route.reach = outputs_.reach(topic);
    if (is_basic_ingest(topic)) return;  // is for a rule alone
    trie_.match(topic, settings_.parent_match, [&](const Subscriber& subscriber) { route.here.push_back(subscriber); });
  };
  if (topic.starts_with("$aws/events/")) return routes_.once(topic, find);  // each names a client
  return routes_.get(topic, trie_version_ + outputs_.reach_version(), find);
}

void Core::publish(const MessagePtr& message, Now now) {
  if (message->retain()) {
    retained_.set(message);
    outputs_.wait_for_disk();
  }
  const Route& route = route_of(message->topic());
  const Reach reach = route.reach;
  deliver_on(route, message, now);
  if (reach.is_further()) outputs_.publish_further(message, reach);
}

void Core::deliver(const MessagePtr& message, Now now) { deliver_on(route_of(message->topic()), message, now); }

// Overlapping subscriptions of one client give one copy each, as MQTT 5.0, 3.3.4 allows, with its own identifier.
void Core::deliver_on(const Route& route, const MessagePtr& message, Now now) {
  if (message->has_expired(now.wall)) return;
  for (const Subscriber& subscriber : route.here) {
    if (subscriber.no_local && subscriber.client->state.client_id == message->client_id()) continue;
    const QoS qos = std::min(message->qos(), subscriber.qos);
    const bool retain = subscriber.retain_as_published && message->retain();
    Client& client = *subscriber.client;
    if (client.connection && !may_receive(*client.connection, message->topic())) continue;
    deliver_to(client, {.message = message, .identifier = subscriber.identifier, .qos = qos, .retain = retain}, now);
  }
  outputs_.handed_out(route.here.size() * message->bytes());
}

// Not stored for anyone who is away or does not read.
void Core::deliver_at_most_once(const Route& route, const mqtt::PublishView& message, Connection& from) {
  for (const Subscriber& subscriber : route.here) {
    Connection* connection = subscriber.client->connection;
    if (!connection || !connection->established) continue;
    if (subscriber.no_local && connection == &from) continue;
    if (!may_receive(*connection, message.topic)) continue;
    if (connection->outlet->unsent() < settings_.unsent_bytes_max)
      put(*connection, message, subscriber.identifier, std::nullopt, connection->outlet->bytes());
    else ++counters_.dropped_slow;
  }
  outputs_.handed_out(route.here.size() * (message.topic.size() + message.payload.size()));
}

// Messages of one topic come in rows; policies take a while to ask.
bool Core::may_receive(Connection& connection, std::string_view topic) const {
  if (!connection.rights) return true;
  const std::uint64_t revision = authority_.revision();
  if (!connection.received) connection.received = std::make_unique<ReceivedTopic>();
  ReceivedTopic& last = *connection.received;
  if (last.revision == revision && last.topic == topic) return true;
  if (!connection.rights->may_receive(topic, "")) return false;
  last = {std::string(topic), revision};
  return true;
}

// What the client may receive.
void Core::deliver_to(Client& client, Delivery delivery, Now now) {
  Connection* connection = client.connection;
  if (delivery.qos != QoS::at_most_once) return queue(client, std::move(delivery), now);
  if (!connection || !connection->established) return;  // not stored for anyone who is away
  if (connection->outlet->unsent() < settings_.unsent_bytes_max) (void)transmit(*connection, delivery, 0, false, now);
  else ++counters_.dropped_slow;
}

bool Core::is_full(const Client& client, const Message& message) const {
  const DeliveryQueue& deliveries = client.session->deliveries;
  return deliveries.waiting() >= settings_.queued_messages_max ||
         deliveries.bytes() + message.bytes() > settings_.queued_bytes_max ||
         queued_bytes_ + message.bytes() > settings_.queued_total_bytes_max;
}

// Over its limits a queue loses the newcomer: what waits longest stays. Before that, while its client is connected and
// takes what it is sent, the newcomer's publisher is slowed down.
void Core::queue(Client& client, Delivery delivery, Now now) {
  Session& session = *client.session;
  if (is_full(client, *delivery.message)) {
    ++counters_.dropped_full;
    return erase_group_row(delivery);
  }
  Connection* connection = client.connection;
  const bool is_slow = connection && session.deliveries.waiting() >= settings_.blocking_messages &&
                       now.mono.ms - connection->last_progress.ms < std::int64_t{settings_.stalled_after_s} * 1000;
  if (is_slow) {
    delivery.blocking = true;
    delivery.message->source()->block();
    if (!std::exchange(session.congested, true)) congested_.insert(client.state.client_id);
  }
  queued_bytes_ += delivery.message->bytes();
  const Sequence number = session.deliveries.push(std::move(delivery));
  if (session.stored) {
    session.behind_disk |= session.deliveries.at(number).qos == QoS::exactly_once;
    session_rows::put_delivery(outputs_.turn_rows(), client.state.client_id, number, session.deliveries.at(number));
    erase_group_row(session.deliveries.at(number));
  }
  if (connection && connection->established) send_queued(client, now);
}

// What was in flight on an earlier connection first, then what waits, as far as the client's Receive Maximum lets it.
// Source: MQTT 5.0, 4.4, 4.9.
void Core::send_queued(Client& client, Now now) {
  DeliveryQueue& deliveries = client.session->deliveries;
  Connection& connection = *client.connection;
  while (connection.unacknowledged < connection.receive_maximum) {
    if (connection.to_resend < deliveries.first_waiting()) resend(client, now);
    else if (deliveries.first_waiting() < deliveries.end() && deliveries.has_free_packet_id()) send_next(client, now);
    else return;
  }
}

void Core::send_next(Client& client, Now now) {
  DeliveryQueue& deliveries = client.session->deliveries;
  Connection& connection = *client.connection;
  const Sequence number = deliveries.first_waiting();
  Delivery& next = deliveries.at(number);
  if (next.state == Delivery::State::done) {  // handed on before its turn came
    connection.to_resend = number + 1;
    return deliveries.sent();
  }
  if (std::exchange(next.blocking, false)) next.message->source()->unblock();
  deliveries.sent();
  connection.to_resend = number + 1;
  const bool expired = next.message->has_expired(now.wall);
  if (expired) ++counters_.dropped_expired;
  const bool allowed = next.group || may_receive(connection, next.message->topic());  // it may have waited long
  if (expired || !allowed || !transmit(connection, next, number, false, now)) return finish(client, number);
  next.state = Delivery::State::sent;
  next.on_wire = true;
  ++connection.unacknowledged;
}

// The first topics of a connection whose client takes aliases get one: it is told with the topic once, then stands for
// it. Source: MQTT 5.0, 3.3.2.3.4.
static std::optional<std::uint16_t> alias_of(Connection& connection, std::string_view topic, bool& known) {
  if (connection.told_aliases_max == 0) return std::nullopt;
  const auto& told_aliases = connection.topic_aliases().ours;
  const auto told = told_aliases.find(std::string(topic));
  known = told != told_aliases.end();
  if (known) return told->second;
  if (told_aliases.size() >= connection.told_aliases_max) return std::nullopt;
  return static_cast<std::uint16_t>(told_aliases.size() + 1);
}

// False when the message is larger than the client takes: it is never sent, as if the delivery were complete.
// Source: MQTT 5.0, 3.1.2.11.4.
bool Core::put(Connection& connection, mqtt::PublishView view, std::uint32_t identifier,
               std::optional<std::uint32_t> expiry_s, std::string& lane) {
  mqtt::ReceiverProperties own{.message_expiry_interval = expiry_s};
  if (identifier != 0) own.subscription_identifiers = {&identifier, 1};
  // What waits in another lane may come behind a later message: it cannot be the one that tells the alias.
  const bool may_tell = &lane == &connection.outlet->bytes();
  if (may_tell) own.topic_alias = alias_of(connection, view.topic, own.topic_is_known);
  const std::size_t before = lane.size();
  mqtt::encode(view, connection.version, own, lane);
  const std::size_t bytes = lane.size() - before;
  if (bytes > connection.maximum_packet_size) {
    lane.resize(before);
    return false;
  }
  if (own.topic_alias && !own.topic_is_known) connection.aliases->ours.emplace(view.topic, *own.topic_alias);
  ++counters_.delivered[view.qos];
  counters_.delivered_bytes += view.topic.size() + view.payload.size();
  return true;
}

bool Core::transmit(Connection& connection, const Delivery& delivery, Sequence number, bool dup, Now now) {
  const Message& message = *delivery.message;
  std::optional<std::uint32_t> expiry_s;
  if (message.expires_at() && connection.version == mqtt::Version::v5)
    expiry_s = static_cast<std::uint32_t>(std::max<std::int64_t>(message.expires_at()->ms - now.wall.ms, 0) / 1000);
  mqtt::PublishView view = message.view(delivery.qos, delivery.retain);
  view.dup = dup;
  if (delivery.qos != QoS::at_most_once) view.packet_id = DeliveryQueue::packet_id_of(number);
  const bool waits = !dup && delivery.qos != QoS::at_most_once && connection.client->session->behind_disk;
  Outlet& outlet = *connection.outlet;
  return put(connection, view, delivery.identifier, expiry_s, waits ? outlet.releases() : outlet.bytes());
}

// What was sent on an earlier connection and not acknowledged goes out again, in the order of its first sending.
void Core::begin_resending(Client& client) const {
  DeliveryQueue& deliveries = client.session->deliveries;
  client.connection->to_resend = deliveries.first();
  for (Sequence number = deliveries.first(); number < deliveries.first_waiting(); ++number) deliveries.at(number).on_wire = false;
}

void Core::resend(Client& client, Now now) {
  Connection& connection = *client.connection;
  DeliveryQueue& deliveries = client.session->deliveries;
  connection.to_resend = std::max(connection.to_resend, deliveries.first());
  if (connection.to_resend >= deliveries.first_waiting()) return;  // those between were acknowledged meanwhile
  const Sequence number = connection.to_resend++;
  Delivery& delivery = deliveries.at(number);
  if (delivery.state == Delivery::State::done || delivery.on_wire) return;
  if (delivery.state == Delivery::State::released) {
    send(connection, mqtt::Pubrel{.packet_id = DeliveryQueue::packet_id_of(number)});
  } else {
    const bool allowed = delivery.group || may_receive(connection, delivery.message->topic());
    if (!allowed || !transmit(connection, delivery, number, true, now)) return finish(client, number);
  }
  delivery.on_wire = true;
  ++connection.unacknowledged;
}

void Core::finish(Client& client, Sequence number) {
  Session& session = *client.session;
  queued_bytes_ -= session.deliveries.at(number).message->bytes();
  erase_group_row(session.deliveries.at(number));
  session.deliveries.finish(number);
  if (session.deliveries.size() == 0) session.behind_disk = false;
  if (session.stored) session_rows::erase_delivery(outputs_.turn_rows(), client.state.client_id, number);
}

// The end of a flow: PUBACK for a QoS 1 message that was sent, PUBCOMP for a QoS 2 message that was released, and a
// PUBREC that refuses it. Others answer nothing. Source: MQTT 5.0, 4.3.2, 4.3.3.
void Core::handle_ack(Connection& connection, std::uint16_t packet_id, bool exactly_once, Delivery::State answered, Now now) {
  Client& client = *connection.client;
  const auto number = client.session->deliveries.in_flight(packet_id);
  if (!number || client.session->deliveries.at(*number).state != answered) return;
  if ((client.session->deliveries.at(*number).qos == QoS::exactly_once) != exactly_once) return;  // of the other flow
  connection.last_progress = now.mono;
  if (client.session->deliveries.at(*number).on_wire) --connection.unacknowledged;
  finish(client, *number);
  send_queued(client, now);
  fetch(client, now);
}

void Core::handle_pubrec(Connection& connection, const mqtt::Pubrec& packet, Now now) {
  Client& client = *connection.client;
  const auto number = client.session->deliveries.in_flight(packet.packet_id);
  if (!number) {
    answer(connection, mqtt::Pubrel{.packet_id = packet.packet_id, .reason = ReasonCode::packet_identifier_not_found},
           connection.outlet->releases());
    return;
  }
  Delivery& delivery = client.session->deliveries.at(*number);
  if (delivery.qos != QoS::exactly_once) return;
  if (static_cast<unsigned>(packet.reason) >= 0x80)
    return handle_ack(connection, packet.packet_id, true, Delivery::State::sent, now);
  connection.last_progress = now.mono;
  if (!std::exchange(delivery.on_wire, true)) ++connection.unacknowledged;  // of an earlier connection: not to be sent again
  delivery.state = Delivery::State::released;
  if (client.session->stored) session_rows::put_delivery(outputs_.turn_rows(), client.state.client_id, *number, delivery);
  answer(connection, mqtt::Pubrel{.packet_id = packet.packet_id}, connection.outlet->releases());
}

// The publishers that wait for this client go on: it went away, or takes nothing.
void Core::release_sources(Client& client) {
  if (!client.session || !std::exchange(client.session->congested, false)) return;
  congested_.erase(client.state.client_id);
  DeliveryQueue& deliveries = client.session->deliveries;
  for (Sequence number = deliveries.first_waiting(); number < deliveries.end(); ++number) {
    Delivery& delivery = deliveries.at(number);
    if (std::exchange(delivery.blocking, false)) delivery.message->source()->unblock();
  }
}

void Core::release_stalled(Now now) {
  for (auto it = congested_.begin(); it != congested_.end();) {
    Client& client = **clients_.find(*it++);
    const Connection* connection = client.connection;
    const std::int64_t patience_ms = std::int64_t{settings_.stalled_after_s} * 1000;
    const bool goes_on = connection && now.mono.ms - connection->last_progress.ms < patience_ms;
    if (!goes_on || client.session->deliveries.waiting() < settings_.blocking_messages) release_sources(client);
  }
}

}  // namespace croft::broker
