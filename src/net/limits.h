#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace croft::net::limits {

inline constexpr std::size_t http_header_bytes_max = 64 * 1024;
inline constexpr std::size_t http_body_bytes_max = 128 * 1024 * 1024;  // a 50 MB function archive in base64, and room
inline constexpr std::size_t http_small_body_bytes = 64 * 1024;        // not counted by a BodyBudget
inline constexpr std::chrono::milliseconds http_idle_max{300'000};    // for a whole request to arrive, for its answer to be read
inline constexpr std::chrono::milliseconds linger_max{1'000};         // unread input is drained so long after a close
inline constexpr std::uint64_t websocket_message_bytes_max = 1024 * 1024;  // AWS tells none; its MQTT packets have at most 146 KB
inline constexpr std::size_t websocket_unsent_max = 256 * 1024;       // one that pings and does not read is not heard above
inline constexpr std::size_t client_connections_max = 64;             // of one HttpClient to one origin
inline constexpr std::size_t client_waiting_max = 1'000;              // requests that wait for one of them
inline constexpr std::size_t client_origins_max = 256;                // at a time
inline constexpr std::chrono::milliseconds client_idle_max{30'000};
inline constexpr std::chrono::milliseconds client_connect_max{10'000};
inline constexpr std::size_t client_body_bytes_max = 1024 * 1024;
inline constexpr std::size_t client_header_bytes_max = 64 * 1024;
inline constexpr int listen_backlog = 4096;
inline constexpr int accepts_per_turn_max = 64;                       // then other work of the shard goes on

}  // namespace croft::net::limits
