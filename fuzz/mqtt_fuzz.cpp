// Feeds the input to decoders of both sides and versions, in pieces whose sizes the input chooses. Whatever decodes
// is encoded and decoded again and must come out equal; pieces must give what the whole gives.
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mqtt/decoder.h"
#include "mqtt/encoder.h"
#include "mqtt/topic.h"
#include "types/assert.h"

namespace {

using namespace croft::mqtt;
using Side = Decoder::Side;

constexpr std::uint32_t packet_bytes_max = 64 * 1024;

struct Decoded {
  std::vector<Packet> packets;
  std::optional<Fault> fault;
};

// Sizes 1 to 256 from a linear congruential sequence.
class PieceSizes {
 public:
  explicit PieceSizes(std::uint32_t seed) : state_(seed) {}
  std::size_t next() {
    state_ = state_ * 1664525 + 1013904223;
    const std::uint32_t high = state_ >> 24;
    return 1 + ((state_ >> 16 & 1) != 0 ? high : high % 4);
  }

 private:
  std::uint32_t state_;
};

Decoded decode_in_pieces(Decoder decoder, std::string_view bytes, PieceSizes sizes) {
  Decoded decoded;
  while (!bytes.empty() && !decoded.fault) {
    const std::string piece(bytes.substr(0, sizes.next()));  // freed at once: nothing may refer to it
    decoded.fault = decoder.feed(piece, decoded.packets);
    bytes.remove_prefix(piece.size());
  }
  return decoded;
}

Decoded decode_one_by_one(Decoder decoder, std::string_view bytes) {
  Decoded decoded;
  while (!bytes.empty() && !decoded.fault) {
    const auto one = decoder.feed_one(bytes, decoded.packets);
    decoded.fault = one.fault;
    bytes.remove_prefix(one.consumed);
  }
  return decoded;
}

bool equal(const Decoded& a, const Decoded& b) {
  if (a.packets != b.packets || a.fault.has_value() != b.fault.has_value()) return false;
  return !a.fault || a.fault->reason == b.fault->reason;
}

void check_round_trip(const Packet& packet, Side side, Version version) {
  const auto* connect = std::get_if<Connect>(&packet);
  if (connect) version = connect->version;
  std::string bytes;
  encode(packet, version, bytes);

  Decoder decoder(side, 2 * packet_bytes_max);
  decoder.set_version(version);
  std::vector<Packet> again;
  CROFT_ASSERT(!decoder.feed(bytes, again));
  CROFT_ASSERT(again == std::vector<Packet>{packet});
}

// A PUBLISH that is passed on is read as what it was, and reading in place gives what reading whole gives.
void check_fan_out(const Publish& publish, Side side, Version version) {
  if (publish.topic.empty()) return;
  std::string bytes;
  const PublishView view{.topic = publish.topic,
                         .payload = publish.payload,
                         .qos = publish.qos,
                         .retain = publish.retain,
                         .dup = publish.dup,
                         .packet_id = publish.packet_id,
                         .properties = &publish.properties};
  encode(view, version, {}, bytes);
  Decoder decoder(side, 2 * packet_bytes_max);
  decoder.set_version(version);
  InboundPublish in_place;
  CROFT_ASSERT(decoder.take_publish(bytes, in_place) == bytes.size());
  CROFT_ASSERT(in_place.topic == publish.topic && in_place.payload == publish.payload && in_place.qos == publish.qos);
  CROFT_ASSERT(in_place.retain == publish.retain && in_place.dup == publish.dup && in_place.packet_id == publish.packet_id);
}

// Whatever the bytes are, the two ways agree.
void check_in_place(std::string_view bytes, Side side, Version version) {
  Decoder quick(side, packet_bytes_max), whole(side, packet_bytes_max);
  quick.set_version(version);
  whole.set_version(version);
  InboundPublish in_place;
  const std::size_t taken = quick.take_publish(bytes, in_place);
  if (taken == 0) return;
  std::vector<Packet> packets;
  const Decoder::One one = whole.feed_one(bytes, packets);
  CROFT_ASSERT(!one.fault && one.consumed == taken);
  const auto& publish = std::get<Publish>(packets.at(0));
  CROFT_ASSERT(in_place.topic == publish.topic && in_place.payload == publish.payload && in_place.qos == publish.qos);
  CROFT_ASSERT(in_place.properties == publish.properties && in_place.packet_id == publish.packet_id);
}

void check_filters(const Subscribe& subscribe) {
  for (const Subscription& subscription : subscribe.subscriptions) {
    if (!is_valid_filter(subscription.filter)) continue;
    const auto shared = parse_shared(subscription.filter);
    const std::string_view filter = shared ? shared->filter : std::string_view(subscription.filter);
    CROFT_ASSERT(has_wildcard(filter) || matches(filter, filter));
  }
}

void check(Decoder fresh, Side side, std::string_view bytes, std::uint32_t seed) {
  Decoder decoder = fresh;
  Decoded whole;
  whole.fault = decoder.feed(bytes, whole.packets);
  CROFT_ASSERT(equal(whole, decode_in_pieces(fresh, bytes, PieceSizes(seed))));
  CROFT_ASSERT(equal(whole, decode_one_by_one(fresh, bytes)));

  const Version version = decoder.version().value_or(Version::v3_1_1);
  for (const Packet& packet : whole.packets) {
    check_round_trip(packet, side, version);
    if (const auto* publish = std::get_if<Publish>(&packet)) check_fan_out(*publish, side, version);
    if (const auto* subscribe = std::get_if<Subscribe>(&packet)) check_filters(*subscribe);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::uint32_t seed = size == 0 ? 0 : data[0] * 2654435761u + static_cast<std::uint32_t>(size);

  check(Decoder(Side::server, packet_bytes_max), Side::server, bytes, seed);
  for (const Side side : {Side::server, Side::client}) {
    for (const Version version : {Version::v3_1_1, Version::v5}) {
      Decoder decoder(side, packet_bytes_max);
      decoder.set_version(version);
      check(decoder, side, bytes, seed);
      check_in_place(bytes, side, version);
    }
  }
  return 0;
}
