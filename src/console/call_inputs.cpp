#include "console/call_inputs.h"

#include <algorithm>

#include "console/call_error.h"
#include "text/encoding.h"
#include "text/json.h"

namespace croft::console {

namespace {

// Members that AWS's models send as headers, of operations that croft has; none of them is secret.
constexpr std::string_view input_headers[] = {
    "x-amzn-principal", "x-amzn-iot-principal", "x-amzn-iot-policy", "x-amz-invocation-type", "x-amz-log-type",
    "x-amz-copy-source", "x-amz-copy-source-range", "x-amz-tagging", "x-amz-mqtt5-user-properties",
    "x-amz-mqtt5-payload-format-indicator", "x-amz-mqtt5-correlation-data", "range", "if-match", "if-none-match"};

bool is_input(std::string_view header) {
  return std::find(std::begin(input_headers), std::end(input_headers), header) != std::end(input_headers);
}

}  // namespace

// Source: shapes marked "sensitive" in AWS's service models (an environment's variables, code); and parameters of a stack can be
// NoEcho, tokens for an authorizer or a session are what they say.
bool has_secrets(std::string_view service, std::string_view operation) {
  constexpr std::pair<std::string_view, std::string_view> secret[] = {
      {"lambda", "CreateFunction"}, {"lambda", "UpdateFunctionCode"}, {"lambda", "UpdateFunctionConfiguration"},
      {"iot", "TestInvokeAuthorizer"}, {"sts", "AssumeRoleWithSAML"}, {"sts", "AssumeRoleWithWebIdentity"},
      {"cloudformation", "CreateStack"}, {"cloudformation", "UpdateStack"}, {"cloudformation", "CreateChangeSet"},
      {"croft", "CreateUser"}};
  return std::find(std::begin(secret), std::end(secret), std::pair(service, operation)) != std::end(secret) ||
         operation.find("Secret") != std::string_view::npos || operation.find("Password") != std::string_view::npos;
}

void CallInputs::add(std::size_t place, std::uint64_t number, const gateway::ServedCall& call) {
  Kept kept{.number = number, .message = error_message(call.response)};
  const bool is_payload_secret = call.service == "lambda";  // AWS's model marks Invoke's
  if (has_secrets(call.service, call.operation)) {
    kept.left_out = "secret";
  } else if (call.input.is_too_long) {
    kept.left_out = "long";
  } else if (call.input.document.empty()) {
    kept.left_out = "none";
  } else {
    kept.document = call.input.document;
    if (!is_payload_secret) kept.payload = call.input.payload;
    for (const auto& [name, value] : call.request.headers)
      if (is_input(name) && value.size() <= limits::call_text_bytes_max && text::is_utf8(value)) kept.headers.emplace_back(name, value);
  }
  std::lock_guard lock(mutex_);
  kept_[place] = std::move(kept);
}

std::string CallInputs::describe(std::uint64_t number) const {
  Kept kept;
  {
    std::lock_guard lock(mutex_);
    const auto found = std::ranges::find(kept_, number, &Kept::number);
    if (number == 0 || found == kept_.end()) return "";
    kept = *found;
  }
  json::object out{{"number", number}};
  if (!kept.left_out.empty()) out["leftOut"] = kept.left_out;
  if (!kept.message.empty()) out["message"] = kept.message;
  if (!kept.payload.empty()) out["payload"] = kept.payload;
  for (const auto& [name, value] : kept.headers) out.emplace("headers", json::object{}).first->value().get_object()[name] = value;
  std::string text = json::dump(out);
  // As it came: its numbers keep their digits. What a service passes on unread may be no JSON.
  if (!kept.document.empty() && json::parse(kept.document)) text.insert(text.size() - 1, ",\"input\":" + kept.document);
  return text;
}

}  // namespace croft::console
