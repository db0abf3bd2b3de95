#include "mqtt/encoder.h"

#include "mqtt/property_codec.h"
#include "mqtt/wire_writer.h"

namespace croft::mqtt {

namespace {

// The four low bits are fixed for all but PUBLISH. MQTT 5.0, 2.1.3.
constexpr std::uint8_t first_byte(PacketType type) {
  const bool flagged = type == PacketType::pubrel || type == PacketType::subscribe || type == PacketType::unsubscribe;
  return static_cast<std::uint8_t>(static_cast<unsigned>(type) << 4 | (flagged ? 0x02 : 0x00));
}

void finish(PacketType type, std::size_t start, std::string& out) {
  insert_fixed_header(first_byte(type), start, 0, out);
}

void write_properties_of(PacketType type, const Properties& properties, Version version, std::string& out) {
  if (version == Version::v5) write_properties(place_of(type), properties.get(), out);
}

void write_reason(ReasonCode reason, std::string& out) {
  write_u8(static_cast<std::uint8_t>(reason), out);
}

// Left out when it says no more than its absence.
template <class P>
void write_reason_and_properties(PacketType type, const P& packet, Version version, std::string& out) {
  if (version != Version::v5) return;
  if (packet.reason == ReasonCode::success && !packet.properties) return;
  write_reason(packet.reason, out);
  if (packet.properties || type == PacketType::auth) write_properties_of(type, packet.properties, version, out);
}

template <PacketType type>
void encode_ack(const Ack<type>& packet, Version version, std::string& out) {
  const std::size_t start = out.size();
  write_u16(packet.packet_id, out);
  write_reason_and_properties(type, packet, version, out);
  finish(type, start, out);
}

std::uint8_t connect_flags(const Connect& packet) {
  unsigned flags = packet.clean_start ? 0x02 : 0x00;
  if (packet.will) flags |= 0x04u | static_cast<unsigned>(packet.will->qos) << 3 | (packet.will->retain ? 0x20u : 0u);
  if (packet.password) flags |= 0x40;
  if (packet.user_name) flags |= 0x80;
  return static_cast<std::uint8_t>(flags);
}

std::uint8_t options(const Subscription& subscription, Version version) {
  unsigned bits = static_cast<unsigned>(subscription.qos);
  if (version == Version::v5) {
    bits |= (subscription.no_local ? 0x04u : 0u) | (subscription.retain_as_published ? 0x08u : 0u);
    bits |= static_cast<unsigned>(subscription.retain_handling) << 4;
  }
  return static_cast<std::uint8_t>(bits);
}

}  // namespace

void encode(const Connect& packet, Version version, std::string& out) {
  CROFT_ASSERT(version == Version::v5 || packet.user_name || !packet.password);
  const std::size_t start = out.size();
  write_string("MQTT", out);
  write_u8(static_cast<std::uint8_t>(version), out);
  write_u8(connect_flags(packet), out);
  write_u16(packet.keep_alive_s, out);
  write_properties_of(PacketType::connect, packet.properties, version, out);
  write_string(packet.client_id, out);
  if (packet.will) {
    if (version == Version::v5) write_properties(PropertyPlace::will, packet.will->properties.get(), out);
    write_string(packet.will->topic, out);
    write_string(packet.will->payload, out);
  }
  if (packet.user_name) write_string(*packet.user_name, out);
  if (packet.password) write_string(*packet.password, out);
  finish(PacketType::connect, start, out);
}

void encode(const Connack& packet, Version version, std::string& out) {
  const std::size_t start = out.size();
  write_u8(packet.session_present ? 1 : 0, out);
  if (version == Version::v5)
    write_reason(packet.reason, out);
  else
    write_u8(to_return_code(packet.reason), out);
  write_properties_of(PacketType::connack, packet.properties, version, out);
  finish(PacketType::connack, start, out);
}

void encode(const Puback& packet, Version version, std::string& out) {
  encode_ack(packet, version, out);
}
void encode(const Pubrec& packet, Version version, std::string& out) {
  encode_ack(packet, version, out);
}
void encode(const Pubrel& packet, Version version, std::string& out) {
  encode_ack(packet, version, out);
}
void encode(const Pubcomp& packet, Version version, std::string& out) {
  encode_ack(packet, version, out);
}

void encode(const Subscribe& packet, Version version, std::string& out) {
  const std::size_t start = out.size();
  write_u16(packet.packet_id, out);
  write_properties_of(PacketType::subscribe, packet.properties, version, out);
  for (const Subscription& subscription : packet.subscriptions) {
    write_string(subscription.filter, out);
    write_u8(options(subscription, version), out);
  }
  finish(PacketType::subscribe, start, out);
}

void encode(const Suback& packet, Version version, std::string& out) {
  const std::size_t start = out.size();
  write_u16(packet.packet_id, out);
  write_properties_of(PacketType::suback, packet.properties, version, out);
  for (const ReasonCode reason : packet.reasons) {
    const bool plain_failure = version == Version::v3_1_1 && is_failure(reason);
    write_reason(plain_failure ? ReasonCode::unspecified_error : reason, out);
  }
  finish(PacketType::suback, start, out);
}

void encode(const Unsubscribe& packet, Version version, std::string& out) {
  const std::size_t start = out.size();
  write_u16(packet.packet_id, out);
  write_properties_of(PacketType::unsubscribe, packet.properties, version, out);
  for (const std::string& filter : packet.filters) write_string(filter, out);
  finish(PacketType::unsubscribe, start, out);
}

void encode(const Unsuback& packet, Version version, std::string& out) {
  const std::size_t start = out.size();
  write_u16(packet.packet_id, out);
  write_properties_of(PacketType::unsuback, packet.properties, version, out);
  if (version == Version::v5)
    for (const ReasonCode reason : packet.reasons) write_reason(reason, out);
  finish(PacketType::unsuback, start, out);
}

void encode(const Pingreq&, Version, std::string& out) {
  finish(PacketType::pingreq, out.size(), out);
}
void encode(const Pingresp&, Version, std::string& out) {
  finish(PacketType::pingresp, out.size(), out);
}

void encode(const Disconnect& packet, Version version, std::string& out) {
  const std::size_t start = out.size();
  write_reason_and_properties(PacketType::disconnect, packet, version, out);
  finish(PacketType::disconnect, start, out);
}

void encode(const Auth& packet, Version version, std::string& out) {
  CROFT_ASSERT(version == Version::v5);
  const std::size_t start = out.size();
  write_reason_and_properties(PacketType::auth, packet, version, out);
  finish(PacketType::auth, start, out);
}

void encode(const Packet& packet, Version version, std::string& out) {
  std::visit([&](const auto& alternative) { encode(alternative, version, out); }, packet);
}

}  // namespace croft::mqtt
