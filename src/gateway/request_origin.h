#pragma once

#include <string>
#include <string_view>

#include "net/http.h"

namespace croft::gateway {

// NAME, 1.2.3.4 or [v6], and a port if there is one: what a Host header may hold that goes into URLs. Source: RFC 3986, 3.2.2
// and 3.2.3, without user names and percent-encoding; "_" because names of containers have it.
bool is_host_and_port(std::string_view text);

// Where whoever sent the request reaches croft: "https://croft.lan:4567", by the listener that it came in by and its Host
// header. `otherwise` without a usable header, and for croft's own calls, which have none.
std::string origin_of(const net::HttpRequest& request, const std::string& otherwise);

}  // namespace croft::gateway
