// The bodies of the packets: what follows the fixed header.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "mqtt/decoder.h"
#include "mqtt/packets.h"

namespace croft::mqtt {

// The first byte of a packet, taken apart.
struct PacketHead {
  PacketType type;
  std::uint8_t flags;
  Decoder::Side side;
};

// Appends the packet whose whole body is `body`, or nothing and a fault. The type fits the side and the flags fit the
// type: the Decoder looked. A CONNECT sets `version` when that is still absent, even if it is refused further on.
std::optional<Fault> read_packet(const PacketHead& head, std::string_view body, std::optional<Version>& version,
                                 std::vector<Packet>& out);

// The body of a PUBLISH, read in place; false when it has a fault, which read_packet() names.
bool read_publish(const PacketHead& head, std::string_view body, Version version, InboundPublish& packet);

}  // namespace croft::mqtt
