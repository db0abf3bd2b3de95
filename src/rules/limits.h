#pragma once

#include <cstddef>

namespace croft::rules::limits {

// AWS IoT rules engine quotas.
inline constexpr std::size_t rules_max = 1'000;
inline constexpr std::size_t rule_bytes_max = 128 * 1024;  // SQL, actions and description together
inline constexpr std::size_t actions_max = 10;
inline constexpr std::size_t rule_name_bytes_max = 128;

inline constexpr std::size_t jobs_max = 50'000;      // waiting on one shard; ordinary messages above it are dropped and counted
inline constexpr unsigned republish_hops_max = 8;    // AWS warns of loops and names no number

}  // namespace croft::rules::limits
