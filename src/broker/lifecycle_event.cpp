#include "broker/lifecycle_event.h"

#include <array>

#include "text/json.h"

namespace croft::broker {

static constexpr std::array<std::string_view, 14> reason_names = {
    "NONE",
    "AUTH_ERROR",
    "CLIENT_INITIATED_DISCONNECT",
    "CLIENT_ERROR",
    "CONNECTION_LOST",
    "DUPLICATE_CLIENTID",
    "FORBIDDEN_ACCESS",
    "MQTT_KEEP_ALIVE_TIMEOUT",
    "SERVER_ERROR",
    "SERVER_INITIATED_DISCONNECT",
    "API_INITIATED_DISCONNECT",
    "THROTTLED",
    "WEBSOCKET_TTL_EXPIRATION",
    "CUSTOMAUTH_TTL_EXPIRATION",
};

std::string_view name(DisconnectReason reason) { return reason_names[static_cast<std::size_t>(reason)]; }

DisconnectReason disconnect_reason(std::string_view name) {
  for (std::size_t i = 0; i < reason_names.size(); ++i)
    if (reason_names[i] == name) return static_cast<DisconnectReason>(i);
  return DisconnectReason::none;
}

std::string_view name(LifecycleEvent::Type type) {
  static constexpr std::array<std::string_view, 5> names = {"connected", "disconnected", "connect_failed", "subscribed",
                                                            "unsubscribed"};
  return names[static_cast<std::size_t>(type)];
}

std::string topic_of(const LifecycleEvent& event) {
  const bool presence = event.type <= LifecycleEvent::Type::connect_failed;
  std::string topic = presence ? "$aws/events/presence/" : "$aws/events/subscriptions/";
  topic += name(event.type);
  topic += '/';
  topic += event.client_id;
  return topic;
}

bool is_published(std::string_view client_id) { return client_id.find_first_of("#+") == std::string_view::npos; }

namespace {

struct Members {
  std::string out = "{";
  void name(std::string_view name) {
    if (out.size() > 1) out += ',';
    json::append_string(out, name);
    out += ':';
  }
  void text(std::string_view key, std::string_view value) {
    name(key);
    json::append_string(out, value);
  }
  void raw(std::string_view key, std::string_view value) {
    name(key);
    out += value;
  }
};

}  // namespace

std::string to_json(const LifecycleEvent& event) {
  using Type = LifecycleEvent::Type;
  Members m;
  m.text("clientId", event.client_id);
  if (!event.thing_name.empty()) m.text("thingName", event.thing_name);
  m.raw("timestamp", std::to_string(event.timestamp.ms));
  m.text("eventType", name(event.type));
  if (event.type == Type::disconnected) {
    const bool by_client = event.reason == DisconnectReason::client_initiated_disconnect;
    m.raw("clientInitiatedDisconnect", by_client ? "true" : "false");
  }
  if (event.type == Type::connect_failed) m.text("connectFailureReason", "AUTHORIZATION_FAILED");
  m.text("sessionIdentifier", event.session_identifier);
  m.text("principalIdentifier", event.principal);
  if (event.type == Type::connected || event.type == Type::connect_failed) m.text("ipAddress", event.ip_address);
  if (event.type == Type::disconnected) m.text("disconnectReason", name(event.reason));
  if (event.type == Type::connected || event.type == Type::disconnected)
    m.raw("versionNumber", std::to_string(event.version));
  if (event.type == Type::subscribed || event.type == Type::unsubscribed) {
    m.name("topics");
    m.out += '[';
    for (std::size_t i = 0; i < event.topics.size(); ++i) {
      if (i) m.out += ',';
      json::append_string(m.out, event.topics[i]);
    }
    m.out += ']';
  }
  return m.out + '}';
}

}  // namespace croft::broker
