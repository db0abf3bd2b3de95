#include "broker/timeline_entries.h"

#include <algorithm>

#include "text/json.h"

namespace croft::broker {

namespace {

using Type = LifecycleEvent::Type;
using trace::Moment;

constexpr std::size_t filters_told_max = 10;

Moment moment_of(const LifecycleEvent& event) {
  switch (event.type) {
    case Type::connected: return Moment::connected;
    case Type::connect_failed: return Moment::refused;
    case Type::subscribed: return Moment::subscribed;
    case Type::unsubscribed: return Moment::unsubscribed;
    case Type::disconnected: break;
  }
  if (event.reason == DisconnectReason::duplicate_clientid) return Moment::takeover;
  if (event.reason == DisconnectReason::mqtt_keep_alive_timeout) return Moment::keepalive;
  return Moment::disconnected;
}

std::string joined(const std::vector<std::string>& filters) {
  std::string out;
  for (std::size_t n = 0; n < std::min(filters.size(), filters_told_max); ++n) out += (n > 0 ? ", " : "") + filters[n];
  if (filters.size() > filters_told_max) out += " and " + std::to_string(filters.size() - filters_told_max) + " more";
  return out;
}

std::string phrase(const LifecycleEvent& event) {
  switch (event.type) {
    case Type::connected: return "connected from " + event.ip_address;
    case Type::connect_failed: return "may not connect";
    case Type::subscribed: return "subscribed to " + joined(event.topics);
    case Type::unsubscribed: return "unsubscribed from " + joined(event.topics);
    case Type::disconnected: break;
  }
  if (event.reason == DisconnectReason::duplicate_clientid) return "another connection took over";
  if (event.reason == DisconnectReason::mqtt_keep_alive_timeout) return "silent for longer than its keep-alive time";
  return "disconnected: " + std::string(name(event.reason));
}

void add_connection(trace::Detail& detail, const LifecycleEvent& event, const ClientState& state) {
  if (event.type != Type::connected) return;
  detail.text("protocol", state.protocol == mqtt::Version::v5 ? "MQTT 5.0" : "MQTT 3.1.1");
  detail.number("keepAliveSeconds", state.keep_alive_s).flag("cleanStart", state.clean_start);
  if (state.session_expiry_s > 0) detail.number("sessionExpirySeconds", state.session_expiry_s);
}

std::string detail_of(const LifecycleEvent& event, const ClientState* state) {
  trace::Detail detail;
  if (event.type == Type::connected || event.type == Type::disconnected)
    detail.number("versionNumber", static_cast<std::int64_t>(event.version));
  if (event.type == Type::disconnected) detail.text("disconnectReason", name(event.reason));
  if (!event.ip_address.empty()) detail.text("ipAddress", event.ip_address);
  if (!event.principal.empty()) detail.text("principalIdentifier", event.principal);
  if (!event.thing_name.empty()) detail.text("thingName", event.thing_name);
  if (!event.topics.empty()) {
    const json::array topics(event.topics.begin(), event.topics.end());
    detail.json("topics", json::dump(topics));
  }
  if (state) add_connection(detail, event, *state);
  return detail.take();
}

}  // namespace

trace::TimelineEntry timeline_entry(const LifecycleEvent& event, const ClientState* state, const trace::Id& id) {
  return {.moment = moment_of(event),
          .wall_us = event.timestamp.ms * 1000,
          .trace = id,
          .text = phrase(event),
          .detail = detail_of(event, state)};
}

trace::TimelineEntry published_entry(std::uint64_t messages, Timestamp since, Timestamp until) {
  const std::int64_t seconds = std::max<std::int64_t>((until.ms - since.ms + 500) / 1000, 1);
  return {.moment = Moment::published,
          .wall_us = until.ms * 1000,
          .text = std::to_string(messages) + (messages == 1 ? " message" : " messages in " + std::to_string(seconds) + " s"),
          .detail = trace::Detail().number("messages", static_cast<std::int64_t>(messages)).number("since", since.ms).take()};
}

}  // namespace croft::broker
