#include "services/iotdata/message_properties.h"

#include <algorithm>

#include "mqtt/topic.h"
#include "broker/limits.h"
#include "services/iotdata/constraints.h"
#include "services/iotdata/limits.h"
#include "text/encoding.h"

namespace croft::services::iotdata {

namespace {

using UserProperties = std::vector<std::pair<std::string, std::string>>;

std::string decoded(const std::string& header, std::string_view name) {
  auto bytes = text::from_base64(header);
  if (!bytes) refuse("The value of '" + std::string(name) + "' is not base64");
  return std::move(*bytes);
}

// A JSON array; SDKs that are given the text of one send it as a JSON string.
json::array parse_user_properties(std::string_view text) {
  auto parsed = json::parse(text);
  if (parsed && parsed->is_string()) parsed = json::parse(std::string(parsed->get_string()));
  if (!parsed || !parsed->is_array()) refuse("'userProperties' must be a JSON array of objects");
  return std::move(parsed->get_array());
}

UserProperties read_user_properties(std::string_view text) {
  UserProperties properties;
  std::size_t bytes = 0;
  for (const json::value& entry : parse_user_properties(text)) {
    const bool is_pair = entry.is_object() && entry.get_object().size() == 1 && entry.get_object().begin()->value().is_string();
    if (!is_pair) refuse("Each entry of 'userProperties' must be an object with one string");
    const auto& pair = *entry.get_object().begin();
    properties.emplace_back(std::string(pair.key()), std::string(pair.value().get_string()));
    const auto& [name, value] = properties.back();
    bytes += name.size() + value.size();
    if (!mqtt::is_valid_string(name) || !mqtt::is_valid_string(value)) refuse("'userProperties' holds an invalid string");
  }
  if (bytes > limits::user_properties_bytes_max) refuse("'userProperties' must not be longer than 8 KB");
  return properties;
}

std::uint8_t read_format(const std::string& name) {
  if (name != "UTF8_DATA" && name != "UNSPECIFIED_BYTES") {
    refuse("1 validation error detected: Value '" + name +
           "' at 'payloadFormatIndicator' failed to satisfy constraint: Member must satisfy enum value set: "
           "[UNSPECIFIED_BYTES, UTF8_DATA]");
  }
  return name == "UTF8_DATA" ? 1 : 0;
}

void read_query(const gateway::Call& call, mqtt::Properties& properties) {
  const iot::Input in(call);
  if (const std::string type = in.text("contentType"); !type.empty()) {
    if (type.size() > limits::content_type_bytes_max || !mqtt::is_valid_string(type)) refuse("Invalid contentType");
    properties.edit().content_type = type;
  }
  if (const std::string topic = in.text("responseTopic"); !topic.empty()) {
    if (!mqtt::is_valid_topic(topic)) refuse("Invalid responseTopic");
    properties.edit().response_topic = topic;
  }
  if (const auto expiry = in.integer("messageExpiry")) {
    if (*expiry < 0) refuse("Invalid messageExpiry");
    properties.edit().message_expiry_interval = static_cast<std::uint32_t>(std::min<std::int64_t>(*expiry, UINT32_MAX));
  }
}

void read_headers(const net::HttpRequest& request, mqtt::Properties& properties) {
  if (const std::string* format = request.header("x-amz-mqtt5-payload-format-indicator"))
    properties.edit().payload_format_indicator = read_format(*format);
  if (const std::string* data = request.header("x-amz-mqtt5-correlation-data")) {
    std::string bytes = decoded(*data, "correlationData");
    if (bytes.size() > limits::correlation_data_bytes_max) refuse("'correlationData' must not be longer than 8 KB");
    properties.edit().correlation_data = std::move(bytes);
  }
  if (const std::string* text = request.header("x-amz-mqtt5-user-properties"))
    properties.edit().user_properties = read_user_properties(decoded(*text, "userProperties"));
}

}  // namespace

mqtt::Properties message_properties(const gateway::Call& call) {
  mqtt::Properties properties;
  read_query(call, properties);
  read_headers(call.http, properties);
  return properties;
}

std::string encoded(const std::vector<std::pair<std::string, std::string>>& user_properties) {
  json::array entries;
  for (const auto& [name, value] : user_properties) entries.push_back(json::object{{name, value}});
  return text::base64(json::dump(entries));
}

}  // namespace croft::services::iotdata
