#include "console/call_error.h"

#include "console/limits.h"
#include "text/encoding.h"
#include "text/json.h"

namespace croft::console {

namespace {

std::string_view between(std::string_view text, std::string_view begin, std::string_view end) {
  const std::size_t at = text.find(begin);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + begin.size());
  return text.substr(0, text.find(end));
}

// Without the namespace of DynamoDB's types, "com.amazonaws.dynamodb.v20120810#X", and what follows a colon.
std::string_view name_of(std::string_view code) {
  code = code.substr(0, code.find(':'));
  const std::size_t hash = code.rfind('#');
  return hash == std::string_view::npos ? code : code.substr(hash + 1);
}

}  // namespace

std::string error_code(const net::HttpResponse& response) {
  if (response.status < 400) return "";
  if (const std::string* type = response.header("x-amzn-errortype")) return std::string(name_of(*type));
  const std::string_view body(response.body);
  const std::string_view in_json = between(body, "\"__type\":\"", "\"");
  return std::string(name_of(in_json.empty() ? between(body, "<Code>", "</Code>") : in_json));
}

std::string error_message(const net::HttpResponse& response) {
  if (response.status < 400 || response.body.size() > limits::call_input_bytes_max) return "";
  std::string message(between(response.body, "<Message>", "</Message>"));
  if (const auto document = json::parse(response.body); document && document->is_object()) {
    message = json::string_or(document->get_object(), "message", "");
    if (message.empty()) message = json::string_or(document->get_object(), "Message", "");
  }
  return text::is_utf8(message) ? message : "";
}

}  // namespace croft::console
