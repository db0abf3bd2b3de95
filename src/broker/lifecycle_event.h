#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "types/timestamp.h"

namespace croft::broker {

// Source: AWS IoT developer guide, "Lifecycle events", disconnectReason.
enum class DisconnectReason : std::uint8_t {
  none,  // connected
  auth_error,
  client_initiated_disconnect,
  client_error,
  connection_lost,
  duplicate_clientid,
  forbidden_access,
  mqtt_keep_alive_timeout,
  server_error,
  server_initiated_disconnect,
  api_initiated_disconnect,
  throttled,
  websocket_ttl_expiration,
  customauth_ttl_expiration,
};
std::string_view name(DisconnectReason reason);  // "CLIENT_INITIATED_DISCONNECT", …; "NONE"
DisconnectReason disconnect_reason(std::string_view name);

// What happened to a client, in AWS's words. Both events of one connection carry the same version and session.
struct LifecycleEvent {
  enum class Type : std::uint8_t { connected, disconnected, connect_failed, subscribed, unsubscribed };
  Type type;
  std::string client_id;
  std::string thing_name;  // only of a certificate attached as EXCLUSIVE_THING; "" = absent
  Timestamp timestamp;
  std::string session_identifier;
  std::string principal;
  std::string ip_address;                                    // connected, connect_failed
  std::uint64_t version = 0;                                 // connected, disconnected
  DisconnectReason reason = DisconnectReason::none;          // disconnected
  std::vector<std::string> topics{};                         // subscribed, unsubscribed
};

std::string_view name(LifecycleEvent::Type type);  // "connected", …

// $aws/events/presence/connected/<clientId> and its kin.
std::string topic_of(const LifecycleEvent& event);
// The payload AWS publishes; members in the order seen on the wire.
std::string to_json(const LifecycleEvent& event);
// AWS publishes no lifecycle event for a client id with a wildcard in it.
bool is_published(std::string_view client_id);

}  // namespace croft::broker
