#include "app/authorizer_exchange.h"

#include <algorithm>

#include "identity/token_signature.h"
#include "text/digest.h"
#include "text/encoding.h"

namespace croft::app {

namespace {

Error refused(std::string why) { return {"Refused", std::move(why), 400}; }

Error invalid_answer(const std::string& what) {
  return {"InvalidResponseException", "the answer of the authorizer's function is not valid: " + what, 400};
}

void add_query(std::string_view query, Parameters& into) {
  while (!query.empty() && into.size() < authorizer_parameters_max) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    const std::size_t equals = std::min(pair.find('='), pair.size());
    std::string value = equals < pair.size() ? text::percent_decode(pair.substr(equals + 1)) : std::string();
    if (!pair.empty()) into.emplace_back(text::percent_decode(pair.substr(0, equals)), std::move(value));
    query.remove_prefix(std::min(end + 1, query.size()));
  }
}

json::object http_data(const net::UpgradeRequest& request) {
  json::object headers;
  std::size_t bytes = request.query.size();
  for (const auto& [name, value] : request.headers) {
    bytes += name.size() + value.size();
    if (bytes > authorizer_http_bytes_max) break;
    if (text::is_utf8(name) && text::is_utf8(value)) headers[name] = value;
  }
  json::object http{{"headers", std::move(headers)}};
  if (!request.query.empty() && request.query.size() <= authorizer_http_bytes_max && text::is_utf8(request.query))
    http["queryString"] = "?" + request.query;
  return http;
}

json::object mqtt_data(const mqtt::Connect& connect) {
  json::object mqtt{{"clientId", connect.client_id}};
  if (connect.user_name) mqtt["username"] = *connect.user_name;
  if (connect.password) mqtt["password"] = text::base64(*connect.password);
  return mqtt;
}

bool is_principal_id(std::string_view id) {
  const auto is_alphanumeric = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  return !id.empty() && id.size() <= 128 && std::all_of(id.begin(), id.end(), is_alphanumeric);
}

// `otherwise` when it is absent.
Result<std::uint32_t> interval(const json::object& answer, std::string_view name, std::uint32_t otherwise) {
  const json::value* value = json::find(answer, name);
  if (!value || value->is_null()) return otherwise;
  const bool fits =
      value->is_int64() && value->get_int64() >= authorizer_interval_s_min && value->get_int64() <= authorizer_interval_s_max;
  if (!fits) return invalid_answer(std::string(name) + " is not a number from 300 to 86400");
  return static_cast<std::uint32_t>(value->get_int64());
}

Result<void> read_documents(const json::object& answer, Grant& grant) {
  const json::value* documents = json::find(answer, "policyDocuments");
  if (!documents || !documents->is_array()) return invalid_answer("policyDocuments is not a list");
  if (documents->get_array().size() > authorizer_documents_max) return invalid_answer("there are more than 10 policyDocuments");
  std::vector<std::shared_ptr<const identity::Policy>> policies;
  for (const json::value& document : documents->get_array()) {
    if (!document.is_string() && !document.is_object())
      return invalid_answer("a policy document is neither an object nor a string");
    std::string text = document.is_string() ? std::string(document.get_string()) : json::dump(document);
    const std::string name = "policyDocuments[" + std::to_string(policies.size()) + "]";
    if (text.size() > authorizer_document_characters_max) return invalid_answer(name + " has more than 2048 characters");
    auto policy = identity::Policy::parse(name, text);
    if (!policy) return invalid_answer(name + ": " + policy.error().message);
    policies.push_back(std::make_shared<const identity::Policy>(std::move(*policy)));
    grant.documents.push_back(std::move(text));
  }
  grant.policies = std::make_shared<const identity::PolicySet>(std::move(policies));
  return {};
}

}  // namespace

Parameters user_name_parameters(std::string_view user_name) {
  Parameters parameters;
  const std::size_t mark = user_name.find('?');
  if (mark != std::string_view::npos) add_query(user_name.substr(mark + 1), parameters);
  return parameters;
}

