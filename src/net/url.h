#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "types/result.h"

namespace croft::net {

// An absolute http or https address, taken apart. What holds no request target or host name does not become one.
struct Url {
  bool secure = false;     // https
  std::string host;        // in lower case; an IPv6 address without its brackets
  std::uint16_t port = 0;  // 80 or 443 when none is named
  std::string path = "/";  // as written, percent-encoded
  std::string query;       // as written, without '?'

  // The Host header: the port only where it is not the scheme's own.
  std::string authority() const;
  // scheme://host:port
  std::string origin() const;
};

// InvalidUrl for another scheme, user names, ports out of range, and bytes that no URL holds. A fragment is dropped.
Result<Url> parse_url(std::string_view text);

}  // namespace croft::net
