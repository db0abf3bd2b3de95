// The wire form of Properties: which packet may carry which property, and their values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "mqtt/packets.h"
#include "mqtt/wire_reader.h"

namespace croft::mqtt {

// MQTT 5.0, table 2-4.
enum class PropertyId : std::uint8_t {
  payload_format_indicator = 0x01,
  message_expiry_interval = 0x02,
  content_type = 0x03,
  response_topic = 0x08,
  correlation_data = 0x09,
  subscription_identifier = 0x0B,
  session_expiry_interval = 0x11,
  assigned_client_identifier = 0x12,
  server_keep_alive = 0x13,
  authentication_method = 0x15,
  authentication_data = 0x16,
  request_problem_information = 0x17,
  will_delay_interval = 0x18,
  request_response_information = 0x19,
  response_information = 0x1A,
  server_reference = 0x1C,
  reason_string = 0x1F,
  receive_maximum = 0x21,
  topic_alias_maximum = 0x22,
  topic_alias = 0x23,
  maximum_qos = 0x24,
  retain_available = 0x25,
  user_property = 0x26,
  maximum_packet_size = 0x27,
  wildcard_subscription_available = 0x28,
  subscription_identifier_available = 0x29,
  shared_subscription_available = 0x2A,
};

// Where a property block stands: a packet (values of PacketType), the will inside CONNECT, or a message that the
// broker passes on, which keeps what the publisher said about the message and nothing about the connection.
enum class PropertyPlace : std::uint8_t { will = 0, forwarded = 16 };
constexpr PropertyPlace place_of(PacketType type) {
  return static_cast<PropertyPlace>(type);
}

// Reads the length and the block. Faults: malformed_packet for unknown properties, those of other packets, and wrong
// lengths (2.2.2.2); protocol_error for repetitions and values out of range; quota_exceeded beyond limits.h.
void read_properties(PropertyPlace place, WireReader& in, Properties& properties);

// The length and those of the properties that belong to `place`. `properties` may be null.
void write_properties(PropertyPlace place, const PropertyBlock* properties, std::string& out);

// The same without the length, for a caller that adds more.
void write_property_fields(PropertyPlace place, const PropertyBlock& properties, std::string& out);

void write_property(PropertyId id, std::uint16_t value, std::string& out);
void write_property(PropertyId id, std::uint32_t value, std::string& out);
void write_subscription_identifier(std::uint32_t identifier, std::string& out);

}  // namespace croft::mqtt
