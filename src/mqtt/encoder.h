// Packets to bytes. Every function appends to `out`.
//
// The caller keeps to the format: strings of at most limits::string_bytes_max bytes (asserted), packet ids not zero
// where the packet has one. Properties that the packet cannot carry, and all of them in 3.1.1, are left out.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "mqtt/packets.h"

namespace croft::mqtt {

void encode(const Connect& packet, Version version, std::string& out);  // `version` counts, not packet.version
void encode(const Connack& packet, Version version, std::string& out);
void encode(const Publish& packet, Version version, std::string& out);
void encode(const Puback& packet, Version version, std::string& out);
void encode(const Pubrec& packet, Version version, std::string& out);
void encode(const Pubrel& packet, Version version, std::string& out);
void encode(const Pubcomp& packet, Version version, std::string& out);
void encode(const Subscribe& packet, Version version, std::string& out);
void encode(const Suback& packet, Version version, std::string& out);
void encode(const Unsubscribe& packet, Version version, std::string& out);
void encode(const Unsuback& packet, Version version, std::string& out);
void encode(const Pingreq& packet, Version version, std::string& out);
void encode(const Pingresp& packet, Version version, std::string& out);
// 3.1.1 has no DISCONNECT from the server: do not send one there, close.
void encode(const Disconnect& packet, Version version, std::string& out);
void encode(const Auth& packet, Version version, std::string& out);  // 5.0 only
void encode(const Packet& packet, Version version, std::string& out);

// The 3.1.1 CONNACK return code that comes nearest: 0 accepted, 1 version, 2 client id, 3 unavailable, 4 user name or
// password, 5 not authorized. Failures without a counterpart are 3.
std::uint8_t to_return_code(ReasonCode reason);
// Whether there is one that says just that. Without one a 3.1.1 connection is closed without a CONNACK (3.2.2-6).
bool has_return_code(ReasonCode reason);

// A message on its way to a receiver, without owning it. Of the publisher's properties only those of the message
// travel: neither its topic alias nor subscription identifiers.
struct PublishView {
  std::string_view topic;
  std::string_view payload;
  QoS qos = QoS::at_most_once;
  bool retain = false;
  bool dup = false;
  std::uint16_t packet_id = 0;
  const Properties* properties = nullptr;  // null: none
};

// What one receiver gets and others do not, in 5.0.
struct ReceiverProperties {
  std::span<const std::uint32_t> subscription_identifiers{};
  std::optional<std::uint16_t> topic_alias{};
  bool topic_is_known = false;                             // the alias stands for the topic, which is left out
  std::optional<std::uint32_t> message_expiry_interval{};  // what is left, in place of the message's own
};

// One PUBLISH for one receiver.
void encode(const PublishView& message, Version version, const ReceiverProperties& extra, std::string& out);

}  // namespace croft::mqtt
