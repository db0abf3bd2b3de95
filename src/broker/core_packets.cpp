#include <algorithm>

#include "broker/basic_ingest.h"
#include "broker/core.h"
#include "broker/core_send.h"
#include "broker/limits.h"
#include "broker/shadow_topic.h"
#include "mqtt/reason_sets.h"
#include "observe/log.h"

namespace croft::broker {

using mqtt::QoS;
using mqtt::ReasonCode;

void Core::receive(ConnectionId id, std::span<const char> bytes, Now now) {
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;
  Connection& connection = found->second;
  connection.last_input = now.mono;
  if (connection.established) return process(connection, bytes, now);
  std::string& early = connection.handshake->early;
  if (early.size() + bytes.size() > limits::early_bytes_max) return end(connection, DisconnectReason::client_error, now);
  early.append(bytes.data(), bytes.size());
}

void Core::process(Connection& connection, std::span<const char> bytes, Now now) {
  while (!bytes.empty())
    if (process_one(connection, bytes, now) == Outcome::closed) return;
}

// One packet off the front of `bytes`: in place when it is a whole PUBLISH, as nearly all are.
Core::Outcome Core::process_one(Connection& connection, std::span<const char>& bytes, Now now) {
  mqtt::InboundPublish publish;
  if (const std::size_t taken = connection.decoder.take_publish(bytes, publish)) {
    bytes = bytes.subspan(taken);
    return handle_publish(connection, publish, now);
  }
  std::vector<mqtt::Packet> packets;
  const mqtt::Decoder::One one = connection.decoder.feed_one(bytes, packets);
  bytes = bytes.subspan(one.consumed);
  for (mqtt::Packet& packet : packets)
    if (handle(connection, packet, now) == Outcome::closed) return Outcome::closed;
  if (!one.fault) return Outcome::go_on;
  log::info("broker", "closed client '" + connection.client->state.client_id + "': " + one.fault->what);
  // The fault may be of a second CONNECT, whose reasons belong into a CONNACK.
  const bool fits = mqtt::is_reason_of(mqtt::PacketType::disconnect, static_cast<std::uint8_t>(one.fault->reason));
  end_with(connection, fits ? one.fault->reason : ReasonCode::protocol_error, DisconnectReason::client_error, now);
  return Outcome::closed;
}

Core::Outcome Core::handle(Connection& connection, mqtt::Packet& packet, Now now) {
  if (auto* whole = std::get_if<mqtt::Publish>(&packet)) {
    mqtt::InboundPublish publish{.topic = whole->topic,
                                 .payload = whole->payload,
                                 .qos = whole->qos,
                                 .retain = whole->retain,
                                 .dup = whole->dup,
                                 .packet_id = whole->packet_id,
                                 .properties = std::move(whole->properties)};
    return handle_publish(connection, publish, now);
  }
  if (auto* subscribe = std::get_if<mqtt::Subscribe>(&packet)) return handle_subscribe(connection, *subscribe, now);
  if (auto* unsubscribe = std::get_if<mqtt::Unsubscribe>(&packet)) return handle_unsubscribe(connection, *unsubscribe, now);
  if (auto* disconnect = std::get_if<mqtt::Disconnect>(&packet)) return handle_disconnect(connection, *disconnect, now);
  if (std::holds_alternative<mqtt::Pingreq>(packet)) {
    send(connection, mqtt::Pingresp{});
  } else if (auto* puback = std::get_if<mqtt::Puback>(&packet)) {
    handle_ack(connection, puback->packet_id, false, Delivery::State::sent, now);
  } else if (auto* pubcomp = std::get_if<mqtt::Pubcomp>(&packet)) {
    handle_ack(connection, pubcomp->packet_id, true, Delivery::State::released, now);
  } else if (auto* pubrec = std::get_if<mqtt::Pubrec>(&packet)) {
    handle_pubrec(connection, *pubrec, now);
  } else if (auto* pubrel = std::get_if<mqtt::Pubrel>(&packet)) {
    handle_pubrel(connection, pubrel->packet_id);
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
  const bool with_will = packet.reason != ReasonCode::normal_disconnection;  // MQTT 5.0, 3.1.2-8
  end(connection, DisconnectReason::client_initiated_disconnect, now, with_will);
  return Outcome::closed;
}

// Replaces a topic alias by its topic, or learns it.
Core::Outcome Core::resolve_alias(Connection& connection, mqtt::InboundPublish& packet, Now now) {
  const mqtt::PropertyBlock* properties = packet.properties.get();
  if (!properties || !properties->topic_alias) return Outcome::go_on;
  const std::uint16_t alias = *properties->topic_alias;
  if (alias > settings_.topic_alias_maximum) {
    end_with(connection, ReasonCode::topic_alias_invalid, DisconnectReason::client_error, now);
    return Outcome::closed;
  }
  auto& known_topics = connection.topic_aliases().theirs;
  if (!packet.topic.empty()) {
    known_topics[alias] = packet.topic;
    return Outcome::go_on;
  }
  const auto known = known_topics.find(alias);
  if (known == known_topics.end()) {
    end_with(connection, ReasonCode::protocol_error, DisconnectReason::client_error, now);
    return Outcome::closed;
  }
  packet.topic = known->second;
  return Outcome::go_on;
}

// What a client may not publish: in 5.0 with QoS 1 or 2 the acknowledgement says why; otherwise the connection ends.
Core::Outcome Core::refuse_publish(Connection& connection, const mqtt::InboundPublish& packet, ReasonCode reason, Now now) {
  ++counters_.refused_publishes;
  log::info("broker", "client '" + connection.client->state.client_id + "' may not publish to '" + std::string(packet.topic) +
                          "': " + std::string(mqtt::name(reason)));
  if (connection.version == mqtt::Version::v5 && packet.qos == QoS::at_least_once) {
    answer(connection, mqtt::Puback{.packet_id = packet.packet_id, .reason = reason}, connection.outlet->receipts());
    return Outcome::go_on;
  }
  if (connection.version == mqtt::Version::v5 && packet.qos == QoS::exactly_once) {
    answer(connection, mqtt::Pubrec{.packet_id = packet.packet_id, .reason = reason}, connection.outlet->receipts());
    return Outcome::go_on;
  }
  const bool rights = reason == ReasonCode::not_authorized;
  end_with(connection, reason, rights ? DisconnectReason::auth_error : DisconnectReason::client_error, now);
  return Outcome::closed;
}

// Basic Ingest's prefix does not count.
bool Core::fits_quota(std::string_view topic) const {
  topic = visible_topic(topic);
  return topic.size() <= settings_.topic_bytes_max && mqtt::level_count(topic) <= settings_.topic_levels_max;
}

// Of the reserved topics Basic Ingest and device shadows take messages, and retain none.
bool Core::is_publishable(std::string_view topic, bool retain) const {
  if (!topic.starts_with('$')) return fits_quota(topic);
  return fits_quota(topic) && !retain && (is_basic_ingest(topic) || is_shadow_request(topic));
}

static bool has_small_properties(const mqtt::PropertyBlock& properties, const Settings& settings) {
  std::size_t user_bytes = 0;
  for (const auto& [name, value] : properties.user_properties) user_bytes += name.size() + value.size();
  return user_bytes <= settings.user_properties_bytes_max &&
         (!properties.content_type || properties.content_type->size() <= settings.content_type_bytes_max) &&
         (!properties.correlation_data || properties.correlation_data->size() <= settings.correlation_data_bytes_max);
}

// The reason to refuse a PUBLISH, or nothing. Devices publish to one topic again and again: the last one that was
// allowed is remembered until rights may have changed.
std::optional<ReasonCode> Core::judge_publish(Connection& connection, const mqtt::InboundPublish& packet) const {
  const std::uint64_t revision = connection.rights ? authority_.revision() : 0;
  Publisher& publisher = connection.publisher();
  const bool is_last = publisher.last_topic_revision == revision && publisher.last_topic == packet.topic;
  if (is_last && !packet.retain && !packet.properties) return std::nullopt;
  if (!is_publishable(packet.topic, packet.retain)) return ReasonCode::topic_name_invalid;
  if (packet.properties && !has_small_properties(*packet.properties.get(), settings_)) return ReasonCode::quota_exceeded;
  if (connection.rights && !connection.rights->may_publish(packet.topic, packet.retain)) return ReasonCode::not_authorized;
  if (!packet.retain) {
    publisher.last_topic = packet.topic;
    publisher.last_topic_revision = revision;
  }
  return std::nullopt;
}

// What AWS drops over its limit of publishes a second; twice as many end the connection.
// Source: AWS IoT Core quotas, "Publish requests per second per connection"; lifecycle events, THROTTLED.
std::optional<Core::Outcome> Core::throttle(Connection& connection, Now now) {
  const std::uint32_t most = settings_.publishes_per_s_max;
  if (connection.publisher().publishes.allow(most, now)) return std::nullopt;
  ++counters_.dropped_throttled;
  if (connection.publisher().publishes.count() <= 2 * most) return Outcome::go_on;
  end_with(connection, ReasonCode::message_rate_too_high, DisconnectReason::throttled, now);
  return Outcome::closed;
}

Core::Outcome Core::handle_publish(Connection& connection, mqtt::InboundPublish& packet, Now now) {
  if (resolve_alias(connection, packet, now) == Outcome::closed) return Outcome::closed;
  if (settings_.publishes_per_s_max > 0)
    if (const auto outcome = throttle(connection, now)) return *outcome;
  if (packet.payload.size() > settings_.payload_bytes_max) {
    end_with(connection, ReasonCode::packet_too_large, DisconnectReason::client_error, now);
    return Outcome::closed;
  }
  if (packet.qos > settings_.maximum_qos) {
    end_with(connection, ReasonCode::qos_not_supported, DisconnectReason::client_error, now);
    return Outcome::closed;
  }
  if (const auto refusal = judge_publish(connection, packet)) return refuse_publish(connection, packet, *refusal, now);
  if (packet.qos == QoS::exactly_once) return take_exactly_once(connection, packet, now);
  const std::uint16_t packet_id = packet.packet_id;
  accept_publish(connection, packet, now);
  if (packet.qos == QoS::at_least_once) answer(connection, mqtt::Puback{.packet_id = packet_id}, connection.outlet->receipts());
  return Outcome::go_on;
}

// The message goes on at its first arrival; its packet id is remembered until PUBREL, so that it is not taken twice.
// Source: MQTT 5.0, 4.3.3, method B.
Core::Outcome Core::take_exactly_once(Connection& connection, mqtt::InboundPublish& packet, Now now) {
  Client& client = *connection.client;
  std::vector<std::uint16_t>& received = client.session->received_qos2;
  const auto place = std::lower_bound(received.begin(), received.end(), packet.packet_id);
  const bool is_first = place == received.end() || *place != packet.packet_id;
  const std::size_t most = connection.version == mqtt::Version::v5 ? settings_.receive_maximum : limits::qos2_ids_max;
  if (is_first && received.size() >= most) {
    end_with(connection, ReasonCode::receive_maximum_exceeded, DisconnectReason::client_error, now);
    return Outcome::closed;
  }
  if (is_first) {
    received.insert(place, packet.packet_id);
    if (client.session->stored) session_rows::put_received(outputs_.received_rows(), client.state.client_id, packet.packet_id);
    accept_publish(connection, packet, now);
  }
  answer(connection, mqtt::Pubrec{.packet_id = packet.packet_id}, connection.outlet->receipts());
  return Outcome::go_on;
}

void Core::handle_pubrel(Connection& connection, std::uint16_t packet_id) {
  Client& client = *connection.client;
  std::vector<std::uint16_t>& received = client.session->received_qos2;
  const auto place = std::lower_bound(received.begin(), received.end(), packet_id);
  const bool known = place != received.end() && *place == packet_id;
  if (known) {
    received.erase(place);
    if (client.session->stored) session_rows::erase_received(outputs_.turn_rows(), client.state.client_id, packet_id);
  }
  const ReasonCode reason = known ? ReasonCode::success : ReasonCode::packet_identifier_not_found;
  answer(connection, mqtt::Pubcomp{.packet_id = packet_id, .reason = reason}, connection.outlet->releases());
}

void Core::tell_published(Connection& connection) {
  Publisher& publisher = connection.publisher();
  const std::uint64_t messages = std::exchange(publisher.untold, 0);
  outputs_.published(connection.client->state.client_id, messages, publisher.untold_since, publisher.untold_until);
}

void Core::count_publish(Connection& connection, QoS qos, Now now) {
  ++counters_.received[qos];
  Publisher& publisher = connection.publisher();
  if (publisher.untold > 0 && now.wall.ms - publisher.untold_since.ms >= limits::told_published_ms) tell_published(connection);
  if (publisher.untold++ == 0) publisher.untold_since = now.wall;
  publisher.untold_until = now.wall;
}

// A QoS 0 message that concerns the subscribers of this shard alone needs no object of its own.
void Core::accept_publish(Connection& connection, mqtt::InboundPublish& packet, Now now) {
  count_publish(connection, packet.qos, now);
  counters_.received_bytes += packet.topic.size() + packet.payload.size();
  const std::optional<Timestamp> expires = expiry_of(packet.properties, now.wall, settings_);
  const bool passes_by = packet.qos == QoS::at_most_once && !packet.retain && !expires;
  if (passes_by) {
    const Route& route = route_of(packet.topic);
    if (!route.reach.is_further()) {
      const mqtt::PublishView view{.topic = packet.topic, .payload = packet.payload, .properties = &packet.properties};
      return deliver_at_most_once(route, view, connection);
    }
  }
  publish(make_message({.topic = packet.topic,
                        .payload = packet.payload,
                        .qos = packet.qos,
                        .retain = packet.retain,
                        .properties = std::move(packet.properties),
                        .expires_at = expires,
                        .source = source_of(connection),
                        .published_at = now.wall}),
          now);
}

}  // namespace croft::broker
