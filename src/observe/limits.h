// Every bound of what observe/ keeps.
#pragma once

#include <cstddef>

namespace croft::trace::limits {

// Traces. With eight steps one takes about 3 KB; the oldest makes room.
inline constexpr std::size_t traces_max = 5'000;
inline constexpr std::size_t traces_bytes_max = 32 * 1024 * 1024;
inline constexpr std::size_t traces_of_client_max = 20;
inline constexpr std::size_t steps_max = 64;              // of one trace; further ones are counted
inline constexpr std::size_t step_name_bytes_max = 512;
inline constexpr std::size_t text_bytes_max = 4 * 1024;   // an item, an output, a payload, an error in a step's detail
inline constexpr std::size_t detail_bytes_max = 16 * 1024;  // a step's whole detail; a longer one is left out

// Timelines. The client that was quiet longest makes room.
inline constexpr std::size_t entries_of_client_max = 64;
inline constexpr std::size_t timeline_clients_max = 50'000;
inline constexpr std::size_t timelines_bytes_max = 16 * 1024 * 1024;

}  // namespace croft::trace::limits
