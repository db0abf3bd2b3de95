#pragma once

#include <cstdint>
#include <string_view>

#include "net/http.h"

namespace croft::gateway {

// A request that a service answered, for who watches; all of it is good during the call.
struct ServedCall {
  std::string_view service;
  std::string_view operation;   // "": none was found, or the caller was refused before
  std::string_view request_id;
  const net::HttpRequest& request;  // its body may be gone
  const net::HttpResponse& response;
  std::int64_t took_us;
  bool in_process;  // answered by Gateway::answer_as()
};

}  // namespace croft::gateway
