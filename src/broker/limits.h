#pragma once

#include <cstddef>
#include <cstdint>

namespace croft::broker::limits {

inline constexpr std::size_t retained_messages_max = 500'000;  // AWS IoT quotas, of an account
inline constexpr std::size_t early_bytes_max = 256 * 1024;     // received before CONNACK could go out
inline constexpr std::size_t qos2_ids_max = 10'000;            // received and not yet released, of one 3.1.1 session

// AWS IoT quotas, Message Expiry Interval: smaller and larger ones are treated as these.
inline constexpr std::uint32_t message_expiry_min_s = 1;
inline constexpr std::uint32_t message_expiry_max_s = 604'800;

}  // namespace croft::broker::limits
