#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string_view>

#include "broker/lifecycle_event.h"
#include "net/peer.h"
#include "observe/histogram.h"

namespace croft::broker {

// How a client reached the broker.
enum class Way : std::uint8_t { tcp, tls, websocket, secure_websocket };
inline constexpr std::array<std::string_view, 4> way_names{"tcp", "tls", "websocket", "secure_websocket"};
inline Way way_of(const net::Peer& peer) {
  return static_cast<Way>((peer.tls ? 1 : 0) + (peer.websocket ? 2 : 0));
}

inline constexpr std::size_t disconnect_reason_count =
    static_cast<std::size_t>(DisconnectReason::customauth_ttl_expiration) + 1;

// What the broker of one shard counted since it was made, beside Core::Counters. A value.
struct Figures {
  std::array<std::uint64_t, way_names.size()> open{};  // connections that named their client, now
  std::map<std::string_view, std::uint64_t>
      refused;  // connects, by the reason of CONNACK; "timeout", "no_answer" without one
  std::array<std::uint64_t, disconnect_reason_count>
      disconnects{};                       // by reason, of clients that have lifecycle events
  std::uint64_t restored_disconnects = 0;  // of those: of connections that an earlier process left open
  std::uint64_t dropped_from_groups = 0;  // QoS 1 and 2 messages for groups that had too many waiting
  metrics::Histogram publish_time;  // of messages from clients: received to handed to the sockets of this shard
  metrics::Histogram connect_time;  // CONNECT whole to CONNACK
};

}  // namespace croft::broker
