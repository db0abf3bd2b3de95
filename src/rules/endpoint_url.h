#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "net/url.h"
#include "types/result.h"

namespace croft::rules {

// What rules may be sent to beside what AWS lets them: a program that is developed on the same machine.
struct EndpointPolicy {
  bool plain_loopback = true;  // http and Kafka without TLS, to this machine alone
};

// 127.0.0.0/8 or localhost.
bool is_loopback(std::string_view host);

// The URL of an endpoint, as AWS demands it: https, one of `ports`, and a host name or an IPv4 address. A loopback address
// may have any port, and plain http where the policy allows it. InvalidRequestException naming `member`. Refused too are
// link-local addresses, where clouds keep their machines' credentials, and numbers that are no dotted address.
Result<net::Url> endpoint_url(std::string_view text, std::string_view member, const EndpointPolicy& policy,
                              std::span<const std::uint16_t> ports);

}  // namespace croft::rules
