#include "services/iot/input.h"
#include "services/iot/iot.h"
#include "services/iot/limits.h"
#include "things/errors.h"

namespace croft::services::iot {

namespace {

[[noreturn]] void refuse(std::string message) { throw ApiError(things::invalid_request(std::move(message))); }

// ACTIVE or INACTIVE; nothing when absent.
std::optional<bool> status(const Input& in) {
  const std::string text = in.text("status");
  if (text.empty()) return std::nullopt;
  if (text != "ACTIVE" && text != "INACTIVE") {
    refuse("1 validation error detected: Value '" + text +
           "' at 'status' failed to satisfy constraint: Member must satisfy enum value set: [INACTIVE, ACTIVE]");
  }
  return text == "ACTIVE";
}

std::map<std::string, std::string> signing_keys(const Input& in) {
  std::map<std::string, std::string> keys;
  for (const auto& [name, pem] : in.object("tokenSigningPublicKeys")) {
    if (!pem.is_string()) refuse("The values of 'tokenSigningPublicKeys' must be strings");
    keys.emplace(name, pem.get_string());
  }
  return keys;
}

bool has(const gateway::Call& call, std::string_view member) {
  const json::value* value = json::find(call.input, member);
  return value && !value->is_null();
}

// At most `max` bytes; "" when absent.
std::string bounded(const std::string& value, std::string_view member, std::size_t max) {
  if (value.size() > max) {
    refuse("1 validation error detected: Value at '" + std::string(member) +
           "' failed to satisfy constraint: Member must have length less than or equal to " + std::to_string(max));
  }
  return value;
}

// The members of one context, all of them strings.
json::object context(const Input& in, std::string_view name,
                     std::initializer_list<std::pair<std::string_view, std::size_t>> members) {
  const json::object given = in.object(name);
  json::object out;
  for (const auto& [member, max] : members) {
    const json::value* value = json::find(given, member);
    if (!value || value->is_null()) continue;
    if (!value->is_string())
      refuse("The value of '" + std::string(name) + "." + std::string(member) + "' is of the wrong type");
    out[member] = bounded(std::string(value->get_string()), std::string(name) + "." + std::string(member), max);
  }
  return out;
}

json::object http_context(const Input& in) {
  json::object http = context(in, "httpContext", {{"queryString", limits::test_query_bytes_max}});
  const json::object given = in.object("httpContext");
  const json::value* headers = json::find(given, "headers");
  if (!headers || headers->is_null()) return http;
  if (!headers->is_object()) refuse("The value of 'httpContext.headers' is of the wrong type");
  for (const auto& [name, value] : headers->get_object()) {
    if (!value.is_string()) refuse("The value of 'httpContext.headers' is of the wrong type");
    bounded(std::string(value.get_string()), "httpContext.headers", limits::test_header_bytes_max);
  }
  http["headers"] = *headers;
  return http;
}

}  // namespace

json::object Iot::authorizer_summary(const things::Authorizer& authorizer) const {
  return {{"authorizerName", authorizer.name}, {"authorizerArn", registry_.authorizer_arn(authorizer.name)}};
}

json::object Iot::authorizer_description(const things::Authorizer& authorizer) const {
  json::object keys;
  for (const auto& [name, pem] : authorizer.token_signing_keys) keys[name] = pem;
  json::object description = authorizer_summary(authorizer);
  description["authorizerFunctionArn"] = authorizer.function_arn;
  if (!authorizer.token_key_name.empty()) description["tokenKeyName"] = authorizer.token_key_name;
  description["tokenSigningPublicKeys"] = std::move(keys);
  description["status"] = authorizer.active ? "ACTIVE" : "INACTIVE";
  description["creationDate"] = authorizer.created.seconds();
  description["lastModifiedDate"] = authorizer.modified.seconds();
  description["signingDisabled"] = authorizer.signing_disabled;
  description["enableCachingForHttp"] = authorizer.caching_for_http;
  return {{"authorizerDescription", std::move(description)}};
}

// AWS does not say which status an authorizer has that names none: here ACTIVE.
Task<gateway::Reply> Iot::create_authorizer(Call& call) {
  const Input in(call);
  things::Authorizer wanted{.name = in.required("authorizerName"),
                            .function_arn = in.required("authorizerFunctionArn"),
                            .token_key_name = in.text("tokenKeyName"),
                            .token_signing_keys = signing_keys(in),
                            .active = status(in).value_or(true),
                            .signing_disabled = in.flag("signingDisabled"),
                            .caching_for_http = in.flag("enableCachingForHttp")};
  const auto authorizer = registry_.create_authorizer(std::move(wanted)).value();
  co_await registry_.durable();
  co_return Reply{.output = authorizer_summary(authorizer)};
}

Task<gateway::Reply> Iot::describe_authorizer(Call& call) {
  const auto authorizer = registry_.authorizer(Input(call).required("authorizerName")).value();
  co_return Reply{.output = authorizer_description(authorizer)};
}

Task<gateway::Reply> Iot::update_authorizer(Call& call) {
  const Input in(call);
  things::AuthorizerUpdate update{.active = status(in)};
  if (has(call, "authorizerFunctionArn")) update.function_arn = in.text("authorizerFunctionArn");
  if (has(call, "tokenKeyName")) update.token_key_name = in.text("tokenKeyName");
  if (has(call, "tokenSigningPublicKeys")) update.token_signing_keys = signing_keys(in);
  if (has(call, "enableCachingForHttp")) update.caching_for_http = in.flag("enableCachingForHttp");
  const auto authorizer = registry_.update_authorizer(in.required("authorizerName"), std::move(update)).value();
  co_await registry_.durable();
  co_return Reply{.output = authorizer_summary(authorizer)};
}

Task<gateway::Reply> Iot::delete_authorizer(Call& call) {
  registry_.delete_authorizer(Input(call).required("authorizerName")).value();
  co_await registry_.durable();
  co_return Reply{};
}

Task<gateway::Reply> Iot::list_authorizers(Call& call) {
  const Input in(call);
  const auto page = registry_.authorizers(status(in), in.marker_page());
  json::array items;
  for (const auto& authorizer : page.items) items.push_back(authorizer_summary(authorizer));
  json::object output{{"authorizers", std::move(items)}};
  set_next(output, "nextMarker", page.next);
  co_return Reply{.output = std::move(output)};
}

Task<gateway::Reply> Iot::set_default_authorizer(Call& call) {
  const auto authorizer = registry_.set_default_authorizer(Input(call).required("authorizerName")).value();
  co_await registry_.durable();
  co_return Reply{.output = authorizer_summary(authorizer)};
}

Task<gateway::Reply> Iot::clear_default_authorizer(Call&) {
  registry_.clear_default_authorizer().value();
  co_await registry_.durable();
  co_return Reply{};
}

Task<gateway::Reply> Iot::describe_default_authorizer(Call&) {
  const auto authorizer = registry_.default_authorizer().value();
  co_return Reply{.output = authorizer_description(authorizer)};
}

Task<gateway::Reply> Iot::test_invoke_authorizer(Call& call) {
  const Input in(call);
  things::Authorizer authorizer = registry_.authorizer(in.required("authorizerName")).value();
  AuthorizerTest test{.token = bounded(in.text("token"), "token", limits::test_token_bytes_max),
                      .token_signature = bounded(in.text("tokenSignature"), "tokenSignature", limits::test_signature_bytes_max),
                      .http = http_context(in),
                      .mqtt = context(in, "mqttContext",
                                      {{"username", limits::test_mqtt_bytes_max},
                                       {"password", limits::test_password_characters_max},
                                       {"clientId", limits::test_mqtt_bytes_max}}),
                      .tls = context(in, "tlsContext", {{"serverName", limits::test_server_name_bytes_max}})};
  if (!authorizer_tester_) refuse("No functions can be called here");
  Result<json::object> answer = co_await authorizer_tester_(std::move(authorizer), std::move(test));
  co_return Reply{.output = std::move(answer).value()};
}

}  // namespace croft::services::iot
