#include "net/http_client.h"

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <fstream>
#include <future>
#include <map>
#include <sstream>

#include "net/connector.h"
#include "net/http_codec.h"
#include "net/tls.h"
#include "net/url.h"
#include "text/encoding.h"

namespace croft::net {

namespace {

using Clock = std::chrono::steady_clock;
using Timer = boost::asio::basic_waitable_timer<Clock, boost::asio::wait_traits<Clock>, Executor>;

// What a coroutine waits on until it is raised, or until its time has come. The coroutine has it, others know its address.
class Signal {
 public:
  explicit Signal(Shard& shard, std::chrono::milliseconds timeout = {}) : timer_(shard.executor()) {
    timer_.expires_at(timeout.count() > 0 ? Clock::now() + timeout : Clock::time_point::max());
  }
  void raise() {
    is_raised_ = true;
    timer_.cancel();
  }
  Task<void> wait() {
    boost::system::error_code ignored;
    if (!is_raised_) co_await timer_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable_t<Executor>(), ignored));
  }

 private:
  Timer timer_;
  bool is_raised_ = false;
};

class Connection;

// One request on its way, until it has its result.
struct Pending {
  std::string bytes;  // as it goes out
  bool is_head = false;
  bool may_repeat = false;
  bool was_repeated = false;
  std::optional<Result<HttpResponse>> result;
  std::weak_ptr<Connection> connection;  // that it was sent on
  Signal* over = nullptr;                // null: nobody waits any more

  void finish(Result<HttpResponse> with) {
    if (result) return;
    result.emplace(std::move(with));
    if (over) over->raise();
  }
};
using PendingPtr = std::shared_ptr<Pending>;

struct Origin {
  explicit Origin(Url address) : url(std::move(address)) {}
  const Url url;
  std::shared_ptr<TlsContext> tls;  // of an https origin
  std::size_t opening = 0;
  std::vector<std::weak_ptr<Connection>> open;
  std::vector<std::weak_ptr<Connection>> idle;  // of them; the latest used last
  std::deque<PendingPtr> waiting;
};
using OriginPtr = std::shared_ptr<Origin>;

// A connection and the request that it carries, if any. Owned by the task that opened it.
class Connection final : public Transport::Reader, public std::enable_shared_from_this<Connection> {
 public:
  // Called with each answer that leaves the connection fit for another request.
  using Rested = std::function<void(const std::shared_ptr<Connection>&)>;

  Connection(Transport transport, const std::string& origin, const HttpClient::Options& options, Rested rested)
      : transport_(std::move(transport)),
        origin_(origin),
        idle_(options.idle),
        decoder_(HttpDecoder::Side::client, options.body_bytes_max, options.header_bytes_max),
        rested_(std::move(rested)) {}

  void listen(Signal& gone) {
    gone_ = &gone;
    transport_.hand_over_to(weak_from_this());
  }
  void carry(PendingPtr pending) {
    transport_.expire_after({});
    if (pending->is_head) decoder_.expect_no_body();
    pending->connection = weak_from_this();
    pending_ = std::move(pending);
    is_answered_ = false;
    transport_.send(pending_->bytes);
  }
  void rest() { transport_.expire_after(idle_); }
  void abort() { transport_.abort(); }
  bool is_open() const { return transport_.is_open(); }
  PendingPtr take_pending() { return std::exchange(pending_, nullptr); }
  // It answered a request before, and this one with not a byte.
  bool is_stale() const { return exchanges_ > 0 && !is_answered_; }
  Error why_lost() const {
    const std::string tls = transport_.tls_failure();
    if (!tls.empty()) return {"TlsFailure", "no TLS connection to " + origin_ + ": " + tls};
    return {"ConnectionLost", "the connection to " + origin_ + " ended before the answer was complete"};
  }

  bool received(std::span<const char> bytes) override {
    while (!bytes.empty() && is_open()) {
      if (!pending_) {  // nobody asked
        abort();
        break;
      }
      is_answered_ = true;
      bytes = bytes.subspan(decoder_.feed(bytes));
      if (auto fault = decoder_.fault())
        fail(*fault);
      else if (decoder_.is_complete())
        complete(bytes.empty());
    }
    return true;
  }
  void ended() override {
    if (pending_ && is_answered_) {
      decoder_.end_of_stream();
      if (decoder_.is_complete() && !decoder_.fault()) take_pending()->finish(decoder_.take_response());
    }
    gone_->raise();
  }

