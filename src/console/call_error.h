#pragma once

#include <string>

#include "net/http.h"

namespace croft::console {

// What an answer says went wrong: its x-amzn-errortype, or what its body names; "" of a success.
std::string error_code(const net::HttpResponse& response);
// The sentence of an error, in whichever form the service writes it; "" of a success and of a long body.
std::string error_message(const net::HttpResponse& response);

}  // namespace croft::console
