#pragma once

#include <optional>
#include <string>

#include "identity/credentials.h"
#include "rules/web.h"
#include "types/timestamp.h"

namespace croft::rules {

// How a request of a rule is signed: SigV4 with the credentials of the configuration.
struct RequestSigning {
  identity::Credentials credentials;
  std::string region;
  std::string service;
};

// One POST of the http action and of what resembles it, with AWS's tries: at most three within 3000 ms, and no other one
// after an answer that is too long, closes the connection, or has a status but 429 and 5xx. An Error is what the error
// action is told; its http_status is that of the answer, 0 without one.
// Source: AWS IoT developer guide, "HTTP", retry logic; AWS IoT Core quotas.
Task<Result<void>> post_with_tries(Web& web, Shard& shard, net::HttpCall call, std::optional<RequestSigning> signing,
                                   std::string action_name);

// "Internal Server Error" for 500; "" for a status that RFC 9110 does not name.
std::string_view reason_of(int status);

}  // namespace croft::rules
