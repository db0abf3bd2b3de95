#pragma once

#include <cstdint>
#include <optional>

#include "mqtt/packets.h"

namespace croft::mqtt {

// Whether a packet of this type may carry the code: the tables of MQTT 5.0, chapter 3.
bool is_reason_of(PacketType type, std::uint8_t code);

// A 3.1.1 CONNACK return code as a reason; nothing for codes that 3.1.1 reserves.
std::optional<ReasonCode> from_return_code(std::uint8_t code);

}  // namespace croft::mqtt
