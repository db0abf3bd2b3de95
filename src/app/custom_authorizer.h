#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "app/authorizer_exchange.h"
#include "app/refusals.h"
#include "broker/authority.h"
#include "lambda/functions.h"
#include "lambda/invoker.h"
#include "services/iot/iot.h"
#include "things/registry.h"

namespace croft::app {

class AuthorizerRights;

// Connections that a Lambda function judges instead of a certificate or an AWS signature. Everything that goes wrong
// refuses: an authorizer that is absent or INACTIVE, a token or signature that is missing or wrong (the function does
// not run then), a function that may not be called, is throttled, fails, takes over 5 s, or answers anything but a grant.
//
// What was granted lasts for the function's disconnectAfterInSeconds; each refreshAfterInSeconds it is asked again with
// the same event, and its policies replace those before; a connection that it refuses then ends.
//
// Threads: admit() from any shard; start() and test() the given shard. Bounded: few functions run at once for it, and so
// many connections wait for their turn.
class CustomAuthorizers {
 public:
  using Call = std::function<Task<Result<lambda::Outcome>>(things::Authorizer authorizer, std::string event)>;

  struct Limits {
    std::size_t calls_max = 8;  // half of the workers on two cores; the others are for rules
    std::size_t waiting_max = 1'000;
    std::chrono::milliseconds turn_wait_max{4'000};  // with the call's: less than a CONNECT may take
    std::chrono::milliseconds call_max{5'000};       // AWS's limit of an authorizer's function
    std::size_t refreshes_max = 4;                   // at once
    std::size_t http_grants_max = 10'000;            // kept for HTTP connections
  };

  // The references outlive it.
  CustomAuthorizers(Shard& shard, const things::Registry& registry, Refusals& refusals, Call call, Limits limits);
  CustomAuthorizers(Shard& shard, const things::Registry& registry, Refusals& refusals, Call call)
      : CustomAuthorizers(shard, registry, refusals, std::move(call), Limits()) {}
  ~CustomAuthorizers();

  // Whether a connection is judged here. With TLS: one without certificate that says ALPN `mqtt`, or a WebSocket without
  // signature; without TLS (loopback) only one whose user name names an authorizer.
  // Source: AWS IoT developer guide, "Device communication protocols".
  static bool judges(const net::Peer& peer, const mqtt::Connect& connect);

  Task<broker::Authority::Verdict> admit(const net::Peer& peer, const mqtt::Connect& connect);

  // Of a request over HTTP without certificate and signature: the principal and its policies. An authorizer with
  // enableCachingForHttp is not asked again for the same token on one connection for the function's refreshAfterInSeconds.
  // Error: Refused, with AWS's sentence; the log has the reason.
  // Source: AWS IoT API Reference, CreateAuthorizer, enableCachingForHttp.
  Task<Result<gateway::Caller>> admit(const net::HttpRequest& request);

  // TestInvokeAuthorizer. Errors: InvalidRequestException, InvalidResponseException.
  Task<Result<json::object>> test(things::Authorizer authorizer, services::iot::AuthorizerTest test);

  // Begins to ask again when it is time.
  void start();
  // Asks again for every connection whose time has come at `now`.
  void refresh_due(MonoTime now);

  // Moves when a live connection was refused.
  std::uint64_t revision() const { return revision_.load(std::memory_order_acquire); }

 private:
  struct Turn;

  // What was granted to a connection over HTTP, until `until`.
  struct HttpGrant {
    gateway::Caller caller;
    MonoTime until;
  };
  std::optional<gateway::Caller> kept_grant(const std::string& key);
  void keep_grant(const std::string& key, const gateway::Caller& caller, std::uint32_t seconds);

  Result<things::Authorizer> authorizer_for(const Offer& offer) const;
  Task<Result<Grant>> judge(things::Authorizer authorizer, std::string event, bool is_refresh);
  // On shard_.
  Task<Result<lambda::Outcome>> call_in_time(things::Authorizer authorizer, std::string event, bool is_refresh);
  Task<void> run(things::Authorizer authorizer, std::string event, Promise<Result<lambda::Outcome>> outcome,
                 std::shared_ptr<bool> over);
  Task<void> end_late(Promise<Result<lambda::Outcome>> outcome, std::shared_ptr<bool> over);
  Task<bool> take_turn(bool is_refresh);
  Task<void> give_up(std::shared_ptr<Turn> turn);
  void end_turn();
  Task<void> refresh_now_and_then();
  Task<void> refresh_in_turn();
  Task<void> refresh(std::shared_ptr<AuthorizerRights> rights);
  void remember(const std::shared_ptr<AuthorizerRights>& rights, MonoTime granted);
  std::shared_ptr<AuthorizerRights> next_due();

  Shard& shard_;
  const things::Registry& registry_;
  Refusals& refusals_;
  const Call call_;
  const Limits limits_;
  std::atomic<std::uint64_t> revision_{0};
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);

  // shard_ only.
  std::size_t running_ = 0;
  std::deque<std::shared_ptr<Turn>> waiting_;
  std::size_t refreshing_ = 0;
  MonoTime now_;  // of the last refresh_due()

  std::mutex grants_mutex_;
  std::unordered_map<std::string, HttpGrant> grants_;

  std::mutex due_mutex_;
  std::multimap<MonoTime, std::weak_ptr<AuthorizerRights>> due_;
  std::size_t sweep_above_ = 1'024;
};

// Calls the authorizer's function, if its resource policy lets iot.amazonaws.com in for the authorizer.
CustomAuthorizers::Call authorizer_call(const things::Registry& registry, lambda::Functions& functions,
                                        lambda::Invoker& invoker);

}  // namespace croft::app
