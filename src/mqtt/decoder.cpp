#include "mqtt/decoder.h"

#include <algorithm>
#include <utility>

#include "mqtt/limits.h"
#include "mqtt/packet_reader.h"

namespace croft::mqtt {

namespace {

constexpr std::uint32_t bit(PacketType type) {
  return 1u << static_cast<unsigned>(type);
}

constexpr std::uint32_t both_ways = bit(PacketType::publish) | bit(PacketType::puback) | bit(PacketType::pubrec) |
                                    bit(PacketType::pubrel) | bit(PacketType::pubcomp);
constexpr std::uint32_t from_client = both_ways | bit(PacketType::connect) | bit(PacketType::subscribe) |
                                      bit(PacketType::unsubscribe) | bit(PacketType::pingreq) |
                                      bit(PacketType::disconnect);
constexpr std::uint32_t from_server = both_ways | bit(PacketType::connack) | bit(PacketType::suback) |
                                      bit(PacketType::unsuback) | bit(PacketType::pingresp);

std::uint32_t allowed_types(Decoder::Side side, Version version) {
  const bool v5 = version == Version::v5;
  if (side == Decoder::Side::server) return from_client | (v5 ? bit(PacketType::auth) : 0);
  return from_server | (v5 ? bit(PacketType::auth) | bit(PacketType::disconnect) : 0);
}

// MQTT 5.0, 2.1.3 and 3.3.1. A first delivery is never marked as a repeated one with QoS 0.
bool are_flags_right(PacketType type, std::uint8_t flags) {
  switch (type) {
    case PacketType::publish: {
      const int qos = flags >> 1 & 0x03;
      const bool dup = (flags & 0x08) != 0;
      return qos != 3 && !(dup && qos == 0);
    }
    case PacketType::pubrel:
    case PacketType::subscribe:
    case PacketType::unsubscribe:
      return flags == 0x02;
    default:
      return flags == 0;
  }
}

}  // namespace

std::optional<Fault> Decoder::feed(std::span<const char> bytes, std::vector<Packet>& out) {
  std::string_view rest(bytes.data(), bytes.size());
  while (!rest.empty() && !fault_) rest.remove_prefix(take(rest, out));
  return fault_;
}

Decoder::One Decoder::feed_one(std::span<const char> bytes, std::vector<Packet>& out) {
  One one;
  if (!bytes.empty() && !fault_) one.consumed = take({bytes.data(), bytes.size()}, out);
  one.fault = fault_;
  return one;
}

// Every reason to look closer is left to feed_one(), which names it.
std::size_t Decoder::take_publish(std::span<const char> bytes, InboundPublish& out) const {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
  if (bytes.size() < 2 || !tail_.empty() || fault_ || !connect_seen_) return 0;
  if (static_cast<PacketType>(byte(0) >> 4) != PacketType::publish || !are_flags_right(PacketType::publish, byte(0) & 0x0F))
    return 0;
  std::size_t length = byte(1) & 0x7F, header_bytes = 2;
  while ((byte(header_bytes - 1) & 0x80) != 0) {
    if (header_bytes > limits::variable_integer_bytes_max || header_bytes == bytes.size()) return 0;
    length |= static_cast<std::size_t>(byte(header_bytes) & 0x7F) << (7 * (header_bytes - 1));
    ++header_bytes;
  }
  if (byte(header_bytes - 1) == 0 && header_bytes > 2) return 0;  // padded
  const std::size_t packet_bytes = header_bytes + length;
  if (packet_bytes > bytes.size() || packet_bytes > packet_bytes_max_) return 0;
  const PacketHead head{PacketType::publish, static_cast<std::uint8_t>(byte(0) & 0x0F), side_};
  const std::string_view body(bytes.data() + header_bytes, length);
  return read_publish(head, body, version_.value_or(Version::v3_1_1), out) ? packet_bytes : 0;
}

std::string Decoder::take_rest() {
  return std::exchange(tail_, {});
}

void Decoder::set_version(Version version) {
  version_ = version;
  connect_seen_ = true;
}

std::size_t Decoder::take(std::string_view bytes, std::vector<Packet>& out) {
  if (!tail_.empty()) return take_into_tail(bytes, out);

  const Frame frame = read_frame(bytes);
  if (fault_) return 0;
  if (frame.header_bytes == 0 || frame.packet_bytes > bytes.size()) {
    tail_ = bytes;
    return bytes.size();
  }
  decode(bytes.substr(0, frame.packet_bytes), frame, out);
  return frame.packet_bytes;
}

std::size_t Decoder::take_into_tail(std::string_view bytes, std::vector<Packet>& out) {
  std::size_t taken = 0;
  Frame frame = read_frame(tail_);
  while (frame.header_bytes == 0 && !fault_ && taken < bytes.size()) {
    tail_.push_back(bytes[taken++]);
    frame = read_frame(tail_);
  }
  if (fault_ || frame.header_bytes == 0) return taken;

  const std::string_view piece = bytes.substr(taken, frame.packet_bytes - tail_.size());
  tail_.append(piece);
  taken += piece.size();
  if (tail_.size() < frame.packet_bytes) return taken;

  decode(tail_, frame, out);
  tail_.clear();
  if (tail_.capacity() > limits::idle_buffer_bytes_max) tail_.shrink_to_fit();
  return taken;
}

Decoder::Frame Decoder::read_frame(std::string_view bytes) {
  check_first_byte(static_cast<std::uint8_t>(bytes[0]));
  std::size_t length = 0;
  for (std::size_t i = 0; i < limits::variable_integer_bytes_max && !fault_; ++i) {
    if (bytes.size() < i + 2) return {};
    const auto byte = static_cast<std::uint8_t>(bytes[i + 1]);
    length |= static_cast<std::size_t>(byte & 0x7F) << (7 * i);
    if ((byte & 0x80) != 0) continue;
    const bool is_padded = byte == 0 && i > 0;  // some 3.1.1 clients always send four bytes; 5.0 forbids it
    if (is_padded && version_ == Version::v5)
      fail(ReasonCode::malformed_packet, "remaining length longer than needed");
    const Frame frame{i + 2, i + 2 + length};
    check_length(frame);
    return frame;
  }
  fail(ReasonCode::malformed_packet, "remaining length of more than four bytes");
  return {};
}

void Decoder::check_first_byte(std::uint8_t first_byte) {
  const auto type = static_cast<PacketType>(first_byte >> 4);
  if (side_ == Side::server && !connect_seen_ && type != PacketType::connect)
    return fail(ReasonCode::protocol_error, "first packet is not CONNECT");
  if (first_byte < 0x10) return fail(ReasonCode::malformed_packet, "packet type 0");
  if (!are_flags_right(type, first_byte & 0x0F))
    return fail(ReasonCode::malformed_packet, "wrong fixed header flags");
  if ((allowed_types(side_, version_.value_or(Version::v3_1_1)) & bit(type)) == 0)
    return fail(ReasonCode::protocol_error, "packet type is not for this side");
}

void Decoder::check_length(const Frame& frame) {
  const bool before_connect = side_ == Side::server && !connect_seen_;
  const std::uint32_t most =
      before_connect ? std::min(packet_bytes_max_, limits::connect_bytes_max) : packet_bytes_max_;
  if (frame.packet_bytes > most) fail(ReasonCode::packet_too_large, "packet is over the limit");
}

void Decoder::decode(std::string_view packet, const Frame& frame, std::vector<Packet>& out) {
  const auto first_byte = static_cast<std::uint8_t>(packet[0]);
  const PacketHead head{static_cast<PacketType>(first_byte >> 4), static_cast<std::uint8_t>(first_byte & 0x0F),
                        side_};
  const auto fault = read_packet(head, packet.substr(frame.header_bytes), version_, out);
  if (fault) return fail(fault->reason, fault->what);
  connect_seen_ = true;
}

void Decoder::fail(ReasonCode reason, const char* what) {
  if (!fault_) fault_ = Fault{reason, what};
}

}  // namespace croft::mqtt
