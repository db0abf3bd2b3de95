#include "rules/actions/remote_action.h"

#include <algorithm>

#include "rules/limits.h"
#include "text/encoding.h"

namespace croft::rules {

namespace {

std::string listed(std::initializer_list<std::string_view> choices) {
  std::string out;
  for (const std::string_view choice : choices) out += (out.empty() ? "" : ", ") + std::string(choice);
  return out;
}

bool contains(std::initializer_list<std::string_view> choices, std::string_view text) {
  return std::find(choices.begin(), choices.end(), text) != choices.end();
}

Error not_a_choice(std::string_view name, std::initializer_list<std::string_view> choices) {
  return invalid_request("'" + std::string(name) + "' must be one of " + listed(choices) + ".");
}

}  // namespace

// Source: AWS IoT developer guide, "Error handling (error action)": the errorMessage of its example.
Error remote_failure(const RemoteKind& kind, const Firing& firing, const Error& cause, std::string_view more) {
  std::string message(kind.failed);
  message += ". The error received was " + cause.message + " (Service: " + std::string(kind.service) +
             "; Status Code: " + std::to_string(cause.http_status) + "; Error Code: " + cause.code +
             "). Message arrived on: " + firing.topic + ", Action: " + std::string(kind.type) + std::string(more);
  return {cause.code, std::move(message), cause.http_status};
}

Error RemoteAction::failure(const Firing& firing, const Error& cause, std::string_view more) const {
  return remote_failure(kind_, firing, cause, more);
}

Task<Result<net::HttpResponse>> RemoteAction::ask(const Firing& firing, remote::Request request) const {
  auto answer = co_await services_.call(*firing.shard, std::string(kind_.service), std::move(request));
  if (!answer) co_return failure(firing, answer.error());
  co_return answer;
}

Task<Result<json::object>> RemoteAction::ask_document(const Firing& firing, remote::Request request) const {
  auto answer = co_await ask(firing, std::move(request));
  if (!answer) co_return answer.error();
  if (answer->body.empty()) co_return json::object();
  auto parsed = json::parse(answer->body);
  if (!parsed || !parsed->is_object())
    co_return failure(firing, {"InvalidResponse", "the answer is not a JSON object", answer->status});
  co_return std::move(parsed->get_object());
}

Result<void> require_endpoint(const RemoteKind& kind, const remote::RemoteServices& services) {
  if (services.find(kind.service)) return {};
  const std::string service(kind.service);
  return invalid_request("The action type '" + std::string(kind.type) +
                         "' is not supported by this endpoint: the configuration names no " + "endpoint for it ([services." +
                         service + "]).");
}

Result<bool> optional_flag(const json::object& parameters, std::string_view name) {
  const json::value* found = json::find(parameters, name);
  if (!found || found->is_null()) return false;
  if (!found->is_bool()) return invalid_request("The parameter '" + std::string(name) + "' must be true or false.");
  return found->get_bool();
}

Result<std::string> optional_choice(const json::object& parameters, std::string_view name,
                                    std::initializer_list<std::string_view> choices) {
  const json::value* found = json::find(parameters, name);
  if (!found || found->is_null()) return std::string();
  const std::string_view text = json::string_or(parameters, name, "");
  if (!contains(choices, text)) return not_a_choice(name, choices);
  return std::string(text);
}

Result<void> check_constant(const sql::Template& text, std::string_view name, std::initializer_list<std::string_view> choices) {
  if (text.is_constant() && !contains(choices, text.text())) return not_a_choice(name, choices);
  return {};
}

Result<std::string> text_payload(const Firing& firing) {
  const std::string& payload = firing.output.payload().str();
  if (!text::is_utf8(payload)) return invalid_request("The payload is not UTF-8 text and cannot be sent; use encode().");
  return payload;
}

Result<std::vector<std::string>> records_of(const Firing& firing, bool batch_mode, sql::SqlVersion version,
                                            std::size_t count_max) {
  const sql::Value& value = firing.output.value();
  if (!batch_mode || !value.is_array()) return std::vector<std::string>{firing.output.payload().str()};
  if (value.as_array().size() > count_max)
    return invalid_request("The result is an array of more than " + std::to_string(count_max) +
                           " elements and cannot be sent as a batch.");
  std::vector<std::string> records;
  for (const sql::Value& element : value.as_array()) {
    auto text = sql::write_json(element, version, limits::batch_record_bytes_max);
    if (!text) return invalid_request("An element of the batch is too large.");
    records.push_back(std::move(*text));
  }
  return records;
}

Result<sql::Number> rendered_number(const sql::Template& text, std::string_view name, const Firing& firing) {
  auto rendered = render(text, firing);
  if (!rendered) return rendered.error();
  const auto number = sql::Number::from_text(*rendered);
  if (!number)
    return invalid_request("'" + std::string(name) + "' must be a number, and is '" + text::printable(*rendered) + "'.");
  return *number;
}

Result<std::int64_t> rendered_integer(const sql::Template& text, std::string_view name, const Firing& firing) {
  auto number = rendered_number(text, name, firing);
  if (!number) return number.error();
  const auto whole = sql::Number::integer(number->floor_int64());
  if (!(whole == *number))
    return invalid_request("'" + std::string(name) + "' must be a whole number, and is '" + number->text() + "'.");
  return number->floor_int64();
}

const json::object* first_of(const json::object& answer, std::string_view member) {
  const json::value* list = json::find(answer, member);
  if (!list || !list->is_array() || list->get_array().empty()) return nullptr;
  return list->get_array().front().if_object();
}

Result<TimestampTemplates> optional_timestamp(const json::object& parameters, const ActionContext& context,
                                              TimestampUnit unit) {
  const json::value* timestamp = json::find(parameters, "timestamp");
  if (!timestamp || timestamp->is_null()) return TimestampTemplates();
  if (!timestamp->is_object()) return invalid_request("The parameter 'timestamp' must be an object.");
  const json::object& members = timestamp->get_object();
  auto value = required_template(members, "value", context);
  if (!value) return value.error();
  auto given = optional_template(members, "unit", context);
  if (!given) return given.error();
  if (!*given && unit == TimestampUnit::required) return required_template(members, "unit", context).error();
  if (*given) {
    auto known = check_constant(**given, "timestamp.unit", {"SECONDS", "MILLISECONDS", "MICROSECONDS", "NANOSECONDS"});
    if (!known) return known.error();
  }
  return TimestampTemplates{std::move(*value), std::move(*given)};
}

}  // namespace croft::rules
