// PUBLISH, the packet that is written most: see encoder.h.
#include "mqtt/encoder.h"
#include "mqtt/property_codec.h"
#include "mqtt/wire_writer.h"

namespace croft::mqtt {

namespace {

constexpr std::uint8_t dup_flag = 0x08;

std::uint8_t first_byte(QoS qos, bool retain, bool dup) {
  const unsigned flags = static_cast<unsigned>(qos) << 1 | (retain ? 0x01u : 0u) | (dup ? dup_flag : 0u);
  return static_cast<std::uint8_t>(static_cast<unsigned>(PacketType::publish) << 4 | flags);
}

PublishView view(const Publish& packet) {
  return {.topic = packet.topic,
          .payload = packet.payload,
          .qos = packet.qos,
          .retain = packet.retain,
          .dup = packet.dup,
          .packet_id = packet.packet_id,
          .properties = &packet.properties};
}

void write_forwarded_properties(const PublishView& message, const ReceiverProperties& extra, std::string& out) {
  const std::size_t start = out.size();
  const PropertyBlock* block = message.properties ? message.properties->get() : nullptr;
  if (block) write_property_fields(PropertyPlace::forwarded, *block, out);

  std::optional<std::uint32_t> expiry = extra.message_expiry_interval;
  if (!expiry && block) expiry = block->message_expiry_interval;
  if (expiry) write_property(PropertyId::message_expiry_interval, *expiry, out);
  if (extra.topic_alias) write_property(PropertyId::topic_alias, *extra.topic_alias, out);
  for (const std::uint32_t identifier : extra.subscription_identifiers)
    write_subscription_identifier(identifier, out);
  insert_length(start, out);
}

// Everything from the first byte on, but the payload; `write_block` writes the properties of a 5.0 packet.
template <class WriteBlock>
void write_publish(const PublishView& message, std::string_view topic, WriteBlock write_block, std::string& out) {
  const std::size_t start = out.size();
  out.reserve(start + topic.size() + message.payload.size() + 16);
  write_string(topic, out);
  if (message.qos != QoS::at_most_once) write_u16(message.packet_id, out);
  write_block(out);
  insert_fixed_header(first_byte(message.qos, message.retain, message.dup), start, message.payload.size(), out);
  out.append(message.payload);
}

}  // namespace

void encode(const Publish& packet, Version version, std::string& out) {
  const auto write_block = [&](std::string& to) {
    if (version == Version::v5) write_properties(place_of(PacketType::publish), packet.properties.get(), to);
  };
  write_publish(view(packet), packet.topic, write_block, out);
}

void encode(const PublishView& message, Version version, const ReceiverProperties& extra, std::string& out) {
  const bool topic_is_left_out = version == Version::v5 && extra.topic_alias && extra.topic_is_known;
  const auto write_block = [&](std::string& to) {
    if (version == Version::v5) write_forwarded_properties(message, extra, to);
  };
  write_publish(message, topic_is_left_out ? std::string_view() : message.topic, write_block, out);
}

PublishWire encode_publish(const PublishView& message, Version version) {
  PublishWire wire;
  wire.has_packet_id = message.qos != QoS::at_most_once;
  if (version == Version::v5) write_forwarded_properties(message, {}, wire.tail);
  wire.tail.append(message.payload);

  wire.head.reserve(message.topic.size() + 7);
  write_string(message.topic, wire.head);
  const std::size_t following = wire.tail.size() + (wire.has_packet_id ? 2 : 0);
  insert_fixed_header(first_byte(message.qos, message.retain, message.dup), 0, following, wire.head);
  return wire;
}

PublishWire encode_publish(const Publish& message, Version version) {
  return encode_publish(view(message), version);
}

void append(const PublishWire& wire, std::uint16_t packet_id, bool dup, std::string& out) {
  const std::size_t start = out.size();
  out.reserve(start + wire.size());
  out.append(wire.head);
  if (dup) out[start] = static_cast<char>(static_cast<unsigned char>(out[start]) | dup_flag);
  if (wire.has_packet_id) write_u16(packet_id, out);
  out.append(wire.tail);
}

}  // namespace croft::mqtt
