#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gateway/request_counts.h"
#include "gateway/served_call.h"
#include "gateway/service_choice.h"
#include "identity/authenticator.h"
#include "net/http_server.h"

namespace croft::gateway {

// A path where WebSocket connections come in.
struct WebSocketEntry {
  std::string path;
  std::vector<std::string> signing_names;
  std::vector<std::string> subprotocols;
  // Gets each connection that was let in, on the shard of the request; its peer names who signed as principal.
  std::function<void(net::Transport)> open;
  // A request without a signature is let in too. Its connection has no principal and is judged by what its peer tells: the
  // client certificate, or what the request carried for a custom authorizer.
  bool takes_unsigned = false;
};

// Who may ask for a page without a signature of the account: anyone; whom the guard lets in; and of those who may change nothing
// everybody, because no method changes something.
enum class PageKind { open, guarded, reads };

// Asked about each request for a guarded page that the account did not sign: nothing, or the refusal.
using PageGuard = std::function<std::optional<net::HttpResponse>(const net::HttpRequest&, PageKind)>;

// The one HTTP entry: pages by their prefix, and AWS's services told apart on one endpoint. Checks signatures,
// decodes, calls the operation and answers in the service's own wire form, errors included.
//
// Threads: add everything first; then handle() from any shard. Never throws: a bug in an operation is an
// InternalFailure 500 and a line in the log.
class Gateway {
 public:
  struct Settings {
    bool require_signature = true;  // off: anyone is the account, and a known key is believed
  };

  // `keys` outlives the gateway.
  Gateway(Instance instance, const identity::AccessKeys& keys, Settings settings);

  void add(Service service);
  // Answers for `prefix` itself and, below a slash, what follows it ("/health", "/_croft/").
  void add_page(std::string prefix, net::HttpHandler handler, PageKind kind = PageKind::guarded);
  // Without a guard, guarded pages are for signed requests alone: those of the service "croft".
  void guard_pages(PageGuard guard) { guard_ = std::move(guard); }

  // Requests for a WebSocket connection to that path are judged like all others; any fault is a 403.
  void add_websocket(WebSocketEntry entry);

  // GET / without a signature, by what asks for HTML, is answered with a redirect there. Everyone else's is ListBuckets.
  void send_browsers_to(std::string path) { browsers_go_to_ = std::move(path); }
  // Calls of functions that say on the way of which event they are (X-Amzn-Trace-Id) become steps of its trace there.
  void trace_to(trace::Traces& traces) { traces_ = &traces; }
  // Told of every request that a service answered, on the shard of the request.
  void watch_calls(std::function<void(const ServedCall&)> watch) { watch_ = std::move(watch); }

  Task<net::HttpResponse> handle(net::HttpRequest request) const;
  // The same for a request to the service of that name whose caller croft knows by another way: no signature is asked for.
  Task<net::HttpResponse> answer_as(Caller caller, std::string service, net::HttpRequest request) const;
  // By service; "page", "websocket" and "none" for what no service answered.
  const RequestCounts& counts() const { return counts_; }

 private:
  struct Page {
    std::string prefix;
    net::HttpHandler handler;
    PageKind kind;
  };
  const Page* page(const net::HttpRequest& request) const;
  std::optional<net::HttpResponse> refusal_of(const Page& page, net::HttpRequest& request) const;
  Task<net::HttpResponse> answer_page(const Page& page, net::HttpRequest request) const;
  const WebSocketEntry* websocket(const net::HttpRequest& request) const;
  net::HttpResponse answer_websocket(const WebSocketEntry& entry, net::HttpRequest& request) const;
  Task<net::HttpResponse> serve(const HostedService& hosted, net::HttpRequest request, std::optional<Caller> known) const;
  trace::Context open_step(const HostedService& hosted, const Operation& operation, const Call& call) const;
  Task<net::HttpResponse> operate(const HostedService& hosted, Call& call, std::string_view& name, CallInput& input) const;
  bool is_browser_at_root(const net::HttpRequest& request) const;
  Task<Result<Caller>> admit(const HostedService& hosted, Call& call) const;
  Result<identity::Principal> principal_of(net::HttpRequest& request, const identity::SignatureScope& scope) const;

  const identity::Authenticator authenticator_;
  const Settings settings_;
  HostedServices services_;
  std::vector<Page> pages_;
  PageGuard guard_;
  std::vector<WebSocketEntry> websockets_;
  mutable RequestCounts counts_;
  trace::Traces* traces_ = nullptr;
  std::string browsers_go_to_;  // "": nowhere
  std::function<void(const ServedCall&)> watch_;
};

}  // namespace croft::gateway
