#include "app/custom_authorizer.h"

#include "app/policy_rights.h"
#include "lambda/function_name.h"
#include "lambda/resource_policy.h"
#include "observe/log.h"
#include "text/digest.h"
#include "things/errors.h"

namespace croft::app {

namespace {

constexpr std::chrono::milliseconds refresh_interval{1'000};
constexpr std::chrono::milliseconds late_check_interval{100};

// The function's own word for what went wrong; its message may hold anything.
std::string error_type(const lambda::Outcome& outcome) {
  const auto document = json::parse(outcome.payload);
  if (!document || !document->is_object()) return outcome.function_error;
  return std::string(json::string_or(document->get_object(), "errorType", outcome.function_error)).substr(0, 64);
}

Task<Result<lambda::Outcome>> call_function(const things::Registry& registry, lambda::Functions& functions,
                                            lambda::Invoker& invoker, things::Authorizer authorizer, std::string event) {
  const Instance& instance = registry.instance();
  const auto reference = lambda::parse_reference(authorizer.function_arn, instance);
  if (!reference) co_return reference.error();
  const auto function = functions.find(reference->name);
  if (!function) co_return function.error();
  const lambda::ServiceCaller caller{"iot.amazonaws.com", registry.authorizer_arn(authorizer.name), instance.account_id};
  if (!lambda::permits(*function, caller))
    co_return Error{"AccessDeniedException",
                    "its resource policy does not let iot.amazonaws.com in for authorizer " + authorizer.name, 403};
  lambda::Invocation invocation{
      .function = authorizer.function_arn, .payload = std::move(event), .source = "authorizer " + authorizer.name};
  Result<lambda::Outcome> outcome = co_await invoker.invoke(std::move(invocation));
  co_return outcome;
}

}  // namespace

// What a function granted to one connection, and what it takes to ask again.
class AuthorizerRights final : public PolicyRights {
 public:
  struct Origin {
    std::string authorizer;
    std::string event;
  };
  AuthorizerRights(const Instance& instance, Refusals& refusals, Who who, Origin origin, identity::PolicyVariables variables,
                   const Grant& grant)
      : PolicyRights(instance, refusals, std::move(who)), origin_(std::move(origin)), refresh_after_s_(grant.refresh_after_s) {
    rules_ = {grant.policies, std::make_shared<const identity::PolicyVariables>(std::move(variables))};
  }

  using PolicyRights::who;
  const Origin& origin() const { return origin_; }
  bool may_stay() const override { return !refused_.load(std::memory_order_acquire); }

  void replace(const Grant& grant) {
    std::lock_guard lock(mutex_);
    rules_.policies = grant.policies;
    refresh_after_s_ = grant.refresh_after_s;
  }
  void refuse() { refused_.store(true, std::memory_order_release); }
  std::uint32_t refresh_after_s() const {
    std::lock_guard lock(mutex_);
    return refresh_after_s_;
  }

 private:
  Rules rules() const override {
    std::lock_guard lock(mutex_);
    return rules_;
  }

