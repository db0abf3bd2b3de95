#include "mqtt/packet_reader.h"

#include <utility>

#include "mqtt/property_codec.h"
#include "mqtt/reason_sets.h"
#include "mqtt/topic.h"
#include "mqtt/wire_reader.h"

namespace croft::mqtt {

namespace {

void fail_malformed(WireReader& in, const char* what) {
  in.fail(ReasonCode::malformed_packet, what);
}

ReasonCode read_reason(PacketType type, WireReader& in) {
  const std::uint8_t code = in.u8();
  if (!is_reason_of(type, code)) in.fail(ReasonCode::protocol_error, "reason code of another packet");
  return static_cast<ReasonCode>(code);
}

// Properties of a 5.0 packet; 3.1.1 has none.
void read_properties_of(PacketType type, Version version, WireReader& in, Properties& properties) {
  if (version == Version::v5) read_properties(place_of(type), in, properties);
}

// The optional end of an answer: reason, then properties. Each may be missing.
template <class P>
void read_reason_and_properties(PacketType type, Version version, WireReader& in, P& packet) {
  if (version != Version::v5 || in.at_end()) return;
  packet.reason = read_reason(type, in);
  if (!in.at_end()) read_properties(place_of(type), in, packet.properties);
}

// CONNECT

namespace connect_flag {
constexpr std::uint8_t reserved = 0x01, clean_start = 0x02, will = 0x04, will_qos = 0x18, will_retain = 0x20,
                       password = 0x40, user_name = 0x80;
}

// Protocol name and level; a fault for all but "MQTT" 4 and 5. Level 3 was called "MQIsdp".
std::optional<Version> read_version(WireReader& in) {
  const std::string_view name = in.string();
  const std::uint8_t level = in.u8();
  if (in.fault()) return std::nullopt;
  if (name == "MQTT" && (level == 4 || level == 5)) return static_cast<Version>(level);
  in.fail(ReasonCode::unsupported_protocol_version, "neither MQTT 3.1.1 nor 5.0");
  return std::nullopt;
}

void check_connect_flags(std::uint8_t flags, Version version, WireReader& in) {
  const bool has_will = (flags & connect_flag::will) != 0;
  if ((flags & connect_flag::reserved) != 0) fail_malformed(in, "reserved connect flag is set");
  if (!has_will && (flags & (connect_flag::will_qos | connect_flag::will_retain)) != 0)
    fail_malformed(in, "will flags without a will");
  if ((flags & connect_flag::will_qos) == connect_flag::will_qos) fail_malformed(in, "will has QoS 3");
  const bool password_alone = (flags & (connect_flag::password | connect_flag::user_name)) == connect_flag::password;
  if (version == Version::v3_1_1 && password_alone) fail_malformed(in, "password without a user name");
}

Will read_will(std::uint8_t flags, Version version, WireReader& in) {
  Will will;
  will.qos = static_cast<QoS>((flags & connect_flag::will_qos) >> 3);
  will.retain = (flags & connect_flag::will_retain) != 0;
  if (version == Version::v5) read_properties(PropertyPlace::will, in, will.properties);
  will.topic = in.string();
  will.payload = in.binary();
  if (!is_valid_topic(will.topic)) in.fail(ReasonCode::topic_name_invalid, "will topic is empty or has a wildcard");
  return will;
}

void read(WireReader& in, std::optional<Version>& session_version, Connect& packet) {
  const auto version = read_version(in);
  if (!version) return;
  if (!session_version) session_version = version;
  packet.version = *version;

  const std::uint8_t flags = in.u8();
  check_connect_flags(flags, *version, in);
  packet.clean_start = (flags & connect_flag::clean_start) != 0;
  packet.keep_alive_s = in.u16();
  read_properties_of(PacketType::connect, *version, in, packet.properties);
  packet.client_id = in.string();
  if (in.fault()) return;
  if ((flags & connect_flag::will) != 0) packet.will = read_will(flags, *version, in);
  if ((flags & connect_flag::user_name) != 0) packet.user_name.emplace(in.string());
  if ((flags & connect_flag::password) != 0) packet.password.emplace(in.binary());
}

void read(WireReader& in, Version version, Connack& packet) {
  const std::uint8_t flags = in.u8();
  if (flags > 1) fail_malformed(in, "reserved CONNACK flag is set");
  packet.session_present = flags == 1;
  if (version == Version::v5) {
    packet.reason = read_reason(PacketType::connack, in);
  } else if (const auto reason = from_return_code(in.u8())) {
    packet.reason = *reason;
  } else {
    in.fail(ReasonCode::protocol_error, "reserved CONNACK return code");
  }
  if (packet.session_present && packet.reason != ReasonCode::success)
    in.fail(ReasonCode::protocol_error, "session present in a refusal");
  read_properties_of(PacketType::connack, version, in, packet.properties);
}

// PUBLISH

template <class P>  // Publish or InboundPublish
void check_topic(const PacketHead& head, Version version, const P& packet, WireReader& in) {
  const PropertyBlock* properties = packet.properties.get();
  if (head.side == Decoder::Side::server && properties && !properties->subscription_identifiers.empty())
    return in.fail(ReasonCode::protocol_error, "subscription identifier from a client");
  if (has_wildcard(packet.topic)) return in.fail(ReasonCode::topic_name_invalid, "topic has a wildcard");
  if (!packet.topic.empty()) return;
  if (version == Version::v3_1_1) return in.fail(ReasonCode::topic_name_invalid, "topic is empty");
  if (!properties || !properties->topic_alias)
    return in.fail(ReasonCode::protocol_error, "neither a topic nor a topic alias");
}

template <class P>
void read_publish_fields(const PacketHead& head, WireReader& in, Version version, P& packet) {
  packet.retain = (head.flags & 0x01) != 0;
  packet.qos = static_cast<QoS>(head.flags >> 1 & 0x03);
  packet.dup = (head.flags & 0x08) != 0;
  packet.topic = in.string();
  if (packet.qos != QoS::at_most_once) packet.packet_id = in.packet_id();
  read_properties_of(PacketType::publish, version, in, packet.properties);
  if (in.fault()) return;
  check_topic(head, version, packet, in);
  packet.payload = in.rest();
}

template <PacketType type>
void read(WireReader& in, Version version, Ack<type>& packet) {
  packet.packet_id = in.packet_id();
  read_reason_and_properties(type, version, in, packet);
}

// SUBSCRIBE and UNSUBSCRIBE

void read_options(Version version, WireReader& in, Subscription& subscription) {
  const std::uint8_t options = in.u8();
  const std::uint8_t reserved = version == Version::v5 ? 0xC0 : 0xFC;
  if ((options & reserved) != 0) return fail_malformed(in, "reserved subscription option is set");
  if ((options & 0x03) == 3) return in.fail(ReasonCode::protocol_error, "subscription has QoS 3");
  subscription.qos = static_cast<QoS>(options & 0x03);
  subscription.no_local = (options & 0x04) != 0;
  subscription.retain_as_published = (options & 0x08) != 0;
  subscription.retain_handling = options >> 4 & 0x03;
  if (subscription.retain_handling == 3) in.fail(ReasonCode::protocol_error, "retain handling is 3");
  if (subscription.no_local && is_shared(subscription.filter))
    in.fail(ReasonCode::protocol_error, "no local on a shared subscription");
}

void read(WireReader& in, Version version, Subscribe& packet) {
  packet.packet_id = in.packet_id();
  read_properties_of(PacketType::subscribe, version, in, packet.properties);
  if (in.at_end()) in.fail(ReasonCode::protocol_error, "SUBSCRIBE without a filter");
  while (!in.at_end()) {
    if (packet.subscriptions.size() == limits::filters_per_packet_max)
      return in.fail(ReasonCode::quota_exceeded, "too many filters in a packet");
    Subscription& subscription = packet.subscriptions.emplace_back();
    subscription.filter = in.string();
    read_options(version, in, subscription);
  }
}

void read(WireReader& in, Version version, Unsubscribe& packet) {
  packet.packet_id = in.packet_id();
  read_properties_of(PacketType::unsubscribe, version, in, packet.properties);
  if (in.at_end()) in.fail(ReasonCode::protocol_error, "UNSUBSCRIBE without a filter");
  while (!in.at_end()) {
    if (packet.filters.size() == limits::filters_per_packet_max)
      return in.fail(ReasonCode::quota_exceeded, "too many filters in a packet");
    packet.filters.emplace_back(in.string());
  }
}

void read_reasons(PacketType type, WireReader& in, std::vector<ReasonCode>& reasons) {
  if (in.at_end()) in.fail(ReasonCode::protocol_error, "answer without a reason code");
  while (!in.at_end()) reasons.push_back(read_reason(type, in));
}

void read(WireReader& in, Version version, Suback& packet) {
  packet.packet_id = in.packet_id();
  read_properties_of(PacketType::suback, version, in, packet.properties);
  read_reasons(PacketType::suback, in, packet.reasons);
  if (version == Version::v5) return;
  for (const ReasonCode reason : packet.reasons)
    if (is_failure(reason) && reason != ReasonCode::unspecified_error)
      in.fail(ReasonCode::protocol_error, "reserved SUBACK return code");
}

void read(WireReader& in, Version version, Unsuback& packet) {
  packet.packet_id = in.packet_id();
  if (version != Version::v5) return;
  read_properties_of(PacketType::unsuback, version, in, packet.properties);
  read_reasons(PacketType::unsuback, in, packet.reasons);
}

void read(WireReader&, Version, Pingreq&) {}
void read(WireReader&, Version, Pingresp&) {}

void read(WireReader& in, Version version, Disconnect& packet) {
  read_reason_and_properties(PacketType::disconnect, version, in, packet);
}

void read(WireReader& in, Version version, Auth& packet) {
  read_reason_and_properties(PacketType::auth, version, in, packet);
}

template <class P>
P& append(std::vector<Packet>& out) {
  return std::get<P>(out.emplace_back(std::in_place_type<P>));
}

void read_by_type(const PacketHead& head, WireReader& in, std::optional<Version>& session_version,
                  std::vector<Packet>& out) {
  const Version version = session_version.value_or(Version::v3_1_1);
  switch (head.type) {
    case PacketType::connect:
      return read(in, session_version, append<Connect>(out));
    case PacketType::connack:
      return read(in, version, append<Connack>(out));
    case PacketType::publish:
      return read_publish_fields(head, in, version, append<Publish>(out));
    case PacketType::puback:
      return read(in, version, append<Puback>(out));
    case PacketType::pubrec:
      return read(in, version, append<Pubrec>(out));
    case PacketType::pubrel:
      return read(in, version, append<Pubrel>(out));
    case PacketType::pubcomp:
      return read(in, version, append<Pubcomp>(out));
    case PacketType::subscribe:
      return read(in, version, append<Subscribe>(out));
    case PacketType::suback:
      return read(in, version, append<Suback>(out));
    case PacketType::unsubscribe:
      return read(in, version, append<Unsubscribe>(out));
    case PacketType::unsuback:
      return read(in, version, append<Unsuback>(out));
    case PacketType::pingreq:
      return read(in, version, append<Pingreq>(out));
    case PacketType::pingresp:
      return read(in, version, append<Pingresp>(out));
    case PacketType::disconnect:
      return read(in, version, append<Disconnect>(out));
    case PacketType::auth:
      return read(in, version, append<Auth>(out));
  }
}

}  // namespace

bool read_publish(const PacketHead& head, std::string_view body, Version version, InboundPublish& packet) {
  WireReader in(body);
  packet.properties.clear();
  read_publish_fields(head, in, version, packet);
  return !in.fault();
}

std::optional<Fault> read_packet(const PacketHead& head, std::string_view body, std::optional<Version>& version,
                                 std::vector<Packet>& out) {
  WireReader in(body);
  read_by_type(head, in, version, out);
  if (!in.at_end()) fail_malformed(in, "bytes after the end of the packet");
  if (in.fault()) out.pop_back();
  return in.fault();
}

}  // namespace croft::mqtt
