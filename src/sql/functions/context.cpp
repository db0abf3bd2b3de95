// What the message came with: topic, client, properties.
#include "sql/functions/function.h"
#include "text/digest.h"
#include "text/encoding.h"

namespace croft::sql {
namespace {

Value text_or_undefined(const std::optional<std::string_view>& text) {
  return text ? Value::string(std::string(*text)) : Value();
}

Value topic(const Invocation& in) {
  std::string_view rest = in.evaluator.context().topic;
  if (in.size() == 0) return Value::string(std::string(rest));
  const std::optional<Number> number = in.number(0);
  std::int64_t level = number ? number->floor_int64() : 0;
  if (level < 1) return Value();
  for (;;) {
    const std::size_t slash = rest.find('/');
    if (--level == 0) return Value::string(std::string(rest.substr(0, slash)));
    if (slash == std::string_view::npos) return Value();
    rest.remove_prefix(slash + 1);
  }
}

Value client_id(const Invocation& in) {
  return Value::string(std::string(in.evaluator.context().client_id.value_or("n/a")));
}
Value account_id(const Invocation& in) { return Value::string(std::string(in.evaluator.context().account_id)); }
Value principal(const Invocation& in) { return text_or_undefined(in.evaluator.context().principal); }
Value source_ip(const Invocation& in) { return text_or_undefined(in.evaluator.context().source_ip); }
Value trace_id(const Invocation& in) { return text_or_undefined(in.evaluator.context().trace_id); }
Value timestamp(const Invocation& in) { return Value::integer(in.evaluator.context().timestamp.ms); }
Value version(const Invocation& in) { return Value::string(std::string(name_of(in.evaluator.version()))); }

Value new_uuid(const Invocation& in) {
  const auto& source = in.evaluator.context().random_bytes;
  return Value::string(text::uuid_from(source ? source(16) : text::random_bytes(16)));
}

std::string check_property_name(Call& call) {
  return string_literal(call, 0) ? "" : "the property of get_mqtt_property must be a string literal";
}

Value mqtt_property(const Invocation& in) {
  const Context::Mqtt5& properties = in.evaluator.context().mqtt5;
  const std::string& name = in[0].as_string();
  if (name == "content_type") return text_or_undefined(properties.content_type);
  if (name == "response_topic") return text_or_undefined(properties.response_topic);
  if (name == "format_indicator") return Value::string(properties.is_utf8 ? "UTF8_DATA" : "UNSPECIFIED_BYTES");
  if (name != "correlation_data" || !properties.correlation_data) return Value();
  return Value::string(text::base64(*properties.correlation_data));
}

// Without a key: one object for each property, repeated names kept.
Value user_properties(const Invocation& in) {
  Array found;
  for (const auto& [name, value] : in.evaluator.context().user_properties) {
    if (in.size() == 0) {
      Object one;
      one.append(name, Value::string(value));
      found.push_back(Value::object(std::move(one)));
    } else if (in[0].is_string() && in[0].as_string() == name) {
      found.push_back(Value::string(value));
    }
  }
  return found.empty() ? Value() : Value::array(std::move(found));
}

constexpr SqlVersion v2015 = SqlVersion::v2015_10_08;
constexpr SqlVersion v2016 = SqlVersion::v2016_03_23;

constexpr Function rows[] = {
    {"topic", 0, 1, v2015, topic},
    {"clientid", 0, 0, v2015, client_id},
    {"accountid", 0, 0, v2015, account_id},
    {"principal", 0, 0, v2015, principal},
    {"traceid", 0, 0, v2015, trace_id},
    {"timestamp", 0, 0, v2015, timestamp},
    {"newuuid", 0, 0, v2015, new_uuid},
    {"sql_version", 0, 0, v2015, version},
    {"sourceip", 0, 0, v2016, source_ip},
    {"get_mqtt_property", 1, 1, v2016, mqtt_property, check_property_name},
    {"get_user_properties", 0, 1, v2016, user_properties},
};

}  // namespace

std::span<const Function> context_functions() { return rows; }

}  // namespace croft::sql
