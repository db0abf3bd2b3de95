#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace croft::device::limits {

inline constexpr std::uint32_t packet_bytes_max = 256 * 1024;  // AWS sends payloads of at most 128 KB
inline constexpr std::size_t config_bytes_max = 1024 * 1024;
inline constexpr std::size_t pem_bytes_max = 256 * 1024;
inline constexpr std::size_t warnings_max = 64;

inline constexpr std::chrono::milliseconds connect_max{10'000};      // TCP, TLS and CONNACK, each
inline constexpr std::chrono::milliseconds ping_answer_max{30'000};  // or the keep-alive, when that is shorter
inline constexpr std::chrono::milliseconds tick{250};                // how often deadlines are looked at

inline constexpr std::chrono::milliseconds reconnect_wait_min{50};
inline constexpr std::chrono::milliseconds reconnect_wait_first{1'000};   // the first window; it doubles
inline constexpr std::chrono::milliseconds connection_is_stable{30'000};  // after this the window starts anew

inline constexpr std::chrono::seconds start_wait_max{70};  // greengrassd says "up to 1m10s"
inline constexpr std::chrono::seconds stop_wait_max{30};

inline constexpr std::size_t log_bytes_max = 10 * 1024 * 1024;  // of runtime.log, then it becomes runtime.log.1
inline constexpr int log_files_max = 5;

inline constexpr std::size_t fleet_devices_max = 1'000'000;

}  // namespace croft::device::limits
