#pragma once

#include <cstddef>

namespace croft::presence::limits {

inline constexpr std::size_t events_in_memory_max = 20'000;  // of one shard; the others wait on disk
inline constexpr std::size_t events_read_at_once = 1'000;    // from disk

}  // namespace croft::presence::limits
