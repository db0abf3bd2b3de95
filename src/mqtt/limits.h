// What the codec refuses before it believes it. The broker narrows these to AWS's quotas (topic length, levels,
// subscriptions a packet); here stand the bounds of the format and of the memory that one packet may cost.
#pragma once

#include <cstddef>
#include <cstdint>

namespace croft::mqtt::limits {

// Largest value of a variable byte integer, so of the remaining length. MQTT 5.0, 1.5.5.
inline constexpr std::uint32_t variable_integer_max = 268'435'455;
inline constexpr std::size_t variable_integer_bytes_max = 4;
inline constexpr std::uint32_t packet_bytes_max = 1 + variable_integer_bytes_max + variable_integer_max;

// Strings and binary data carry a two-byte length. MQTT 5.0, 1.5.4 and 1.5.6.
inline constexpr std::size_t string_bytes_max = 65'535;

// A whole CONNECT, the only packet that a stranger may send. AWS IoT message broker quotas: larger ones are rejected.
inline constexpr std::uint32_t connect_bytes_max = 128 * 1024;

// Entries of one SUBSCRIBE or UNSUBSCRIBE. AWS takes eight; the broker answers for those between.
inline constexpr std::size_t filters_per_packet_max = 10'000;

// Entries of one property block. AWS bounds user properties to 8 KB in total, which the broker checks.
inline constexpr std::size_t user_properties_max = 1024;
inline constexpr std::size_t subscription_identifiers_max = 1024;

// Buffer that a decoder keeps between packets for the next unfinished one; larger buffers are given back.
inline constexpr std::size_t idle_buffer_bytes_max = 256;

}  // namespace croft::mqtt::limits
