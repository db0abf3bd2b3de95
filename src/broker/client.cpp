#include "broker/client.h"

#include "broker/message_row.h"
#include "text/encoding.h"
#include "text/json.h"

namespace croft::broker {

namespace {

// The will as a message, in base64, and its delay.
void append_will(const mqtt::Will& will, std::string& out) {
  const MessagePtr message = make_message(
      {.topic = will.topic, .payload = will.payload, .qos = will.qos, .retain = will.retain, .properties = will.properties});
  ((out += ",\"w\":\"") += text::base64(to_row(*message))) += '"';
  const mqtt::PropertyBlock* properties = will.properties.get();
  if (properties && properties->will_delay_interval) (out += ",\"d\":") += std::to_string(*properties->will_delay_interval);
}

std::shared_ptr<const mqtt::Will> will_of(const json::object& row) {
  const auto bytes = text::from_base64(json::string_or(row, "w", ""));
  if (!bytes || bytes->empty()) return nullptr;
  const auto message = message_from_row(*bytes);
  if (!message) return nullptr;
  auto will = std::make_shared<mqtt::Will>();
  will->topic = (*message)->topic();
  will->payload = (*message)->payload();
  will->qos = (*message)->qos();
  will->retain = (*message)->retain();
  will->properties = (*message)->properties();
  const auto delay_s = static_cast<std::uint32_t>(json::int_or(row, "d", 0));
  if (delay_s > 0) will->properties.edit().will_delay_interval = delay_s;
  return will;
}

}  // namespace

// JSON with one-letter names: written on every connect, so it is appended by hand. What is as from_row() takes it to be where
// nothing is said is not said.
std::string to_row(const ClientState& c) {
  std::string out = c.connected ? "{\"c\":true" : "{\"c\":false";
  const auto number = [&](const char* name, std::uint64_t value) { (out += name) += std::to_string(value); };
  const auto text = [&](const char* name, std::string_view value) { json::append_string(out += name, value); };
  number(",\"v\":", c.version);
  text(",\"s\":", c.session_identifier.text());
  text(",\"p\":", c.principal);
  if (!c.thing_name.empty()) text(",\"n\":", c.thing_name);
  text(",\"a\":", c.address);
  number(",\"t\":", static_cast<std::uint64_t>(c.since.ms));
  if (c.reason != DisconnectReason::none) text(",\"r\":", name(c.reason));
  number(",\"k\":", c.keep_alive_s);
  if (c.protocol != mqtt::Version::v3_1_1) number(",\"m\":", static_cast<std::uint64_t>(c.protocol));
  if (!c.clean_start) number(",\"l\":", 0);
  if (c.session_expiry_s > 0) number(",\"e\":", c.session_expiry_s);
  if (!c.subscriptions.empty()) {
    out += ",\"f\":[";
    for (const SubscriptionState& s : c.subscriptions) {
      if (out.back() != '[') out += ',';
      json::append_string(out += '[', s.subscription.filter);
      const unsigned flags = static_cast<unsigned>(s.subscription.qos) | (s.subscription.no_local ? 4u : 0u) |
                             (s.subscription.retain_as_published ? 8u : 0u) |
                             static_cast<unsigned>(s.subscription.retain_handling) << 4;
      (out += ',') += std::to_string(flags);
      ((out += ',') += std::to_string(s.identifier)) += ']';
    }
    out += ']';
  }
  if (c.will) append_will(*c.will, out);
  return out + '}';
}

Result<ClientState> from_row(std::string_view client_id, std::string_view row) {
  auto parsed = json::parse(row);
  if (!parsed || !parsed->is_object()) return Error{"StoreFailure", "the session row of a client is damaged"};
  const json::object& o = parsed->get_object();
  ClientState c;
  c.client_id = client_id;
  c.connected = json::bool_or(o, "c", false);
  c.version = static_cast<std::uint64_t>(json::int_or(o, "v", 0));
  c.session_identifier = text::Uuid(json::string_or(o, "s", ""));
  c.principal = json::string_or(o, "p", "");
  c.thing_name = json::string_or(o, "n", "");
  c.address = json::string_or(o, "a", "");
  c.since.ms = json::int_or(o, "t", 0);
  c.reason = disconnect_reason(json::string_or(o, "r", ""));
  c.keep_alive_s = static_cast<std::uint16_t>(json::int_or(o, "k", 0));
  c.protocol = json::int_or(o, "m", 4) == 5 ? mqtt::Version::v5 : mqtt::Version::v3_1_1;
  c.clean_start = json::int_or(o, "l", 1) != 0;
  c.session_expiry_s = static_cast<std::uint32_t>(json::int_or(o, "e", 0));
  c.will = will_of(o);
  const json::value* filters = json::find(o, "f");
  if (!filters || !filters->is_array()) return c;
  for (const json::value& entry : filters->get_array()) {
    if (!entry.is_array() || entry.get_array().size() != 3) continue;
    const json::array& parts = entry.get_array();
    if (!parts[0].is_string() || !parts[1].is_int64() || !parts[2].is_int64()) continue;
    const auto flags = static_cast<unsigned>(parts[1].get_int64());
    SubscriptionState s;
    s.subscription.filter = {parts[0].get_string().data(), parts[0].get_string().size()};
    s.subscription.qos = static_cast<mqtt::QoS>(flags & 3);
    s.subscription.no_local = flags & 4;
    s.subscription.retain_as_published = flags & 8;
    s.subscription.retain_handling = static_cast<std::uint8_t>(flags >> 4 & 3);
    s.identifier = static_cast<std::uint32_t>(parts[2].get_int64());
    c.subscriptions.push_back(std::move(s));
  }
  return c;
}

}  // namespace croft::broker
