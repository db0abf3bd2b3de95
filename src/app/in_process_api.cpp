#include "app/in_process_api.h"

#include "text/digest.h"

namespace croft::app {

namespace {

// What the query protocol delivers: every scalar is text.
void make_text(json::value& value) {
  if (value.is_object()) {
    for (auto& member : value.get_object()) make_text(member.value());
  } else if (value.is_array()) {
    for (json::value& element : value.get_array()) make_text(element);
  } else if (!value.is_string() && !value.is_null()) {
    value = json::dump(value);
  }
}

// Input members that travel in headers.
void set_headers(gateway::Call& call) {
  const std::string_view principal = json::string_or(call.input, "principal", "");
  if (principal.empty()) return;
  call.http.headers.emplace_back("x-amzn-principal", principal);
  call.http.headers.emplace_back("x-amzn-iot-principal", principal);
}

}  // namespace

const gateway::Operation* InProcessApi::find(const std::string& service, const std::string& operation) const {
  const auto found = services_.find(service);
  if (found == services_.end()) return nullptr;
  for (const gateway::Operation& row : found->second.operations)
    if (row.name == operation) return &row;
  return nullptr;
}

Task<Result<json::object>> InProcessApi::call(std::string service, std::string operation, json::object input) {
  const gateway::Operation* row = find(service, operation);
  if (!row) co_return Error{"UnknownOperationException", service + " has no operation " + operation, 404};
  gateway::Call call;
  call.caller.arn = "arn:aws:iam::cloudformation";
  call.request_id = text::random_uuid();
  call.input = std::move(input);
  if (services_.at(service).protocol == gateway::Protocol::query)
    for (auto& member : call.input) make_text(member.value());
  set_headers(call);
  try {
    gateway::Reply reply = co_await row->handler(call);
    co_return std::move(reply.output);
  } catch (const ApiError& refusal) {
    co_return refusal.error();
  }
}

Task<Result<std::string>> InProcessApi::object(std::string bucket, std::string key) { co_return objects_.get(bucket, key); }

}  // namespace croft::app
