#include "console/call_ring.h"

#include "text/encoding.h"
#include "text/json.h"

namespace croft::console {

namespace {

// At most so many bytes, and valid UTF-8.
std::string short_text(std::string_view text) {
  return text::is_utf8(text) && text.size() <= limits::call_text_bytes_max ? std::string(text)
                                                                          : text::printable(text, limits::call_text_bytes_max);
}

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

// Milliseconds with two places.
std::string milliseconds(std::int64_t us) {
  const std::string places = std::to_string(100 + us / 10 % 100).substr(1);
  return std::to_string(us / 1'000) + '.' + places;
}

}  // namespace

std::string error_code(const net::HttpResponse& response) {
  if (response.status < 400) return "";
  if (const std::string* type = response.header("x-amzn-errortype")) return std::string(name_of(*type));
  const std::string_view body(response.body);
  const std::string_view in_json = between(body, "\"__type\":\"", "\"");
  return std::string(name_of(in_json.empty() ? between(body, "<Code>", "</Code>") : in_json));
}

void CallRing::add(const gateway::ServedCall& call, Timestamp now) {
  const std::string* agent = call.request.header("user-agent");
  const std::uint64_t number = ++calls_;
  std::string row = '[' + std::to_string(number) + ',' + std::to_string(now.ms - call.took_us / 1'000) + ',';
  json::append_string(row, call.service);
  row += ',';
  json::append_string(row, call.operation);
  row += ',' + std::to_string(call.response.status) + ',' + milliseconds(call.took_us) + ',';
  json::append_string(row, agent ? short_text(*agent) : "");
  row += ',';
  json::append_string(row, call.request.peer.address);
  row += ',';
  json::append_string(row, call.request_id);
  row += ',';
  json::append_string(row, short_text(error_code(call.response)));
  row += call.in_process ? ",1]" : ",0]";
  inputs_.add(number, call);
  log_.add(std::to_string(number), std::move(row));
}

}  // namespace croft::console
