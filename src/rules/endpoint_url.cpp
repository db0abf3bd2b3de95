#include "rules/endpoint_url.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "rules/actions/action_types.h"
#include "rules/destination_limits.h"

namespace croft::rules {

namespace {

Error refused(std::string_view member, std::string_view why) {
  return invalid_request("The value of '" + std::string(member) + "' is not valid: " + std::string(why) + ".");
}

// Four decimal numbers up to 255.
std::optional<std::uint32_t> dotted(std::string_view host) {
  std::uint32_t address = 0;
  for (int part = 0; part < 4; ++part) {
    unsigned number = 0;
    const auto [end, fault] = std::from_chars(host.data(), host.data() + host.size(), number);
    const std::size_t length = static_cast<std::size_t>(end - host.data());
    if (fault != std::errc() || number > 255 || length > 3) return std::nullopt;
    address = address << 8 | number;
    host.remove_prefix(length);
    if (part < 3 && !host.starts_with('.')) return std::nullopt;
    if (part < 3) host.remove_prefix(1);
  }
  return host.empty() ? std::optional(address) : std::nullopt;
}

// The system would take 2130706433, 0x7f.1 or 127.1 for an address. Source: URL Standard, "ends in a number checker".
bool ends_in_a_number(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  const std::string_view last = host.substr(host.rfind('.') + 1);
  return !last.empty() && last[0] >= '0' && last[0] <= '9';
}

}  // namespace

bool is_loopback(std::string_view host) {
  const auto address = dotted(host);
  return host == "localhost" || (address && *address >> 24 == 127);
}

Result<net::Url> endpoint_url(std::string_view text, std::string_view member, const EndpointPolicy& policy,
                              std::span<const std::uint16_t> ports) {
  if (text.size() > limits::url_bytes_max) return refused(member, "a URL has at most 2000 characters");
  auto url = net::parse_url(text);
  if (!url) return refused(member, "it is not an HTTPS URL");
  if (url->host.find(':') != std::string::npos) return refused(member, "IPv6 addresses are not supported");
  const auto address = dotted(url->host);
  if (!address && ends_in_a_number(url->host)) return refused(member, "the host is neither a name nor an IPv4 address");
  if (address && *address >> 16 == 0xA9FE) return refused(member, "link-local addresses are not supported");
  const bool is_here = is_loopback(url->host);
  if (!url->secure && !(is_here && policy.plain_loopback)) return refused(member, "the URL must start with https://");
  if (!is_here && std::find(ports.begin(), ports.end(), url->port) == ports.end())
    return refused(member, "the port " + std::to_string(url->port) + " is not supported");
  return url;
}

}  // namespace croft::rules
