#include "remote/remote_services.h"

#include <algorithm>
#include <array>

#include "identity/sigv4.h"
#include "net/url.h"
#include "observe/log.h"
#include "remote/answer.h"
#include "remote/breaker.h"
#include "remote/limits.h"
#include "text/digest.h"

namespace croft::remote {

namespace {

// What a try, or a call with its tries, came to.
enum class Outcome { good, refused, throttled, failed };

}  // namespace

struct RemoteServices::Service {
  ServiceSettings settings;
  Breaker breaker;
  RetryQuota quota;
  std::array<std::atomic<std::uint64_t>, 4> outcomes{};  // of calls, by Outcome
  std::atomic<std::uint64_t> not_asked{0}, retries{0};

  // A throttle or a refusal is an answer: the service is there.
  void count(Outcome outcome) {
    outcomes[static_cast<std::size_t>(outcome)].fetch_add(1, std::memory_order_relaxed);
    if (outcome == Outcome::failed)
      breaker.failed(MonoTime::now());
    else
      breaker.succeeded();
  }
};

namespace {

// Between nothing and the doubled base: with all clients of a busy service waiting the same time they would come back together.
std::chrono::milliseconds pause_before(unsigned next_try) {
  const std::int64_t most = std::min<std::int64_t>(limits::backoff_base.count() << (next_try - 1), limits::backoff_max.count());
  const std::string random = text::random_bytes(2);
  const auto share = (static_cast<unsigned char>(random[0]) << 8 | static_cast<unsigned char>(random[1]));
  return std::chrono::milliseconds(most * share / 65'536);
}

net::HttpCall signed_call(const ServiceSettings& settings, const Request& request) {
  const std::string& endpoint = request.endpoint.empty() ? settings.endpoint : request.endpoint;
  net::HttpRequest whole{request.method, request.path, request.query, request.headers, request.body, {}};
  const auto url = net::parse_url(endpoint);
  whole.headers.emplace_back("host", url ? url->authority() : std::string());
  const identity::Signing signing{settings.credentials, settings.region, settings.signing_name, Timestamp::now()};
  for (auto& header : identity::sign(whole, signing)) whole.headers.push_back(std::move(header));
  whole.headers.emplace_back("user-agent", "croft");  // not signed: SDKs do not sign it, proxies change it
  whole.headers.insert(whole.headers.end(), request.unsigned_headers.begin(), request.unsigned_headers.end());
  return {whole.method, endpoint + whole.path + (whole.query.empty() ? "" : "?" + whole.query), std::move(whole.headers),
          std::move(whole.body)};
}

struct Try {
  Outcome outcome;
  Result<net::HttpResponse> answer;
};

Outcome outcome_of_answer(const Error& error) {
  const Verdict verdict = verdict_on(error);
  if (verdict == Verdict::refused) return Outcome::refused;
  return verdict == Verdict::throttled ? Outcome::throttled : Outcome::failed;
}

// DynamoDB tells a checksum of what it sent, which the gateway's own answer would hide.
bool is_damaged(const net::HttpResponse& answer) {
  const std::string* told = answer.header("x-amz-crc32");
  return told && !answer.header("content-encoding") && *told != std::to_string(text::crc32(answer.body));
}

Task<Try> try_once(net::HttpClient& client, const ServiceSettings& settings, const Request& request) {
  net::HttpCall call = signed_call(settings, request);
  auto answer = co_await client.request(std::move(call), settings.timeout);
  if (answer && is_damaged(*answer)) answer = Error{"InvalidResponse", "the answer does not fit its x-amz-crc32"};
  if (!answer) {
    Error error = answer.error();
    error.http_status = 503;
    co_return Try{is_transient_connection_error(error) ? Outcome::failed : Outcome::refused, std::move(error)};
  }
  if (answer->status >= 200 && answer->status < 300) co_return Try{Outcome::good, std::move(answer)};
  co_return Try{outcome_of_answer(error_of(*answer)), std::move(answer)};
}

// The error, if it came to one, in place of the answer that tells it.
Try as_error(Try done) {
  if (done.outcome != Outcome::good && done.answer) done.answer = error_of(*done.answer);
  return done;
}

// No byte of the request can have reached the service.
bool was_not_sent(const Error& error) { return error.code == "ConnectionFailed"; }

bool may_repeat(const Try& done, Repeat repeat) {
  if (done.outcome == Outcome::throttled) return true;
  if (done.outcome != Outcome::failed) return false;
  return repeat == Repeat::freely || was_not_sent(done.answer.error());
}

int cost_of_retry(const Error& error) {
  return error.code == "RequestTimeout" ? limits::retry_cost_after_timeout : limits::retry_cost;
}

}  // namespace

RemoteServices::RemoteServices(Settings settings) : trust_anchors_file_(std::move(settings.trust_anchors_file)) {
  for (auto& [name, one] : settings.services) {
    auto service = std::make_unique<Service>();
    service->settings = std::move(one);
    services_.emplace(name, std::move(service));
  }
}

RemoteServices::~RemoteServices() = default;

const ServiceSettings* RemoteServices::find(std::string_view service) const {
  const auto found = services_.find(service);
  return found == services_.end() ? nullptr : &found->second->settings;
}

net::HttpClient& RemoteServices::client_of(Shard& shard, Service& service) {
  std::lock_guard lock(mutex_);
  std::unique_ptr<net::HttpClient>& client = clients_[{&shard, &service}];
  if (!client)
    client = std::make_unique<net::HttpClient>(
        shard, net::HttpClient::Options{.connections_per_origin = service.settings.connections,
                                        .body_bytes_max = service.settings.answer_bytes_max,
                                        .trust_anchors_file = trust_anchors_file_});
  return *client;
}

Task<Result<net::HttpResponse>> RemoteServices::call_with_retries(net::HttpClient& client, Service& service,
                                                                  const Request& request, Repeat repeat) {
  int spent = 0;
  for (unsigned done = 1;; ++done) {
    Try last = co_await try_once(client, service.settings, request);
    last = as_error(std::move(last));
    const bool may_pass = may_repeat(last, repeat);
    const int cost = may_pass ? cost_of_retry(last.answer.error()) : 0;
    if (may_pass && done < limits::tries_max && service.quota.take(cost)) {
      spent = cost;
      service.retries.fetch_add(1, std::memory_order_relaxed);
      co_await sleep_for(pause_before(done));
      continue;
    }
    if (last.outcome == Outcome::good) service.quota.give(spent > 0 ? spent : limits::retry_income);
    service.count(last.outcome);
    co_return std::move(last.answer);
  }
}

Task<Result<net::HttpResponse>> RemoteServices::forward_now(net::HttpClient& client, Service& service, const Request& request,
                                                            Repeat repeat) {
  Try last = co_await try_once(client, service.settings, request);
  const bool is_lost = !last.answer && last.answer.error().code == "ConnectionLost";  // it may have been kept too long
  if (!last.answer && (was_not_sent(last.answer.error()) || (is_lost && repeat == Repeat::freely))) {
    service.retries.fetch_add(1, std::memory_order_relaxed);
    last = co_await try_once(client, service.settings, request);
  }
  service.count(last.outcome);
  co_return std::move(last.answer);
}

Task<Result<net::HttpResponse>> RemoteServices::call(Shard& shard, std::string service, Request request, Repeat repeat) {
  auto answer = co_await ask(shard, std::move(service), std::move(request), repeat, call_with_retries);
  co_return answer;
}

Task<Result<net::HttpResponse>> RemoteServices::forward(Shard& shard, std::string service, Request request, Repeat repeat) {
  auto answer = co_await ask(shard, std::move(service), std::move(request), repeat, forward_now);
  co_return answer;
}

Task<Result<net::HttpResponse>> RemoteServices::ask(Shard& shard, std::string service, Request request, Repeat repeat,
                                                    Tries tries) {
  const auto found = services_.find(service);
  if (found == services_.end())
    co_return Error{"ServiceUnavailable",
                    "no endpoint is configured for the service '" + service + "' ([services." + service + "])", 503};
  Service& called = *found->second;
  if (!called.breaker.admits(MonoTime::now())) {
    called.not_asked.fetch_add(1, std::memory_order_relaxed);
    co_return Error{"ServiceUnavailable", "the service '" + service + "' failed again and again and is not asked for a while",
                    503};
  }
  const bool was_open = called.breaker.is_open();
  net::HttpClient& client = client_of(shard, called);
  auto answer = co_await tries(client, called, request, repeat);
  const bool is_open = called.breaker.is_open();
  if (!was_open && is_open) {
    const std::string why = answer ? "HTTP status " + std::to_string(answer->status) : answer.error().message;
    log::warn("remote", "the service '" + service + "' is left alone for a while: " + why);
  }
  if (was_open && !is_open) log::info("remote", "the service '" + service + "' answers again");
  co_return answer;
}

std::uint64_t RemoteServices::unanswered(std::string_view service) const {
  const auto found = services_.find(service);
  if (found == services_.end()) return 0;
  return found->second->outcomes[static_cast<std::size_t>(Outcome::failed)].load() + found->second->not_asked.load();
}

std::vector<RemoteServices::Figures> RemoteServices::figures() const {
  std::vector<Figures> all;
  const auto of = [](const Service& service, Outcome outcome) {
    return service.outcomes[static_cast<std::size_t>(outcome)].load();
  };
  for (const auto& [name, service] : services_)
    all.push_back({.service = name,
                   .succeeded = of(*service, Outcome::good),
                   .throttled = of(*service, Outcome::throttled),
                   .failed = of(*service, Outcome::failed),
                   .refused = of(*service, Outcome::refused),
                   .not_asked = service->not_asked,
                   .retries = service->retries,
                   .is_open = service->breaker.is_open()});
  return all;
}

}  // namespace croft::remote