  const Origin origin_;
  mutable std::mutex mutex_;
  Rules rules_;
  std::uint32_t refresh_after_s_;
  std::atomic<bool> refused_{false};
};

// A connection that waits until fewer functions run.
struct CustomAuthorizers::Turn {
  Promise<bool> come;
  bool over = false;
};

CustomAuthorizers::CustomAuthorizers(Shard& shard, const things::Registry& registry, Refusals& refusals, Call call,
                                     Limits limits)
    : shard_(shard), registry_(registry), refusals_(refusals), call_(std::move(call)), limits_(limits) {}

CustomAuthorizers::~CustomAuthorizers() { *alive_ = false; }

bool CustomAuthorizers::judges(const net::Peer& peer, const mqtt::Connect& connect) {
  if (!peer.principal.empty() || peer.certificate) return false;
  if (peer.websocket) return true;
  if (peer.tls) return peer.alpn == "mqtt";
  return connect.user_name && !find(user_name_parameters(*connect.user_name), authorizer_parameter).empty();
}

Result<things::Authorizer> CustomAuthorizers::authorizer_for(const Offer& offer) const {
  const std::string_view name = find(offer.parameters, authorizer_parameter);
  auto authorizer = name.empty() ? registry_.default_authorizer() : registry_.authorizer(name);
  if (!authorizer)
    return Error{"Refused", name.empty() ? "no authorizer was named, and there is no default one" : authorizer.error().message};
  if (!authorizer->active) return Error{"Refused", "authorizer " + authorizer->name + " is INACTIVE"};
  return authorizer;
}

Task<broker::Authority::Verdict> CustomAuthorizers::admit(const net::Peer& peer, const mqtt::Connect& connect) {
  broker::Authority::Verdict verdict;
  verdict.reason = mqtt::ReasonCode::not_authorized;
  const auto refused = [&](const std::string& why) {
    verdict.why = "custom authorizer: " + why;
    refusals_.add(connect.client_id, {.action = "iot:Connect",
                                      .resource = registry_.instance().arn("iot", "client/" + connect.client_id),
                                      .address = peer.address,
                                      .why = why});
  };
  const Offer offer = offer_of(peer, connect);
  const auto authorizer = authorizer_for(offer);
  if (!authorizer) {
    refused(authorizer.error().message);
    co_return verdict;
  }
  auto event = event_for(*authorizer, offer, find(offer.parameters, authorizer->token_key_name),
                         find(offer.parameters, signature_parameter));
  if (!event) {
    refused(event.error().message);
    co_return verdict;
  }
  AuthorizerRights::Origin origin{authorizer->name, std::move(*event)};
  Result<Grant> grant = co_await judge(*authorizer, origin.event, false);
  if (!grant) {
    refused(grant.error().message);
    co_return verdict;
  }
  verdict.principal = grant->principal_id;
  if (grant->refresh_after_s == 0) origin.event = {};  // it holds a password, and is not needed again
  auto rights = std::make_shared<AuthorizerRights>(registry_.instance(), refusals_,
                                                   PolicyRights::Who{grant->principal_id, connect.client_id, peer.address},
                                                   std::move(origin), variables_of(registry_, peer, connect), *grant);
  if (const auto refusal = rights->refusal_of_connect()) {
    verdict.why = "iot:Connect for principal " + grant->principal_id + ": " + refusal->sentence();
    co_return verdict;
  }
  remember(rights, MonoTime::now());
  verdict.life_s = grant->disconnect_after_s;
  verdict.rights = std::move(rights);
  verdict.reason = mqtt::ReasonCode::success;
  co_return verdict;
}

Task<Result<gateway::Caller>> CustomAuthorizers::admit(const net::HttpRequest& request) {
  const auto refused = [&](const std::string& why) {
    log::info("app", "refused a request from " + request.peer.address + ": custom authorizer: " + why);
    return Error{"Refused", "Forbidden", 403};
  };
  const Offer offer = offer_of(request);
  const auto authorizer = authorizer_for(offer);
  if (!authorizer && find(offer.parameters, authorizer_parameter).empty())
    co_return Error{"Refused", "Missing Authentication Token", 403};
  if (!authorizer) co_return refused(authorizer.error().message);
  const std::string_view token = find(offer.parameters, authorizer->token_key_name);
  const std::string_view signature = find(offer.parameters, signature_parameter);
  std::string key;  // of the connection and what it brings
  if (authorizer->caching_for_http)
    key = text::sha256(json::dump(json::array{request.peer.address, request.peer.port, authorizer->name, token, signature}));
  if (auto kept = kept_grant(key)) co_return *kept;
  auto event = event_for(*authorizer, offer, token, signature);
  if (!event) co_return refused(event.error().message);
  Result<Grant> grant = co_await judge(*authorizer, std::move(*event), false);
  if (!grant) co_return refused(grant.error().message);
  gateway::Caller caller{.user_id = grant->principal_id, .policies = grant->policies};
  keep_grant(key, caller, grant->refresh_after_s);
  co_return caller;
}

std::optional<gateway::Caller> CustomAuthorizers::kept_grant(const std::string& key) {
  std::lock_guard lock(grants_mutex_);
  const auto found = grants_.find(key);
  if (found == grants_.end() || found->second.until <= MonoTime::now()) return std::nullopt;
  return found->second.caller;
}

void CustomAuthorizers::keep_grant(const std::string& key, const gateway::Caller& caller, std::uint32_t seconds) {
  if (key.empty() || seconds == 0) return;
  const MonoTime now = MonoTime::now();
  std::lock_guard lock(grants_mutex_);
  if (grants_.size() >= limits_.http_grants_max)
    std::erase_if(grants_, [&](const auto& grant) { return grant.second.until <= now; });
  if (grants_.size() >= limits_.http_grants_max) return;
  grants_[key] = {caller, MonoTime{now.ms + std::int64_t{seconds} * 1000}};
}

Task<Result<json::object>> CustomAuthorizers::test(things::Authorizer authorizer, services::iot::AuthorizerTest test) {
  Offer offer;
  for (auto [name, data] : {std::pair{"tls", &test.tls}, {"http", &test.http}, {"mqtt", &test.mqtt}}) {
    if (data->empty()) continue;
    offer.protocols.emplace_back(name);
    offer.protocol_data[name] = *data;
  }
  auto event = event_for(authorizer, offer, test.token, test.token_signature);
  if (!event) co_return things::invalid_request(event.error().message);
  Result<Grant> grant = co_await judge(std::move(authorizer), std::move(*event), false);
  if (!grant && grant.error().code == not_authenticated) co_return json::object{{"isAuthenticated", false}};
  if (!grant)
    co_return Error{grant.error().code == "InvalidResponseException" ? "InvalidResponseException" : "InvalidRequestException",
                    grant.error().message, 400};
  json::object answer{{"isAuthenticated", true},
                      {"principalId", grant->principal_id},
                      {"policyDocuments", json::array(grant->documents.begin(), grant->documents.end())},
                      {"disconnectAfterInSeconds", grant->disconnect_after_s}};
  if (grant->refresh_after_s > 0) answer["refreshAfterInSeconds"] = grant->refresh_after_s;
  co_return answer;
}

Task<Result<Grant>> CustomAuthorizers::judge(things::Authorizer authorizer, std::string event, bool is_refresh) {
  auto call = [this, authorizer = std::move(authorizer), event = std::move(event), is_refresh]() mutable {
    return call_in_time(std::move(authorizer), std::move(event), is_refresh);
  };
  Result<lambda::Outcome> outcome = co_await on<Result<lambda::Outcome>>(shard_, std::move(call));
  if (!outcome) co_return Error{"Refused", "the authorizer's function could not run: " + outcome.error().message};
  if (!outcome->function_error.empty())
    co_return Error{"InvalidResponseException", "the authorizer's function failed: " + error_type(*outcome)};
  co_return grant_from(outcome->payload);
}

// Calling.

Task<Result<lambda::Outcome>> CustomAuthorizers::call_in_time(things::Authorizer authorizer, std::string event,
                                                              bool is_refresh) {
  const bool may_run = co_await take_turn(is_refresh);
  if (!may_run) co_return Error{"Throttled", "too many connections wait for an authorizer", 429};
  Promise<Result<lambda::Outcome>> outcome;
  auto over = std::make_shared<bool>(false);
  shard_.spawn(run(std::move(authorizer), std::move(event), outcome, over));
  shard_.spawn(end_late(outcome, over));
  Result<lambda::Outcome> first = co_await outcome.wait();
  co_return first;
}

// A function that is late keeps its turn until it ends: so slow ones cannot take all workers.
Task<void> CustomAuthorizers::run(things::Authorizer authorizer, std::string event, Promise<Result<lambda::Outcome>> outcome,
                                  std::shared_ptr<bool> over) {
  const std::shared_ptr<bool> alive = alive_;
  try {
    Result<lambda::Outcome> result = co_await call_(std::move(authorizer), std::move(event));
    outcome.fulfil(std::move(result));
  } catch (const std::exception& failure) {
    log::error("app", std::string("calling an authorizer failed: ") + failure.what());
    outcome.fulfil(Error{"Failed", "an internal error occurred", 500});
  }
  *over = true;
  if (*alive) end_turn();
}

Task<void> CustomAuthorizers::end_late(Promise<Result<lambda::Outcome>> outcome, std::shared_ptr<bool> over) {
  const MonoTime deadline{MonoTime::now().ms + limits_.call_max.count()};
  const std::chrono::milliseconds step = std::min(late_check_interval, limits_.call_max);
  while (!*over && MonoTime::now() < deadline) co_await sleep_for(step);
  if (!*over) outcome.fulfil(Error{"TimedOut", "it did not answer in time", 504});
}

Task<bool> CustomAuthorizers::take_turn(bool is_refresh) {
  if (running_ < limits_.calls_max) {
    ++running_;
    co_return true;
  }
  if (!is_refresh && waiting_.size() >= limits_.waiting_max) co_return false;
  auto turn = std::make_shared<Turn>();
  waiting_.push_back(turn);
  if (!is_refresh) shard_.spawn(give_up(turn));
  const bool come = co_await turn->come.wait();
  co_return come;
}

Task<void> CustomAuthorizers::give_up(std::shared_ptr<Turn> turn) {
  const std::shared_ptr<bool> alive = alive_;
  co_await sleep_for(limits_.turn_wait_max);
  if (!*alive || std::exchange(turn->over, true)) co_return;
  std::erase(waiting_, turn);
  turn->come.fulfil(false);
}

void CustomAuthorizers::end_turn() {
  --running_;
  if (waiting_.empty()) return;
  const std::shared_ptr<Turn> next = std::move(waiting_.front());
  waiting_.pop_front();
  next->over = true;
  ++running_;
  next->come.fulfil(true);
}

// Asking again.

void CustomAuthorizers::remember(const std::shared_ptr<AuthorizerRights>& rights, MonoTime granted) {
  const std::uint32_t after_s = rights->refresh_after_s();
  if (after_s == 0) return;
  std::lock_guard lock(due_mutex_);
  due_.emplace(MonoTime{granted.ms + std::int64_t{after_s} * 1000}, rights);
  if (due_.size() <= sweep_above_) return;
  std::erase_if(due_, [](const auto& entry) { return entry.second.expired(); });  // those of connections that ended
  sweep_above_ = std::max<std::size_t>(1'024, due_.size() * 2);
}

std::shared_ptr<AuthorizerRights> CustomAuthorizers::next_due() {
  std::lock_guard lock(due_mutex_);
  while (!due_.empty() && due_.begin()->first <= now_) {
    std::shared_ptr<AuthorizerRights> rights = due_.begin()->second.lock();
    due_.erase(due_.begin());
    if (rights) return rights;
  }
  return nullptr;
}

void CustomAuthorizers::start() { shard_.spawn(refresh_now_and_then()); }

Task<void> CustomAuthorizers::refresh_now_and_then() {
  const std::shared_ptr<bool> alive = alive_;
  while (*alive) {
    refresh_due(MonoTime::now());
    co_await sleep_for(refresh_interval);
  }
}

void CustomAuthorizers::refresh_due(MonoTime now) {
  now_ = now;
  while (refreshing_ < limits_.refreshes_max) {
    {
      std::lock_guard lock(due_mutex_);
      if (due_.empty() || now_ < due_.begin()->first) return;
    }
    ++refreshing_;
    shard_.spawn(refresh_in_turn());
    if (refreshing_ >= limits_.refreshes_max) return;
  }
}

Task<void> CustomAuthorizers::refresh_in_turn() {
  const std::shared_ptr<bool> alive = alive_;
  while (*alive) {
    std::shared_ptr<AuthorizerRights> rights = next_due();
    if (!rights) break;
    co_await refresh(std::move(rights));
  }
  if (*alive) --refreshing_;
}

Task<void> CustomAuthorizers::refresh(std::shared_ptr<AuthorizerRights> rights) {
  const std::weak_ptr<AuthorizerRights> live = rights;
  const AuthorizerRights::Origin origin = rights->origin();
  rights.reset();  // a connection that ends meanwhile is forgotten
  Result<Grant> grant = Error{"Refused", "authorizer " + origin.authorizer + " is gone or INACTIVE"};
  auto authorizer = registry_.authorizer(origin.authorizer);
  if (authorizer && authorizer->active) grant = co_await judge(std::move(*authorizer), origin.event, true);
  rights = live.lock();
  if (!rights) co_return;
  if (grant && grant->principal_id != rights->who().principal)
    grant = Error{"Refused", "the authorizer's function named another principal"};
  if (grant) {
    rights->replace(*grant);
    remember(rights, std::max(now_, MonoTime::now()));
    co_return;
  }
  const std::string why = "refreshing its policies: " + grant.error().message;
  refusals_.add(rights->who().client_id, {.action = "iot:Connect",
                                          .resource = registry_.instance().arn("iot", "client/" + rights->who().client_id),
                                          .principal = rights->who().principal,
                                          .address = rights->who().address,
                                          .why = why});
  log::info("app", "client '" + rights->who().client_id + "' must go: " + why);
  rights->refuse();
  revision_.fetch_add(1, std::memory_order_acq_rel);
}

CustomAuthorizers::Call authorizer_call(const things::Registry& registry, lambda::Functions& functions,
                                        lambda::Invoker& invoker) {
  return [&](things::Authorizer authorizer, std::string event) -> Task<Result<lambda::Outcome>> {
    return call_function(registry, functions, invoker, std::move(authorizer), std::move(event));
  };
}

}  // namespace croft::app
