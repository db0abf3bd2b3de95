#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "identity/policy.h"
#include "mqtt/packets.h"
#include "net/http.h"
#include "net/peer.h"
#include "text/json.h"
#include "things/records.h"

namespace croft::app {

// What goes to a custom authorizer's function and what comes back. Pure.
// Source: AWS IoT developer guide, "Creating and managing custom authorizers", "Connecting to AWS IoT Core by using custom
// authentication".

inline constexpr std::string_view authorizer_parameter = "x-amz-customauthorizer-name";
inline constexpr std::string_view signature_parameter = "x-amz-customauthorizer-signature";

// Bounds of what is read of a connection and of an answer.
inline constexpr std::size_t authorizer_parameters_max = 128;
inline constexpr std::size_t authorizer_http_bytes_max = 8 * 1024;   // headers and query that a function is given
inline constexpr std::size_t authorizer_token_bytes_max = 6 * 1024;  // Token in the IoT API model
inline constexpr std::size_t authorizer_answer_bytes_max = 128 * 1024;
inline constexpr std::size_t authorizer_documents_max = 10;
inline constexpr std::size_t authorizer_document_characters_max = 2048;
inline constexpr std::uint32_t authorizer_interval_s_min = 300;
inline constexpr std::uint32_t authorizer_interval_s_max = 86'400;

// Names and decoded values, those that count first in front.
using Parameters = std::vector<std::pair<std::string, std::string>>;

// The parameters behind the `?` of an MQTT user name: "user?name=value&...", percent-encoded. A plus is a plus, since
// signatures are base64.
Parameters user_name_parameters(std::string_view user_name);

// The first value of that name, compared without regard to case as HTTP headers are; "" when there is none.
std::string_view find(const Parameters& parameters, std::string_view name);

// What one connection brings. Of a parameter given several times the user name's counts before a header's, and that
// before the query's.
struct Offer {
  Parameters parameters;
  json::array protocols;       // "tls", "http", "mqtt"
  json::object protocol_data;  // as the function gets it
};
Offer offer_of(const net::Peer& peer, const mqtt::Connect& connect);
// Of a request over HTTP alone.
Offer offer_of(const net::HttpRequest& request);

// The event for the function, once the token's signature is verified. Error: the reason why the function may not run.
Result<std::string> event_for(const things::Authorizer& authorizer, const Offer& offer, std::string_view token,
                              std::string_view signature);

// What a function granted.
struct Grant {
  std::string principal_id;
  std::vector<std::string> documents;
  std::shared_ptr<const identity::PolicySet> policies;
  std::uint32_t disconnect_after_s = authorizer_interval_s_max;
  std::uint32_t refresh_after_s = 0;  // 0 = never
};

// Errors: NotAuthenticated, when the function said so; InvalidResponseException for all that is not exactly an answer.
inline constexpr std::string_view not_authenticated = "NotAuthenticated";
Result<Grant> grant_from(std::string_view answer);

}  // namespace croft::app
