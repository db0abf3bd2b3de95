#include "console/access.h"

#include <algorithm>

namespace croft::console {

namespace {

bool is_number(std::string_view text, std::size_t digits_max) {
  return !text.empty() && text.size() <= digits_max && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
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

bool is_loopback_address(std::string_view address) {
  constexpr std::string_view mapped = "::ffff:";
  if (address.starts_with(mapped)) address.remove_prefix(mapped.size());
  return address == "::1" || is_loopback_v4(address);
}

bool is_same_origin(const net::HttpRequest& request, std::string_view host) {
  const std::string* origin = request.header("origin");
  if (!origin) return true;
  return *origin == "http://" + std::string(host) || *origin == "https://" + std::string(host);
}

// What browsers say of where a request comes from; "none" is a person. Source: W3C, "Fetch Metadata Request Headers".
bool is_from_this_site(const net::HttpRequest& request) {
  const std::string* site = request.header("sec-fetch-site");
  return !site || *site == "same-origin" || *site == "none";
}

Asker nobody(std::string why) { return {.why = std::move(why)}; }

}  // namespace

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

Access::Access(std::string listens_on)
    : is_on_loopback_(listens_on == "localhost" || is_loopback_address(listens_on)) {}

Asker Access::who_opens(const net::HttpRequest& request) const {
  if (!is_on_loopback_ || !is_loopback_address(request.peer.address))
    return nobody("The console answers on loopback only until croft has users who can sign in.");
  const std::string* host = request.header("host");
  if (!host || !is_loopback_host(*host)) return nobody("The console answers to localhost, 127.0.0.1 and [::1], not to another name.");
  return {.role = Role::admin, .name = "loopback"};
}

Asker Access::who_asks(const net::HttpRequest& request) const {
  Asker asker = who_opens(request);
  if (asker.role == Role::none) return asker;
  if (!is_same_origin(request, *request.header("host")) || !is_from_this_site(request))
    return nobody("A page of another site may not use the console.");
  const std::string* mark = request.header("x-croft-console");
  if (!mark || *mark != "1") return nobody("A request for the console's data has the header x-croft-console: 1.");
  return asker;
}

}  // namespace croft::console
