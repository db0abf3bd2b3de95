// The fifteen packets of MQTT 3.1.1 and 5.0 as values. A packet that a Decoder made obeys the rules of the format:
// strings are UTF-8 without U+0000, topics have no wildcard, packet ids are not zero. AWS's rules are the broker's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "mqtt/properties.h"
#include "mqtt/reason_codes.h"

namespace croft::mqtt {

// The protocol level in CONNECT.
enum class Version : std::uint8_t { v3_1_1 = 4, v5 = 5 };

enum class QoS : std::uint8_t { at_most_once = 0, at_least_once = 1, exactly_once = 2 };

enum class PacketType : std::uint8_t {
  connect = 1,
  connack,
  publish,
  puback,
  pubrec,
  pubrel,
  pubcomp,
  subscribe,
  suback,
  unsubscribe,
  unsuback,
  pingreq,
  pingresp,
  disconnect,
  auth,
};

struct Will {
  std::string topic;
  std::string payload;
  QoS qos = QoS::at_most_once;
  bool retain = false;
  Properties properties;

  friend bool operator==(const Will&, const Will&) = default;
};

// `client_id` may be empty; whether that is allowed (3.1.1: only with a clean session) is the broker's to answer.
struct Connect {
  Version version = Version::v3_1_1;
  bool clean_start = true;  // 3.1.1: Clean Session
  std::uint16_t keep_alive_s = 0;
  std::string client_id;
  std::optional<Will> will;
  std::optional<std::string> user_name;
  std::optional<std::string> password;  // bytes
  Properties properties;

  friend bool operator==(const Connect&, const Connect&) = default;
};

// In 3.1.1 the reason travels as return code 0 to 5: see to_return_code in encoder.h.
struct Connack {
  bool session_present = false;
  ReasonCode reason = ReasonCode::success;
  Properties properties;

  friend bool operator==(const Connack&, const Connack&) = default;
};

// `topic` is empty only in 5.0, together with a topic alias. `packet_id` is 0 when qos is at_most_once.
struct Publish {
  std::string topic;
  std::string payload;
  QoS qos = QoS::at_most_once;
  bool retain = false;
  bool dup = false;
  std::uint16_t packet_id = 0;
  Properties properties;

  friend bool operator==(const Publish&, const Publish&) = default;
};

// A PUBLISH read in place: its views are into the bytes that it came in. Otherwise as Publish.
struct InboundPublish {
  std::string_view topic;
  std::string_view payload;
  QoS qos = QoS::at_most_once;
  bool retain = false;
  bool dup = false;
  std::uint16_t packet_id = 0;
  Properties properties;
};

// The four answers of the QoS 1 and 2 flows differ by their type alone. In 3.1.1 the reason is always success.
template <PacketType packet_type>
struct Ack {
  static constexpr PacketType type = packet_type;

  std::uint16_t packet_id = 0;
  ReasonCode reason = ReasonCode::success;
  Properties properties;

  friend bool operator==(const Ack&, const Ack&) = default;
};
using Puback = Ack<PacketType::puback>;
using Pubrec = Ack<PacketType::pubrec>;
using Pubrel = Ack<PacketType::pubrel>;
using Pubcomp = Ack<PacketType::pubcomp>;

// `filter` is any UTF-8 string, perhaps empty or misplaced wildcards: ask is_valid_filter (mqtt/topic.h), because a
// bad filter is answered in its place of the SUBACK. The last three are false and 0 in 3.1.1.
struct Subscription {
  std::string filter;
  QoS qos = QoS::at_most_once;
  bool no_local = false;
  bool retain_as_published = false;
  std::uint8_t retain_handling = 0;  // 0 send retained, 1 only if new, 2 do not

  friend bool operator==(const Subscription&, const Subscription&) = default;
};

struct Subscribe {
  std::uint16_t packet_id = 0;
  std::vector<Subscription> subscriptions;  // at least one
  Properties properties;

  friend bool operator==(const Subscribe&, const Subscribe&) = default;
};

// One reason for each filter, in order. In 3.1.1 every failure travels as 0x80.
struct Suback {
  std::uint16_t packet_id = 0;
  std::vector<ReasonCode> reasons;
  Properties properties;

  friend bool operator==(const Suback&, const Suback&) = default;
};

// Filters as in Subscription: not validated.
struct Unsubscribe {
  std::uint16_t packet_id = 0;
  std::vector<std::string> filters;  // at least one
  Properties properties;

  friend bool operator==(const Unsubscribe&, const Unsubscribe&) = default;
};

// In 3.1.1 there are no reasons.
struct Unsuback {
  std::uint16_t packet_id = 0;
  std::vector<ReasonCode> reasons;
  Properties properties;

  friend bool operator==(const Unsuback&, const Unsuback&) = default;
};

struct Pingreq {
  friend bool operator==(const Pingreq&, const Pingreq&) = default;
};

struct Pingresp {
  friend bool operator==(const Pingresp&, const Pingresp&) = default;
};

// 3.1.1: from clients only, and always normal_disconnection.
struct Disconnect {
  ReasonCode reason = ReasonCode::normal_disconnection;
  Properties properties;

  friend bool operator==(const Disconnect&, const Disconnect&) = default;
};

// 5.0 only.
struct Auth {
  ReasonCode reason = ReasonCode::success;
  Properties properties;

  friend bool operator==(const Auth&, const Auth&) = default;
};

using Packet = std::variant<Connect, Connack, Publish, Puback, Pubrec, Pubrel, Pubcomp, Subscribe, Suback,
                            Unsubscribe, Unsuback, Pingreq, Pingresp, Disconnect, Auth>;

// Why bytes were refused: the reason to tell the peer (CONNACK before, DISCONNECT after the session began; 3.1.1
// peers are just closed) and a phrase for the log.
struct Fault {
  ReasonCode reason;
  const char* what;
};

}  // namespace croft::mqtt