std::string_view find(const Parameters& parameters, std::string_view name) {
  if (name.empty()) return {};
  const std::string wanted = text::lower(name);
  for (const auto& [known, value] : parameters)
    if (text::lower(known) == wanted) return value;
  return {};
}

static void add_tls(const net::Peer& peer, Offer& offer) {
  if (!peer.tls) return;
  offer.protocols.emplace_back("tls");
  offer.protocol_data["tls"] = json::object{{"serverName", peer.server_name}};
}

static void add_http(const net::UpgradeRequest& request, Offer& offer) {
  for (const auto& [name, value] : request.headers) {
    if (offer.parameters.size() >= authorizer_parameters_max) break;
    offer.parameters.emplace_back(name, value);
  }
  add_query(request.query, offer.parameters);
  offer.protocols.emplace_back("http");
  offer.protocol_data["http"] = http_data(request);
}

Offer offer_of(const net::HttpRequest& request) {
  Offer offer;
  add_tls(request.peer, offer);
  add_http({request.headers, request.query}, offer);
  return offer;
}

Offer offer_of(const net::Peer& peer, const mqtt::Connect& connect) {
  Offer offer;
  if (connect.user_name) offer.parameters = user_name_parameters(*connect.user_name);
  add_tls(peer, offer);
  if (peer.upgrade) add_http(*peer.upgrade, offer);
  offer.protocols.emplace_back("mqtt");
  offer.protocol_data["mqtt"] = mqtt_data(connect);
  return offer;
}

Result<std::string> event_for(const things::Authorizer& authorizer, const Offer& offer, std::string_view token,
                              std::string_view signature) {
  if (!text::is_utf8(token) || token.size() > authorizer_token_bytes_max) return refused("the token is too long or not UTF-8");
  if (!authorizer.signing_disabled) {
    if (token.empty())
      return refused("no token came; authorizer " + authorizer.name + " takes it from '" + authorizer.token_key_name + "'");
    if (signature.empty()) return refused("no signature of the token came in '" + std::string(signature_parameter) + "'");
    const auto& keys = authorizer.token_signing_keys;
    const bool verified = std::any_of(keys.begin(), keys.end(),
                                      [&](const auto& key) { return identity::verifies_token(key.second, token, signature); });
    if (!verified) return refused("no key of authorizer " + authorizer.name + " verifies the token's signature");
  }
  json::object event;
  if (!token.empty()) event["token"] = token;
  event["signatureVerified"] = !authorizer.signing_disabled;
  event["protocols"] = offer.protocols;
  event["protocolData"] = offer.protocol_data;
  event["connectionMetadata"] = json::object{{"id", text::random_uuid()}};
  return json::dump(event);
}

Result<Grant> grant_from(std::string_view answer) {
  if (answer.size() > authorizer_answer_bytes_max) return invalid_answer("it is too long");
  const auto document = json::parse(answer);
  if (!document || !document->is_object()) return invalid_answer("it is not a JSON object");
  const json::object& members = document->get_object();
  const json::value* authenticated = json::find(members, "isAuthenticated");
  if (!authenticated || !authenticated->is_bool()) return invalid_answer("isAuthenticated is not a boolean");
  if (!authenticated->get_bool())
    return Error{std::string(not_authenticated), "the authorizer's function did not authenticate the connection", 400};
  Grant grant{.principal_id = std::string(json::string_or(members, "principalId", ""))};
  if (!is_principal_id(grant.principal_id)) return invalid_answer("principalId is not 1 to 128 letters and digits");
  if (auto read = read_documents(members, grant); !read) return read.error();
  const auto disconnect = interval(members, "disconnectAfterInSeconds", authorizer_interval_s_max);
  if (!disconnect) return disconnect.error();
  const auto refresh = interval(members, "refreshAfterInSeconds", 0);
  if (!refresh) return refresh.error();
  grant.disconnect_after_s = *disconnect;
  grant.refresh_after_s = *refresh;
  return grant;
}

}  // namespace croft::app
