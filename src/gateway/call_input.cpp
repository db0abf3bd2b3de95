#include "gateway/call_input.h"

#include "gateway/limits.h"
#include "text/encoding.h"

namespace croft::gateway {

namespace {

// X-Amz-Signature, X-Amz-Security-Token and their like in the query of a presigned URL; older ones have names of their own.
bool signs(std::string_view parameter) {
  return text::lower(parameter).starts_with("x-amz-") || parameter == "AWSAccessKeyId" || parameter == "Signature";
}

std::string merged_document(const json::object& input) {
  json::object kept;
  for (const auto& [name, value] : input)
    if (!signs(name)) kept[name] = value;
  return json::dump(kept);
}

}  // namespace

CallInput input_of(const HostedService& hosted, const Operation& operation, const Call& call) {
  const Protocol protocol = hosted.service().protocol;
  const bool is_long = call.http.body.size() > watched_input_bytes_max;
  const bool is_json = protocol == Protocol::json_1_0 || protocol == Protocol::json_1_1;
  if (is_json && is_long) return {.is_too_long = true};
  if (is_json) return {.document = call.http.body.empty() ? "{}" : call.http.body};
  const bool has_document = protocol != Protocol::rest_xml && !operation.raw_body;
  if (has_document && is_long) return {.is_too_long = true};
  CallInput input{.document = merged_document(call.input)};
  if (operation.raw_body && protocol == Protocol::rest_json) {
    input.is_too_long = is_long;
    if (!is_long && text::is_utf8(call.http.body)) input.payload = call.http.body;
  }
  if (input.document.size() > watched_input_bytes_max) return {.is_too_long = true};
  return input;
}

}  // namespace croft::gateway
