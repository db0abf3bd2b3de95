#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "net/http.h"

namespace croft::gateway {

// What a call asked for, as far as it is short (limits.h) and could be read. Without what signs it.
struct CallInput {
  std::string document{};  // a JSON object: the document that was sent, or path, query and document merged; "" when there is none
  std::string payload{};   // of a call that carries one and is not about a document: a message, a shadow; not an object of S3
  bool is_too_long = false;
};

// A request that a service answered, for who watches; all of it is good during the call.
struct ServedCall {
  std::string_view service;
  std::string_view operation;   // "": none was found, or the caller was refused before
  std::string_view request_id;
  const net::HttpRequest& request;  // its body may be gone
  const net::HttpResponse& response;
  std::int64_t took_us;
  bool in_process;  // answered by Gateway::answer_as()
  const CallInput& input;
};

}  // namespace croft::gateway