 private:
  void fail(HttpFault fault) {
    abort();
    const Error invalid{"InvalidResponse", "what " + origin_ + " answered is not HTTP"};
    const Error too_large{"ResponseTooLarge", "the answer of " + origin_ + " is larger than is taken"};
    take_pending()->finish(fault.status == 400 ? invalid : too_large);
  }
  void complete(bool is_all) {
    const bool closes = decoder_.closes();
    HttpResponse response = decoder_.take_response();
    if (response.status < 200 && response.status != 101) {  // an interim answer; the other one follows
      if (pending_->is_head) decoder_.expect_no_body();
      return;
    }
    ++exchanges_;
    const bool is_fit = !closes && is_all && response.status != 101;
    if (!is_fit) abort();
    take_pending()->finish(std::move(response));
    if (is_fit) rested_(shared_from_this());
  }

  Transport transport_;
  const std::string origin_;
  const std::chrono::milliseconds idle_;
  HttpDecoder decoder_;
  const Rested rested_;
  PendingPtr pending_;
  unsigned exchanges_ = 0;
  bool is_answered_ = false;
  Signal* gone_ = nullptr;
};

bool is_token(std::string_view text) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  for (const char c : text)
    if (!std::isalnum(static_cast<unsigned char>(c)) && marks.find(c) == std::string_view::npos) return false;
  return !text.empty();
}

