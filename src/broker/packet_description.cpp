// What a traced packet looks like to its reader: see packet_trace.h.
#include "broker/packet_trace.h"
#include "text/encoding.h"

namespace croft::broker {

namespace {

// A user name may carry the token of a custom authorizer behind its question mark.
// Source: AWS IoT developer guide, "Connecting to AWS IoT Core by using custom authentication".
std::string without_token(const std::string& user_name) {
  const std::size_t mark = user_name.find('?');
  return mark == std::string::npos ? user_name : user_name.substr(0, mark) + "?...";
}

std::string text_of(std::string_view bytes) {
  return text::is_utf8(bytes) ? std::string(bytes) : text::printable(bytes, bytes.size());
}

// A text that was cut in the midst of a character is still text.
std::string_view whole_characters(std::string_view bytes) {
  for (int i = 0; i < 4 && !bytes.empty() && !text::is_utf8(bytes); ++i) bytes.remove_suffix(1);
  return bytes;
}

void add_payload(json::object& out, std::string_view payload, std::size_t whole_bytes) {
  const std::string_view text = payload.size() < whole_bytes ? whole_characters(payload) : payload;
  if (text::is_utf8(text) && (payload.empty() || !text.empty()))
    out["payload"] = text;
  else
    out["payloadHex"] = text::hex(payload);
  if (payload.size() < whole_bytes) out["payloadCut"] = true;
}

json::object properties_of(const mqtt::PropertyBlock& block) {
  json::object out;
  const auto add = [&out](std::string_view name, const auto& value) {
    if (!value) return;
    using Value = std::decay_t<decltype(*value)>;
    if constexpr (std::is_same_v<Value, std::string>)
      out[name] = text_of(*value);
    else
      out[name] = *value;
  };
  add("payloadFormatIndicator", block.payload_format_indicator);
  add("messageExpiryInterval", block.message_expiry_interval);
  add("contentType", block.content_type);
  add("responseTopic", block.response_topic);
  if (block.correlation_data) out["correlationDataHex"] = text::hex(*block.correlation_data);
  add("topicAlias", block.topic_alias);
  if (!block.subscription_identifiers.empty())
    out["subscriptionIdentifiers"] =
        json::array(block.subscription_identifiers.begin(), block.subscription_identifiers.end());
  add("willDelayInterval", block.will_delay_interval);
  add("sessionExpiryInterval", block.session_expiry_interval);
  add("receiveMaximum", block.receive_maximum);
  add("maximumPacketSize", block.maximum_packet_size);
  add("topicAliasMaximum", block.topic_alias_maximum);
  add("requestProblemInformation", block.request_problem_information);
  add("requestResponseInformation", block.request_response_information);
  add("assignedClientIdentifier", block.assigned_client_identifier);
  add("serverKeepAlive", block.server_keep_alive);
  add("maximumQoS", block.maximum_qos);
  add("retainAvailable", block.retain_available);
  add("wildcardSubscriptionAvailable", block.wildcard_subscription_available);
  add("subscriptionIdentifierAvailable", block.subscription_identifier_available);
  add("sharedSubscriptionAvailable", block.shared_subscription_available);
  add("responseInformation", block.response_information);
  add("serverReference", block.server_reference);
  add("authenticationMethod", block.authentication_method);
  if (block.authentication_data) out["authenticationDataBytes"] = block.authentication_data->size();  // secret
  add("reasonString", block.reason_string);
  if (!block.user_properties.empty()) {
    json::array all;
    for (const auto& [name, value] : block.user_properties)
      all.push_back(json::object{{"name", text_of(name)}, {"value", text_of(value)}});
    out["userProperties"] = std::move(all);
  }
  return out;
}

void add_properties(json::object& out, const mqtt::Properties& properties) {
  if (!properties.get()) return;
  json::object described = properties_of(*properties.get());
  if (!described.empty()) out["properties"] = std::move(described);
}

// `zero` is the packet's own name for 0, which has three.
void add_reason(json::object& out, mqtt::ReasonCode reason, std::string_view zero = "success") {
  out["reasonCode"] = static_cast<unsigned>(reason);
  out["reason"] = static_cast<unsigned>(reason) == 0 ? zero : mqtt::name(reason);
}

void add_reasons(json::object& out, const std::vector<mqtt::ReasonCode>& reasons, std::string_view zero) {
  json::array codes, names;
  for (mqtt::ReasonCode reason : reasons) {
    codes.push_back(static_cast<unsigned>(reason));
    names.push_back(json::value(static_cast<unsigned>(reason) == 0 ? zero : mqtt::name(reason)));
  }
  out["reasonCodes"] = std::move(codes);
  out["reasons"] = std::move(names);
}

// Adds what each type of packet tells, and returns the type's name.
struct Describer {
  const TracedPacket& traced;
  bool with_payload;
  json::object& out;

