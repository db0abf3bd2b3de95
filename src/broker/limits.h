#pragma once

#include <cstddef>

namespace croft::broker::limits {

inline constexpr std::size_t early_bytes_max = 256 * 1024;     // received before CONNACK could go out
inline constexpr std::size_t qos2_ids_max = 10'000;            // received and not yet released, of one 3.1.1 session

}  // namespace croft::broker::limits