// RFC 9110, 5.5: what could end a header line, or a C string, is in no value.
bool is_field_value(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

Result<PendingPtr> pending_of(HttpCall call, const Url& url) {
  if (!is_token(call.method)) return Error{"InvalidHeader", "'" + text::printable(call.method) + "' is not an HTTP method"};
  HttpRequest request{.method = std::move(call.method),
                      .path = url.path,
                      .query = url.query,
                      .headers = {},
                      .body = std::move(call.body),
                      .peer = {}};
  for (auto& [name, value] : call.headers) {
    if (!is_token(name) || !is_field_value(value))
      return Error{"InvalidHeader", "the header '" + text::printable(name) + "' cannot be sent"};
    std::string key = text::lower(name);
    if (key == "content-length" || key == "connection" || key == "transfer-encoding") continue;  // the client's own business
    request.headers.emplace_back(std::move(key), std::move(value));
  }
  auto pending = std::make_shared<Pending>();
  pending->bytes = encode_request(request, url.authority());
  pending->is_head = request.method == "HEAD";
  for (std::string_view idempotent : {"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
    pending->may_repeat |= request.method == idempotent;
  return pending;
}

Result<std::string> contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  if (!file || file.bad()) return Error{"TlsConfiguration", "the file of trust anchors " + path + " cannot be read"};
  return text.str();
}

Result<std::shared_ptr<TlsContext>> tls_for(const std::string& host, const std::string& trust_anchors_file) {
  TlsContext::Client settings{.ca_pem = {}, .certificate_pem = {}, .key_pem = {}, .server_name = host, .alpn = {"http/1.1"}};
  settings.system_roots = trust_anchors_file.empty();
  if (!settings.system_roots) {
    auto anchors = contents(trust_anchors_file);
    if (!anchors) return anchors.error();
    settings.ca_pem = std::move(*anchors);
  }
  return TlsContext::client(std::move(settings));
}

// Ends the request with its coroutine, however that ends: nobody waits for the answer any more.
struct Abandoning {
  Abandoning(Pending& mine, Origin& at, Signal& signal) : pending(mine), origin(at) { pending.over = &signal; }
  Abandoning(const Abandoning&) = delete;
  ~Abandoning() {
    pending.over = nullptr;
    if (pending.result) return;
    std::erase_if(origin.waiting, [this](const PendingPtr& one) { return one.get() == &pending; });
    const auto connection = pending.connection.lock();
    if (!connection) return;
    connection->take_pending();
    connection->abort();
  }
  Pending& pending;
  Origin& origin;
};

}  // namespace

// Shared with the tasks of its connections. Holds nothing of the shard's loop, so that it may outlive it.
struct HttpClient::State : std::enable_shared_from_this<HttpClient::State> {
  State(Shard& home, Options wanted) : shard(home), options(std::move(wanted)) {}

  Result<OriginPtr> origin_of(const Url& url);
  void dispatch(const OriginPtr& origin, const PendingPtr& pending);
  void open_as_needed(const OriginPtr& origin);
  void serve_next(Origin& origin, const std::shared_ptr<Connection>& connection);
  void failed_to_open(Origin& origin, const Error& why);
  void ended(Origin& origin, Connection& connection);
  void forget_if_unused(Origin& origin);
  void stop();
  static Task<void> run_connection(std::shared_ptr<State> self, OriginPtr origin);
  static Task<Result<HttpResponse>> run_request(std::shared_ptr<State> self, HttpCall call, std::chrono::milliseconds timeout);

  Shard& shard;
  const Options options;
  bool is_stopped = false;
  std::map<std::string, OriginPtr> origins;
};

Result<OriginPtr> HttpClient::State::origin_of(const Url& url) {
  const std::string name = url.origin();
  if (const auto known = origins.find(name); known != origins.end()) return known->second;
  if (origins.size() >= limits::client_origins_max) return Error{"ClientBusy", "too many servers are asked at a time"};
  auto origin = std::make_shared<Origin>(url);
  if (url.secure) {
    auto tls = tls_for(url.host, options.trust_anchors_file);
    if (!tls) return tls.error();
    origin->tls = std::move(*tls);
  }
  origins.emplace(name, origin);
  return origin;
}

// An idle connection takes the request, or it waits for one.
void HttpClient::State::dispatch(const OriginPtr& origin, const PendingPtr& pending) {
  while (!origin->idle.empty()) {
    const std::shared_ptr<Connection> connection = origin->idle.back().lock();
    origin->idle.pop_back();
    if (connection && connection->is_open()) return connection->carry(pending);
  }
  origin->waiting.push_back(pending);
  open_as_needed(origin);
}

void HttpClient::State::open_as_needed(const OriginPtr& origin) {
  while (!is_stopped && origin->opening < origin->waiting.size() &&
         origin->opening + origin->open.size() < options.connections_per_origin) {
    ++origin->opening;
    shard.spawn(run_connection(shared_from_this(), origin));
  }
}

// The request that waits longest; without one the connection rests.
void HttpClient::State::serve_next(Origin& origin, const std::shared_ptr<Connection>& connection) {
  if (is_stopped) return connection->abort();
  if (origin.waiting.empty()) {
    connection->rest();
    origin.idle.push_back(connection);
    return;
  }
  const PendingPtr next = std::move(origin.waiting.front());
  origin.waiting.pop_front();
  connection->carry(next);
}

void HttpClient::State::failed_to_open(Origin& origin, const Error& why) {
  if (origin.waiting.empty()) return;
  const PendingPtr first = std::move(origin.waiting.front());
  origin.waiting.pop_front();
  first->finish(why);
}

// A connection is over. What it carried is told so, or goes out once more.
void HttpClient::State::ended(Origin& origin, Connection& connection) {
  const auto is_it = [&](const std::weak_ptr<Connection>& one) { return one.lock().get() == &connection; };
  std::erase_if(origin.open, is_it);
  std::erase_if(origin.idle, is_it);
  const PendingPtr pending = connection.take_pending();
  if (!pending) return;
  if (is_stopped || !connection.is_stale() || !pending->may_repeat || pending->was_repeated)
    return pending->finish(connection.why_lost());
  pending->was_repeated = true;
  for (const auto& others : std::exchange(origin.idle, {}))  // as old as this one; the request needs a fresh one
    if (const auto other = others.lock()) other->abort();
  origin.waiting.push_front(pending);
}

void HttpClient::State::forget_if_unused(Origin& origin) {
  if (origin.open.empty() && origin.opening == 0 && origin.waiting.empty()) origins.erase(origin.url.origin());
}

void HttpClient::State::stop() {
  is_stopped = true;
  const Error stopped{"ClientStopped", "the client was stopped"};
  for (const auto& [name, origin] : std::exchange(origins, {})) {
    for (const PendingPtr& pending : std::exchange(origin->waiting, {})) pending->finish(stopped);
    for (const auto& open : origin->open) {
      const auto connection = open.lock();
      if (!connection) continue;
      if (const PendingPtr pending = connection->take_pending()) pending->finish(stopped);
      connection->abort();
    }
  }
}

// Owns its connection: what is left when the shard goes is closed with it.
Task<void> HttpClient::State::run_connection(std::shared_ptr<State> self, OriginPtr origin) {
  auto transport = co_await connect(self->shard, origin->url.host, origin->url.port, origin->tls, limits::client_connect_max);
  --origin->opening;
  if (self->is_stopped) co_return;
  if (transport) {
    Signal gone(self->shard);
    const std::weak_ptr<State> state = self;
    const std::weak_ptr<Origin> place = origin;
    auto connection = std::make_shared<Connection>(std::move(*transport), origin->url.origin(), self->options,
                                                   [state, place](const std::shared_ptr<Connection>& rested) {
                                                     const auto client = state.lock();
                                                     const auto at = place.lock();
                                                     if (client && at) client->serve_next(*at, rested);
                                                   });
    origin->open.push_back(connection);
    self->serve_next(*origin, connection);
    connection->listen(gone);
    co_await gone.wait();
    self->ended(*origin, *connection);
  } else {
    self->failed_to_open(*origin, transport.error());
  }
  self->open_as_needed(origin);
  self->forget_if_unused(*origin);
}

Task<Result<HttpResponse>> HttpClient::State::run_request(std::shared_ptr<State> self, HttpCall call,
                                                          std::chrono::milliseconds timeout) {
  auto url = parse_url(call.url);
  if (!url) co_return url.error();
  auto made = pending_of(std::move(call), *url);
  if (!made) co_return made.error();
  auto found = self->origin_of(*url);
  if (!found) co_return found.error();
  const OriginPtr origin = *found;
  if (origin->waiting.size() >= self->options.waiting_per_origin)
    co_return Error{"ClientBusy", "too many requests wait for a connection to " + url->origin()};
  const PendingPtr pending = *made;
  Signal over(self->shard, timeout);
  const Abandoning abandoning(*pending, *origin, over);
  self->dispatch(origin, pending);
  co_await over.wait();
  if (pending->result) co_return std::move(*pending->result);
  co_return Error{"RequestTimeout", "no answer from " + url->origin() + " within " + std::to_string(timeout.count()) + " ms"};
}

HttpClient::HttpClient(Shard& shard, Options options) : state_(std::make_shared<State>(shard, std::move(options))) {}

HttpClient::~HttpClient() {
  state_->stop();
}

Task<Result<HttpResponse>> HttpClient::request(HttpCall call, std::chrono::milliseconds timeout) {
  return State::run_request(state_, std::move(call), timeout);
}

HttpClient::Figures HttpClient::figures() const {
  Figures figures;
  for (const auto& [name, origin] : state_->origins) {
    figures.connections += origin->open.size();
    figures.idle += origin->idle.size();
    figures.waiting += origin->waiting.size();
  }
  return figures;
}

static Task<void> run_blocking(HttpClient& client, HttpCall call, std::chrono::milliseconds timeout,
                               std::promise<Result<HttpResponse>>& result) {
  auto response = co_await client.request(std::move(call), timeout);
  result.set_value(std::move(response));
}

Result<HttpResponse> http_request_blocking(std::string method, std::string url, Headers headers, std::string body,
                                           std::chrono::milliseconds timeout, std::string trust_anchors_file) {
  std::promise<Result<HttpResponse>> result;
  Shard shard(0, "http");
  HttpClient client(shard, {.body_bytes_max = limits::http_body_bytes_max, .trust_anchors_file = std::move(trust_anchors_file)});
  shard.spawn(run_blocking(client, {std::move(method), std::move(url), std::move(headers), std::move(body)}, timeout, result));
  shard.start();
  auto response = result.get_future().get();
  shard.stop();
  return response;
}

}  // namespace croft::net