  bool is_v5() const { return traced.version == mqtt::Version::v5; }

  const char* operator()(const mqtt::Connect& p) const {
    out["version"] = p.version == mqtt::Version::v5 ? "5.0" : "3.1.1";
    out["clientId"] = p.client_id;
    out["cleanStart"] = p.clean_start;
    out["keepAlive"] = p.keep_alive_s;
    if (p.user_name) out["userName"] = without_token(*p.user_name);
    if (traced.has_password) out["password"] = "(not shown)";
    if (p.will) {
      json::object will{{"topic", p.will->topic}, {"qos", static_cast<int>(p.will->qos)}, {"retain", p.will->retain}};
      if (with_payload) add_payload(will, p.will->payload, traced.payload_bytes);
      add_properties(will, p.will->properties);
      out["will"] = std::move(will);
    }
    add_properties(out, p.properties);
    return "CONNECT";
  }
  const char* operator()(const mqtt::Connack& p) const {
    out["sessionPresent"] = p.session_present;
    add_reason(out, p.reason);
    add_properties(out, p.properties);
    return "CONNACK";
  }
  const char* operator()(const mqtt::Publish& p) const {
    if (p.packet_id != 0) out["packetId"] = p.packet_id;
    out["topic"] = p.topic.empty() ? traced.alias_topic : p.topic;
    out["qos"] = static_cast<int>(p.qos);
    out["retain"] = p.retain;
    out["dup"] = p.dup;
    out["payloadBytes"] = traced.payload_bytes;
    if (with_payload) add_payload(out, p.payload, traced.payload_bytes);
    add_properties(out, p.properties);
    return "PUBLISH";
  }
  template <mqtt::PacketType type>
  const char* operator()(const mqtt::Ack<type>& p) const {
    out["packetId"] = p.packet_id;
    if (is_v5()) add_reason(out, p.reason);
    add_properties(out, p.properties);
    switch (type) {
      case mqtt::PacketType::puback:
        return "PUBACK";
      case mqtt::PacketType::pubrec:
        return "PUBREC";
      case mqtt::PacketType::pubrel:
        return "PUBREL";
      default:
        return "PUBCOMP";
    }
  }
  const char* operator()(const mqtt::Subscribe& p) const {
    out["packetId"] = p.packet_id;
    json::array filters;
    for (const mqtt::Subscription& one : p.subscriptions) {
      json::object filter{{"filter", one.filter}, {"qos", static_cast<int>(one.qos)}};
      if (is_v5()) {
        filter["noLocal"] = one.no_local;
        filter["retainAsPublished"] = one.retain_as_published;
        filter["retainHandling"] = one.retain_handling;
      }
      filters.push_back(std::move(filter));
    }
    out["filters"] = std::move(filters);
    add_properties(out, p.properties);
    return "SUBSCRIBE";
  }
  const char* operator()(const mqtt::Suback& p) const {
    out["packetId"] = p.packet_id;
    add_reasons(out, p.reasons, "granted_qos_0");
    add_properties(out, p.properties);
    return "SUBACK";
  }
  const char* operator()(const mqtt::Unsubscribe& p) const {
    out["packetId"] = p.packet_id;
    json::array filters;
    for (const std::string& filter : p.filters) filters.push_back(json::object{{"filter", filter}});
    out["filters"] = std::move(filters);
    add_properties(out, p.properties);
    return "UNSUBSCRIBE";
  }
  const char* operator()(const mqtt::Unsuback& p) const {
    out["packetId"] = p.packet_id;
    if (is_v5()) add_reasons(out, p.reasons, "success");
    add_properties(out, p.properties);
    return "UNSUBACK";
  }
  const char* operator()(const mqtt::Pingreq&) const { return "PINGREQ"; }
  const char* operator()(const mqtt::Pingresp&) const { return "PINGRESP"; }
  const char* operator()(const mqtt::Disconnect& p) const {
    if (is_v5()) add_reason(out, p.reason, "normal_disconnection");
    add_properties(out, p.properties);
    return "DISCONNECT";
  }
  const char* operator()(const mqtt::Auth& p) const {
    add_reason(out, p.reason);
    add_properties(out, p.properties);
    return "AUTH";
  }
};

}  // namespace

json::object describe(const TracedPacket& traced, bool with_payload) {
  json::object out{{"seq", traced.sequence}, {"time", traced.time.ms}};
  if (!traced.packet) {
    out["note"] = text_of(traced.note);
    return out;
  }
  out["from"] = traced.from_client ? "client" : "broker";
  out["type"] = "";
  out["bytes"] = traced.bytes;
  out["type"] = std::visit(Describer{traced, with_payload, out}, *traced.packet);
  return out;
}

}  // namespace croft::broker
