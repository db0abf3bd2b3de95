#include "net/loopback.h"

#include <algorithm>
#include <cstddef>

namespace croft::net {

namespace {

bool is_number(std::string_view text, std::size_t digits_max) {
  return !text.empty() && text.size() <= digits_max &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// 127.A.B.C
bool is_loopback_v4(std::string_view text) {
  if (!text.starts_with("127.")) return false;
  int parts = 0;
  for (std::size_t at = 0; at <= text.size(); ++parts) {
    const std::size_t dot = std::min(text.find('.', at), text.size());
    if (!is_number(text.substr(at, dot - at), 3)) return false;
    at = dot + 1;
  }
  return parts == 4;
}

}  // namespace

bool is_loopback_address(std::string_view address) {
  constexpr std::string_view mapped = "::ffff:";
  if (address.starts_with(mapped)) address.remove_prefix(mapped.size());
  return address == "::1" || is_loopback_v4(address);
}

bool is_loopback_host(std::string_view host) {
  std::string_view name = host, port;
  const std::size_t bracket = host.starts_with('[') ? host.find(']') : 0;
  if (bracket == std::string_view::npos) return false;
  if (const std::size_t colon = host.find(':', bracket); colon != std::string_view::npos) {
    name = host.substr(0, colon);
    port = host.substr(colon + 1);
    if (!is_number(port, 5)) return false;
  }
  return name == "localhost" || name == "[::1]" || is_loopback_v4(name);
}

}  // namespace croft::net
