#pragma once

#include <cstddef>
#include <cstdint>

namespace croft::broker::limits {

inline constexpr std::size_t early_bytes_max = 256 * 1024;     // received before CONNACK could go out
inline constexpr std::size_t qos2_ids_max = 10'000;            // received and not yet released, of one 3.1.1 session
inline constexpr std::size_t fetched_at_once_max = 1'000;      // messages that waited for a group, by one of its members
inline constexpr std::size_t fetched_together = 32;            // of these, before its window is looked at again
inline constexpr std::int64_t told_published_ms = 60'000;      // a client's published messages are told in spans so long

}  // namespace croft::broker::limits
