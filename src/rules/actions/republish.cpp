#include "rules/actions/republish.h"

#include "broker/service_topic.h"
#include "mqtt/topic.h"
#include "rules/limits.h"
#include "shard/promise.h"
#include "text/encoding.h"

namespace croft::rules {

namespace {

struct Headers {
  std::optional<sql::Template> payload_format_indicator, content_type, response_topic, correlation_data, message_expiry;
  std::vector<std::pair<std::string, sql::Template>> user_properties;
};

Result<Headers> read_headers(const json::object& parameters, const ActionContext& context) {
  Headers headers;
  const json::value* found = json::find(parameters, "headers");
  if (!found || found->is_null()) return headers;
  if (!found->is_object()) return invalid_request("The parameter 'headers' must be an object.");
  const json::object& members = found->get_object();
  const std::pair<const char*, std::optional<sql::Template>*> simple[] = {
      {"payloadFormatIndicator", &headers.payload_format_indicator},
      {"contentType", &headers.content_type},
      {"responseTopic", &headers.response_topic},
      {"correlationData", &headers.correlation_data},
      {"messageExpiry", &headers.message_expiry}};
  for (const auto& [name, slot] : simple) {
    auto compiled = optional_template(members, name, context);
    if (!compiled) return compiled.error();
    *slot = std::move(*compiled);
  }
  const json::value* properties = json::find(members, "userProperties");
  if (!properties) return headers;
  if (!properties->is_array() || properties->get_array().empty() || properties->get_array().size() > 100)
    return invalid_request("'userProperties' must have 1 to 100 entries.");
  for (const json::value& property : properties->get_array()) {
    if (!property.is_object()) return invalid_request("An entry of 'userProperties' must have a key and a value.");
    auto key = required_text(property.get_object(), "key");
    if (!key) return key.error();
    auto value = required_template(property.get_object(), "value", context);
    if (!value) return value.error();
    headers.user_properties.emplace_back(std::move(*key), std::move(*value));
  }
  return headers;
}

Result<mqtt::Properties> render_headers(const Headers& headers, const Firing& firing) {
  mqtt::Properties properties;
  if (headers.payload_format_indicator) {
    auto text = render(*headers.payload_format_indicator, firing);
    if (!text) return text.error();
    if (*text != "UTF8_DATA" && *text != "UNSPECIFIED_BYTES")
      return invalid_request("'" + *text + "' is not a payload format indicator.");
    properties.edit().payload_format_indicator = *text == "UTF8_DATA" ? 1 : 0;
  }
  if (headers.content_type) {
    auto text = render(*headers.content_type, firing);
    if (!text) return text.error();
    properties.edit().content_type = std::move(*text);
  }
  if (headers.response_topic) {
    auto text = render(*headers.response_topic, firing);
    if (!text) return text.error();
    if (!mqtt::is_valid_topic(*text)) return invalid_request("'" + *text + "' is not a valid response topic.");
    properties.edit().response_topic = std::move(*text);
  }
  if (headers.correlation_data) {
    auto text = render(*headers.correlation_data, firing);
    if (!text) return text.error();
    auto bytes = text::from_base64(*text);
    if (!bytes) return invalid_request("The correlation data is not base64.");
    properties.edit().correlation_data = std::move(*bytes);
  }
  if (headers.message_expiry) {
    auto text = render(*headers.message_expiry, firing);
    if (!text) return text.error();
    const bool digits = !text->empty() && text->size() < 10 && text->find_first_not_of("0123456789") == std::string::npos;
    if (!digits) return invalid_request("'" + *text + "' is not a message expiry in seconds.");
    properties.edit().message_expiry_interval = static_cast<std::uint32_t>(std::stoul(*text));
  }
  for (const auto& [key, value] : headers.user_properties) {
    auto text = render(value, firing);
    if (!text) return text.error();
    properties.edit().user_properties.emplace_back(key, std::move(*text));
  }
  return properties;
}

class Republish final : public Action {
 public:
  Republish(sql::Template topic, mqtt::QoS qos, Headers headers)
      : topic_(std::move(topic)), qos_(qos), headers_(std::move(headers)) {}

  std::string name() const override { return "RepublishAction"; }
  std::string resource() const override { return topic_.text(); }
  json::object resources(const Firing& firing) const override {
    auto topic = render(topic_, firing);
    return {{"RepublishTopic", topic ? *topic : topic_.text()}};
  }

  Task<Result<void>> run(const Firing& firing) const override {
    auto topic = render(topic_, firing);
    if (!topic) co_return topic.error();
    if (topic->starts_with("$$")) topic->erase(0, 1);  // the documented way to name a reserved topic
    if (!mqtt::is_valid_topic(*topic)) co_return invalid_request("'" + *topic + "' is not a valid topic to publish to.");
    if (broker::is_of_the_service_alone(*topic)) co_return invalid_request("Only croft publishes to '" + *topic + "'.");
    const unsigned hops = firing.message->republish_hops() + 1;
    const unsigned hops_max = limits::republish_hops_max + (firing.is_error_action ? 1 : 0);  // the end of a loop is told
    if (hops > hops_max)
      co_return invalid_request("A loop of rules was stopped after " + std::to_string(limits::republish_hops_max) + " hops.");
    auto properties = render_headers(headers_, firing);
    if (!properties) co_return properties.error();
    std::optional<Timestamp> expires;
    if (const auto* block = properties->get(); block && block->message_expiry_interval)
      expires = Timestamp{Timestamp::now().ms + std::int64_t{*block->message_expiry_interval} * 1000};
    const broker::Source& origin = *firing.message->source();
    const Promise<Done> kept;
    firing.publish(broker::make_message({.topic = *topic,
                                         .payload = firing.output.payload().view(),
                                         .qos = qos_,
                                         .properties = std::move(*properties),
                                         .expires_at = expires,
                                         .source = broker::make_source(origin.client_id, origin.principal, ""),
                                         .republish_hops = hops,
                                         .trace = firing.message->trace()}),
                   [kept] { kept.fulfil(Done{}); });
    co_await kept.wait();
    co_return Result<void>();
  }

 private:
  sql::Template topic_;
  mqtt::QoS qos_;
  Headers headers_;
};

}  // namespace

void add_republish_action(ActionTypes& types) {
  types.add("republish", [](const json::object& parameters, const ActionContext& context) -> Result<std::unique_ptr<Action>> {
    auto topic = required_template(parameters, "topic", context);
    if (!topic) return topic.error();
    auto role = required_role(parameters);
    if (!role) return role.error();
    const std::int64_t qos = json::int_or(parameters, "qos", 0);
    if (qos < 0 || qos > 1) return invalid_request("'qos' must be 0 or 1.");
    auto headers = read_headers(parameters, context);
    if (!headers) return headers.error();
    return std::make_unique<Republish>(std::move(*topic), static_cast<mqtt::QoS>(qos), std::move(*headers));
  });
}

}  // namespace croft::rules
