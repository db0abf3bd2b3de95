#include "net/url.h"

#include <charconv>

#include "text/encoding.h"

namespace croft::net {

namespace {

constexpr std::uint16_t http_port = 80, https_port = 443;

bool is_host_name(std::string_view host) {
  return !host.empty() && host.size() <= 255 &&
         host.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-._") == std::string_view::npos;
}

bool is_v6_address(std::string_view host) {
  return !host.empty() && host.find_first_not_of("0123456789abcdef:.") == std::string_view::npos;
}

bool is_visible(std::string_view text) {
  for (const char c : text)
    if (c <= ' ' || c > '~') return false;
  return true;
}

// The port behind the host's ':', and the authority without it. False for what is no port.
bool take_port(std::string_view& authority, std::uint16_t& port) {
  const std::size_t colon = authority.rfind(':');
  if (colon == std::string_view::npos || authority.find(']', colon) != std::string_view::npos) return true;
  const std::string_view digits = authority.substr(colon + 1);
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  authority = authority.substr(0, colon);
  return failure == std::errc() && end == digits.data() + digits.size() && port > 0;
}

bool take_host(std::string_view authority, std::string& host) {
  host = text::lower(authority);
  if (!host.starts_with('[')) return is_host_name(host);
  if (!host.ends_with(']')) return false;
  host = host.substr(1, host.size() - 2);
  return is_v6_address(host);
}

}  // namespace

std::string Url::authority() const {
  const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return port == (secure ? https_port : http_port) ? name : name + ":" + std::to_string(port);
}

std::string Url::origin() const {
  return (secure ? "https://" : "http://") + host + ":" + std::to_string(port);
}

Result<Url> parse_url(std::string_view text) {
  const Error invalid{"InvalidUrl", "'" + text::printable(text) + "' is not a URL of the form https://host:port/path"};
  Url url;
  if (!is_visible(text)) return invalid;
  const std::size_t scheme = text.find("://");
  if (scheme == std::string_view::npos) return invalid;
  const std::string name = text::lower(text.substr(0, scheme));
  if (name != "http" && name != "https") return invalid;
  url.secure = name == "https";
  url.port = url.secure ? https_port : http_port;
  text.remove_prefix(scheme + 3);
  text = text.substr(0, text.find('#'));
  const std::size_t slash = text.find_first_of("/?");
  std::string_view authority = text.substr(0, slash);
  if (slash != std::string_view::npos) {
    const std::string_view target = text.substr(slash);
    const std::size_t mark = target.find('?');
    if (mark != 0) url.path = target.substr(0, mark);
    if (mark != std::string_view::npos) url.query = target.substr(mark + 1);
  }
  if (!take_port(authority, url.port) || !take_host(authority, url.host)) return invalid;
  return url;
}

}  // namespace croft::net
