#include "console/page_headers.h"

#include <algorithm>

namespace croft::console {

// As it may stand in a policy, where it must not begin another directive.
static bool is_host(std::string_view host) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view(".-:[]").find(static_cast<char>(c)) != std::string_view::npos;
  });
}

// WebSockets are named by their host: 'self' means them in some browsers only.
net::HttpResponse with_page_headers(net::HttpResponse response, const net::HttpRequest& request) {
  const std::string* host = request.header("host");
  const std::string sockets = host && is_host(*host) ? " ws://" + *host + " wss://" + *host : "";
  response.headers.emplace_back(
      "content-security-policy",
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'" + sockets +
          "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
          "require-trusted-types-for 'script'; trusted-types croft-xml");
  response.headers.emplace_back("x-content-type-options", "nosniff");
  response.headers.emplace_back("x-frame-options", "DENY");
  response.headers.emplace_back("referrer-policy", "no-referrer");
  response.headers.emplace_back("cross-origin-opener-policy", "same-origin");
  response.headers.emplace_back("cross-origin-resource-policy", "same-origin");
  return response;
}

net::HttpResponse refusal_page(std::string_view why) {
  return {403,
          {{"content-type", "text/html; charset=utf-8"}, {"cache-control", "no-store"}},
          "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>croft console</title>\n<h1>Not here</h1>\n<p>" +
              std::string(why) + "</p>\n</html>\n"};
}

net::HttpResponse redirect(std::string_view path) {
  return {302, {{"location", std::string(path)}, {"cache-control", "no-store"}}, ""};
}

}  // namespace croft::console
