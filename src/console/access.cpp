#include "console/access.h"

#include "console/limits.h"
#include "net/loopback.h"
#include "text/digest.h"
#include "text/encoding.h"
#include "text/json.h"

namespace croft::console {

namespace {

constexpr std::string_view tls_cookie = "__Host-croft", plain_cookie = "croft_session";

// A browser names the scheme too. Behind a proxy that speaks TLS the request itself came without.
bool is_same_origin(const net::HttpRequest& request) {
  const std::string *origin = request.header("origin"), *host = request.header("host");
  if (!origin) return true;
  if (!host) return false;
  return *origin == "https://" + *host || (!request.peer.tls && *origin == "http://" + *host);
}

// What browsers say of where a request comes from; "none" is a person. Source: W3C, "Fetch Metadata Request Headers".
bool is_from_this_site(const net::HttpRequest& request) {
  const std::string* site = request.header("sec-fetch-site");
  return !site || *site == "same-origin" || *site == "none";
}

bool has_mark(const net::HttpRequest& request) {
  const std::string* mark = request.header("x-croft-console");
  return mark && *mark == "1";
}

bool came_through_a_proxy(const net::HttpRequest& request) {
  for (const char* name : {"forwarded", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-real-ip", "via"})
    if (request.header(name)) return true;
  return false;
}

Asker nobody(int status, std::string code, std::string why) {
  return {.status = status, .code = std::move(code), .why = std::move(why)};
}

constexpr const char* tls_only =
    "Beyond loopback the console answers over TLS only: start croft with --gateway-tls-port, and open https:// with that port.";

}  // namespace

bool came_by_tls(const net::HttpRequest& request) {
  const std::string* scheme = request.header("x-forwarded-proto");
  return request.peer.tls || (scheme && *scheme == "https" && net::is_loopback_address(request.peer.address));
}

std::string session_token(const net::HttpRequest& request) {
  const std::string_view wanted = came_by_tls(request) ? tls_cookie : plain_cookie;
  for (const auto& [name, value] : request.headers) {
    if (name != "cookie") continue;
    for (std::string_view rest = value; !rest.empty();) {
      const std::size_t end = std::min(rest.find(';'), rest.size());
      const std::string_view pair = text::trim(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      const std::size_t equals = pair.find('=');
      if (equals != std::string_view::npos && pair.substr(0, equals) == wanted) return std::string(pair.substr(equals + 1));
    }
  }
  return "";
}

std::string session_cookie(const net::HttpRequest& request, const std::string& token) {
  const bool by_tls = came_by_tls(request);
  const std::int64_t life_s = token.empty() ? 0 : limits::session_life_max_ms / 1'000;
  return std::string(by_tls ? tls_cookie : plain_cookie) + '=' + token + "; Path=/; Max-Age=" + std::to_string(life_s) +
         "; HttpOnly; SameSite=Strict" + (by_tls ? "; Secure" : "");
}

Access::Entrance Access::entrance(const net::HttpRequest& request) const {
  const std::string& listens_on = request.peer.tls ? settings_.tls_address : settings_.plain_address;
  const bool is_here = net::is_loopback_address(listens_on) && net::is_loopback_address(request.peer.address);
  if (!is_here) return request.peer.tls ? Entrance::signs_in : Entrance::closed;
  return settings_.sign_in_always || came_through_a_proxy(request) ? Entrance::signs_in : Entrance::open;
}

std::optional<std::string> Access::refusal_of_page(const net::HttpRequest& request) const {
  const Entrance by = entrance(request);
  if (by == Entrance::closed) return tls_only;
  if (by == Entrance::signs_in) return std::nullopt;
  const std::string* host = request.header("host");
  if (!host || !net::is_loopback_host(*host))
    return "The console answers to localhost, 127.0.0.1 and [::1], not to another name.";
  return std::nullopt;
}

std::optional<std::string> Access::forgery(const net::HttpRequest& request, Entrance by) const {
  const std::string* host = request.header("host");
  if (by == Entrance::closed) return tls_only;
  if (!host || (by == Entrance::open && !net::is_loopback_host(*host)))
    return "The console answers to localhost, 127.0.0.1 and [::1], not to another name.";
  if (!is_same_origin(request) || !is_from_this_site(request)) return "A page of another site may not use the console.";
  return std::nullopt;
}

Asker Access::signed_in(const net::HttpRequest& request) const {
  const std::string token = session_token(request);
  if (auto session = token.empty() ? std::nullopt : sessions_.use(token, MonoTime::now()))
    return {.role = session->role, .name = session->user, .session = session->id};
  if (users_.empty()) return nobody(401, "NoUsers", "Nobody can sign in yet: run `croft users add NAME` on croft's machine.");
  return nobody(401, "SignInRequired", "Sign in to use the console.");
}

Asker Access::who_asks(const net::HttpRequest& request) const {
  const Entrance by = entrance(request);
  if (auto why = forgery(request, by)) return nobody(403, "", std::move(*why));
  if (!has_mark(request))
    return nobody(403, "", "A request for the console's data has the header x-croft-console: 1.");
  if (by == Entrance::open) return {.role = Role::admin, .name = "loopback"};
  return signed_in(request);
}

std::optional<Asker> Access::refusal_of_sign_in(const net::HttpRequest& request) const {
  const Entrance by = entrance(request);
  if (auto why = forgery(request, by)) return nobody(403, "", std::move(*why));
  if (!has_mark(request))
    return nobody(403, "", "A request for the console's data has the header x-croft-console: 1.");
  if (by == Entrance::open) return nobody(409, "NoSignIn", "On this machine the console is open: nobody signs in.");
  if (users_.empty()) return signed_in(request);
  return std::nullopt;
}

bool Access::has_metrics_token(const net::HttpRequest& request) const {
  constexpr std::string_view scheme = "Bearer ";
  const std::string* given = request.header("authorization");
  if (settings_.metrics_token.empty() || request.path != "/metrics" || !given || !given->starts_with(scheme)) return false;
  return text::equal_in_constant_time(std::string_view(*given).substr(scheme.size()), settings_.metrics_token);
}

std::optional<net::HttpResponse> Access::guard(const net::HttpRequest& request, gateway::PageKind kind) const {
  const auto refuse = [](const Asker& asker) {
    return net::HttpResponse{asker.status,
                             {{"content-type", "application/json"}, {"cache-control", "no-store"}},
                             json::dump(json::object{{"code", asker.code.empty() ? "Forbidden" : asker.code}, {"message", asker.why}})};
  };
  const bool changes = kind != gateway::PageKind::reads && request.method != "GET" && request.method != "HEAD";
  const Entrance by = entrance(request);
  if (by != Entrance::closed && has_metrics_token(request)) return std::nullopt;
  if (auto why = forgery(request, by)) return refuse(nobody(403, "", std::move(*why)));
  if (by == Entrance::open) return std::nullopt;
  Asker asker = signed_in(request);
  if (asker.role == Role::none) {
    asker.why =
        "This page is for who signed in to the console, or signs the request with the account's key as the service croft.";
    return refuse(asker);
  }
  if (request.method != "GET" && request.method != "HEAD" && !has_mark(request))
    return refuse(nobody(403, "", "Such a request has the header x-croft-console: 1."));
  if (changes && asker.role != Role::admin) return refuse(nobody(403, "ReadOnly", "The role read-only may not do that."));
  return std::nullopt;
}

}  // namespace croft::console
