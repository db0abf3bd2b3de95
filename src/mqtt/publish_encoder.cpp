// PUBLISH, the packet that is written most: see encoder.h.
#include "mqtt/encoder.h"
#include "mqtt/property_codec.h"
#include "mqtt/wire_writer.h"
#include "types/assert.h"

namespace croft::mqtt {

namespace {

std::uint8_t first_byte(QoS qos, bool retain, bool dup) {
  const unsigned flags = static_cast<unsigned>(qos) << 1 | (retain ? 0x01u : 0u) | (dup ? 0x08u : 0u);
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

// The property block of a message that goes on, with its length.
void write_forwarded_properties(const PublishView& message, const ReceiverProperties& extra, std::string& out) {
  const PropertyBlock* block = message.properties ? message.properties->get() : nullptr;
  if (block) write_property_fields(PropertyPlace::forwarded, *block, out);

  std::optional<std::uint32_t> expiry = extra.message_expiry_interval;
  if (!expiry && block) expiry = block->message_expiry_interval;
  if (expiry) write_property(PropertyId::message_expiry_interval, *expiry, out);
  if (extra.topic_alias) write_property(PropertyId::topic_alias, *extra.topic_alias, out);
  for (const std::uint32_t identifier : extra.subscription_identifiers)
    write_subscription_identifier(identifier, out);
  insert_length(0, out);
}

// The bytes in the order of the wire, each moved once: this is the broker's innermost loop.
void write_publish(const PublishView& message, std::string_view topic, std::string_view properties, std::string& out) {
  CROFT_ASSERT(topic.size() <= limits::string_bytes_max);
  const bool numbered = message.qos != QoS::at_most_once;
  const VariableInteger length(2 + topic.size() + (numbered ? 2 : 0) + properties.size() + message.payload.size());
  char head[1 + limits::variable_integer_bytes_max + 2];
  std::size_t used = 0;
  head[used++] = static_cast<char>(first_byte(message.qos, message.retain, message.dup));
  used += length.view().copy(head + used, length.view().size());
  head[used++] = static_cast<char>(topic.size() >> 8);
  head[used++] = static_cast<char>(topic.size());
  out.append(head, used);
  out.append(topic);
  if (numbered) write_u16(message.packet_id, out);
  out.append(properties);
  out.append(message.payload);
}

}  // namespace

void encode(const Publish& packet, Version version, std::string& out) {
  std::string properties;
  if (version == Version::v5) write_properties(place_of(PacketType::publish), packet.properties.get(), properties);
  write_publish(view(packet), packet.topic, properties, out);
}

void encode(const PublishView& message, Version version, const ReceiverProperties& extra, std::string& out) {
  const bool topic_is_left_out = version == Version::v5 && extra.topic_alias && extra.topic_is_known;
  std::string properties;  // "" in 3.1.1; short ones stay off the heap
  if (version == Version::v5) write_forwarded_properties(message, extra, properties);
  write_publish(message, topic_is_left_out ? std::string_view() : message.topic, properties, out);
}

}  // namespace croft::mqtt
