#pragma once

#include <optional>
#include <string>

#include "console/sessions.h"
#include "console/users.h"
#include "gateway/gateway.h"
#include "net/http.h"

namespace croft::console {

// Who asks the console for something, and what they may do.
struct Asker {
  Role role = Role::none;
  std::string name{};     // "loopback" for whoever sits at this machine
  std::string session{};  // its id; "" for loopback
  int status = 200;       // of Role::none what is answered, and a sentence for people
  std::string code{};     // "SignInRequired" and "NoUsers" with 401; may be ""
  std::string why{};
};

// Who may use the console and croft's own pages. On loopback everyone at this machine, but no page of another site in their
// browser. Elsewhere who signed in, over TLS alone; what came through a proxy on this machine comes from elsewhere.
//
// Threads: any, once made.
class Access {
 public:
  struct Settings {
    std::string plain_address;  // where the gateway listens, and where over TLS
    std::string tls_address{};
    bool sign_in_always = false;  // on loopback too
    std::string metrics_token{};  // lets /metrics be read from anywhere; "" = none
  };
  // Both outlive it.
  Access(Settings settings, const Users& users, Sessions& sessions)
      : settings_(std::move(settings)), users_(users), sessions_(sessions) {}

  // For the page itself, its scripts and styles: they show nothing of this croft, so links from other sites may lead here, and
  // whoever will sign in needs them. Nothing, or why not.
  std::optional<std::string> refusal_of_page(const net::HttpRequest& request) const;
  // For everything that reads or changes data. The page sends `x-croft-console: 1` with each request: a form, an image or
  // a script of another site cannot, and its fetch() would have to ask first and is not answered.
  Asker who_asks(const net::HttpRequest& request) const;
  // For croft's other pages (gateway::PageGuard), whose readers are programs too: the header is asked for with what is no GET.
  std::optional<net::HttpResponse> guard(const net::HttpRequest& request, gateway::PageKind kind) const;
  // For signing in: who_asks() without a session. Nothing, or why not.
  std::optional<Asker> refusal_of_sign_in(const net::HttpRequest& request) const;

 private:
  enum class Entrance { open, signs_in, closed };
  Entrance entrance(const net::HttpRequest& request) const;
  // Nothing, or why the request is not from a person at the console.
  std::optional<std::string> forgery(const net::HttpRequest& request, Entrance entrance) const;
  Asker signed_in(const net::HttpRequest& request) const;
  bool has_metrics_token(const net::HttpRequest& request) const;

  const Settings settings_;
  const Users& users_;
  Sessions& sessions_;
};

// Whether the browser speaks TLS, with croft or with a proxy before it on this machine.
bool came_by_tls(const net::HttpRequest& request);
// The session's token in the cookies; "" when there is none.
std::string session_token(const net::HttpRequest& request);
// A Set-Cookie for it; an empty token takes it away. Source: RFC 6265bis, "The __Host- Prefix".
std::string session_cookie(const net::HttpRequest& request, const std::string& token);

}  // namespace croft::console
