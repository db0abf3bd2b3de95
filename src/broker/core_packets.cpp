#include "broker/basic_ingest.h"
#include "broker/core.h"
#include "broker/core_send.h"
#include "broker/limits.h"
#include "mqtt/reason_sets.h"
#include "observe/log.h"

namespace croft::broker {

using mqtt::QoS;
using mqtt::ReasonCode;

void Core::receive(ConnectionId id, std::span<const char> bytes, Now now) {
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;
  Connection& connection = *found->second;
  connection.last_input = now.mono;
  if (connection.established) return process(connection, bytes, now);
  if (connection.early.size() + bytes.size() > limits::early_bytes_max) return end(connection, DisconnectReason::client_error, now);
  connection.early.append(bytes.data(), bytes.size());
}

void Core::process(Connection& connection, std::span<const char> bytes, Now now) {
  std::vector<mqtt::Packet> packets;
  const std::optional<mqtt::Fault> fault = connection.decoder.feed(bytes, packets);
  for (mqtt::Packet& packet : packets)
    if (handle(connection, packet, now) == Outcome::closed) return;
  if (!fault) return;
  log::info("broker", "closed client '" + connection.client->state.client_id + "': " + fault->what);
  // The fault may be of a second CONNECT, whose reasons belong into a CONNACK.
  const bool fits = mqtt::is_reason_of(mqtt::PacketType::disconnect, static_cast<std::uint8_t>(fault->reason));
  end_with(connection, fits ? fault->reason : ReasonCode::protocol_error, DisconnectReason::client_error, now);
}

Core::Outcome Core::handle(Connection& connection, mqtt::Packet& packet, Now now) {
  if (auto* publish = std::get_if<mqtt::Publish>(&packet)) return handle_publish(connection, *publish, now);
  if (auto* subscribe = std::get_if<mqtt::Subscribe>(&packet)) return handle_subscribe(connection, *subscribe, now);
  if (auto* unsubscribe = std::get_if<mqtt::Unsubscribe>(&packet)) return handle_unsubscribe(connection, *unsubscribe, now);
  if (auto* disconnect = std::get_if<mqtt::Disconnect>(&packet)) return handle_disconnect(connection, *disconnect, now);
  if (std::holds_alternative<mqtt::Pingreq>(packet)) {
    send(connection, mqtt::Pingresp{});
  } else if (auto* puback = std::get_if<mqtt::Puback>(&packet)) {
    handle_ack(connection, puback->packet_id, now);
  } else if (auto* pubcomp = std::get_if<mqtt::Pubcomp>(&packet)) {
    handle_ack(connection, pubcomp->packet_id, now);
  } else if (auto* pubrec = std::get_if<mqtt::Pubrec>(&packet)) {
    handle_pubrec(connection, *pubrec, now);
  } else if (auto* pubrel = std::get_if<mqtt::Pubrel>(&packet)) {
    const bool known = connection.client->session->received_qos2.erase(pubrel->packet_id) > 0;
    send(connection, mqtt::Pubcomp{.packet_id = pubrel->packet_id,
                                   .reason = known ? ReasonCode::success : ReasonCode::packet_identifier_not_found});
  } else {  // a second CONNECT, AUTH
    end_with(connection, ReasonCode::protocol_error, DisconnectReason::client_error, now);
    return Outcome::closed;
  }
  return Outcome::go_on;
}

Core::Outcome Core::handle_disconnect(Connection& connection, const mqtt::Disconnect& packet, Now now) {
  ClientState& state = connection.client->state;
  const mqtt::PropertyBlock* properties = packet.properties.get();
  if (properties && properties->session_expiry_interval) {
    if (state.session_expiry_s == 0 && *properties->session_expiry_interval > 0) {  // MQTT 5.0, 3.14.2.2.2
      end_with(connection, ReasonCode::protocol_error, DisconnectReason::client_error, now);
      return Outcome::closed;
    }
    state.session_expiry_s = std::min(*properties->session_expiry_interval, settings_.session_expiry_max_s);
  }
  const bool with_will = packet.reason == ReasonCode::disconnect_with_will;
  end(connection, DisconnectReason::client_initiated_disconnect, now, with_will);
  return Outcome::closed;
}

// Replaces a topic alias by its topic, or learns it.
Core::Outcome Core::resolve_alias(Connection& connection, mqtt::Publish& packet, Now now) {
  const mqtt::PropertyBlock* properties = packet.properties.get();
  if (!properties || !properties->topic_alias) return Outcome::go_on;
  const std::uint16_t alias = *properties->topic_alias;
  if (alias > settings_.topic_alias_maximum) {
    end_with(connection, ReasonCode::topic_alias_invalid, DisconnectReason::client_error, now);
    return Outcome::closed;
  }
  if (!packet.topic.empty()) {
    connection.aliases[alias] = packet.topic;
    return Outcome::go_on;
  }
  const auto known = connection.aliases.find(alias);
  if (known == connection.aliases.end()) {
    end_with(connection, ReasonCode::protocol_error, DisconnectReason::client_error, now);
    return Outcome::closed;
  }
  packet.topic = known->second;
  return Outcome::go_on;
}

// What a client may not publish: in 5.0 with QoS 1 or 2 the acknowledgement says why; otherwise the connection ends.
Core::Outcome Core::refuse_publish(Connection& connection, const mqtt::Publish& packet, ReasonCode reason, Now now) {
  log::info("broker", "client '" + connection.client->state.client_id + "' may not publish to '" + packet.topic + "': " +
                          std::string(mqtt::name(reason)));
  if (connection.version == mqtt::Version::v5 && packet.qos == QoS::at_least_once) {
    send(connection, mqtt::Puback{.packet_id = packet.packet_id, .reason = reason});
    return Outcome::go_on;
  }
  if (connection.version == mqtt::Version::v5 && packet.qos == QoS::exactly_once) {
    send(connection, mqtt::Pubrec{.packet_id = packet.packet_id, .reason = reason});
    return Outcome::go_on;
  }
  const bool rights = reason == ReasonCode::not_authorized;
  end_with(connection, reason, rights ? DisconnectReason::auth_error : DisconnectReason::client_error, now);
  return Outcome::closed;
}

// Of the reserved topics only Basic Ingest takes messages, and retains none. Its prefix does not count.
bool Core::is_publishable(const mqtt::Publish& packet) const {
  const std::string_view topic = visible_topic(packet.topic);
  const bool fits = topic.size() <= settings_.topic_bytes_max && mqtt::level_count(topic) <= settings_.topic_levels_max;
  if (is_basic_ingest(packet.topic)) return fits && !packet.retain;
  return fits && !topic.starts_with('$');
}

Core::Outcome Core::handle_publish(Connection& connection, mqtt::Publish& packet, Now now) {
  if (resolve_alias(connection, packet, now) == Outcome::closed) return Outcome::closed;
  if (packet.qos > settings_.maximum_qos) {
    end_with(connection, ReasonCode::qos_not_supported, DisconnectReason::client_error, now);
    return Outcome::closed;
  }
  if (!is_publishable(packet)) return refuse_publish(connection, packet, ReasonCode::topic_name_invalid, now);
  if (connection.rights && !connection.rights->may_publish(packet.topic, packet.retain))
    return refuse_publish(connection, packet, ReasonCode::not_authorized, now);

  Session& session = *connection.client->session;
  if (packet.qos == QoS::exactly_once) {
    if (session.received_qos2.size() >= limits::qos2_ids_max) {
      end_with(connection, ReasonCode::receive_maximum_exceeded, DisconnectReason::client_error, now);
      return Outcome::closed;
    }
    const bool first = session.received_qos2.insert(packet.packet_id).second;
    const std::uint16_t packet_id = packet.packet_id;
    if (first) accept_publish(connection, packet, now);
    send(connection, mqtt::Pubrec{.packet_id = packet_id});
    return Outcome::go_on;
  }
  const std::uint16_t packet_id = packet.packet_id;
  const QoS qos = packet.qos;
  accept_publish(connection, packet, now);
  if (qos == QoS::at_least_once) send(connection, mqtt::Puback{.packet_id = packet_id});
  return Outcome::go_on;
}

void Core::accept_publish(Connection& connection, mqtt::Publish& packet, Now now) {
  const std::optional<Timestamp> expires = expiry_of(packet.properties, now.wall);
  const ClientState& state = connection.client->state;
  MessagePtr message = make_message({.topic = std::move(packet.topic),
                                     .payload = SharedBytes(std::move(packet.payload)),
                                     .qos = packet.qos,
                                     .retain = packet.retain,
                                     .properties = std::move(packet.properties),
                                     .expires_at = expires,
                                     .client_id = state.client_id,
                                     .principal = state.principal,
                                     .source_ip = connection.source_ip});
  outputs_.publish(std::move(message));
}

}  // namespace croft::broker
