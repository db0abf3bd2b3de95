#include "lambda/invoker.h"

#include <filesystem>

#include "lambda/errors.h"
#include "lambda/function_name.h"
#include "lambda/limits.h"
#include "lambda/process_tree.h"
#include "observe/log.h"
#include "shard/promise.h"
#include "text/digest.h"
#include "text/encoding.h"
#include "text/json.h"

namespace croft::lambda {
namespace {

constexpr std::chrono::seconds idle_check_interval{5};

std::uint64_t process_allowance(const Settings& settings) {
  return user_process_count() + limits::processes_max * settings.workers_max;
}

Result<void> check_payload(const Invocation& invocation) {
  bool event = invocation.kind == Invocation::Kind::event;
  std::size_t bytes_max = event ? limits::event_bytes_max : limits::request_bytes_max;
  if (invocation.payload.size() > bytes_max) {
    return payload_too_large(invocation.payload.size(), event ? "Event" : "RequestResponse", bytes_max);
  }
  if (invocation.payload.empty()) return {};
  Result<json::value> parsed = json::parse(invocation.payload);
  if (!parsed) return invalid_request_content(parsed.error().message);
  return {};
}

// Sent as base64 of JSON; workers get compact JSON, which fits a header line.
Result<std::string> read_client_context(const std::string& encoded) {
  if (encoded.empty()) return std::string();
  if (encoded.size() > limits::client_context_bytes_max) return invalid_request_content("Client context is too long");
  std::optional<std::string> decoded = text::from_base64(encoded);
  Result<json::value> parsed = json::parse(decoded.value_or(""));
  if (!parsed) return invalid_request_content("Client context must be a valid Base64-encoded JSON object.");
  return json::dump(*parsed);
}

bool is_throttled(const Result<Outcome>& outcome) { return !outcome && outcome.error().http_status == 429; }

bool deserves_repeat(const Result<Outcome>& outcome) {
  if (outcome) return !outcome->function_error.empty();
  return outcome.error().http_status >= 429;  // croft's own trouble
}

}  // namespace

Invoker::Invoker(Shard& shard, Pool& pool, Functions& functions, FunctionLogs& logs, Settings settings,
                 std::string runtime_folder, std::string temporary_root, CredentialsSource credentials)
    : shard_(shard),
      functions_(functions),
      settings_(std::move(settings)),
      interpreters_(pool, std::move(runtime_folder), settings_.python, settings_.node),
      host_{.shard = shard,
            .pool = pool,
            .supervisor = supervisor_,
            .logs = logs,
            .settings = settings_,
            .temporary_root = std::move(temporary_root),
            .user_processes_max = process_allowance(settings_)},
      workers_(host_, functions.archives(), interpreters_, std::move(credentials)),
      accepted_(functions.store()) {
  std::error_code ignored;
  std::filesystem::remove_all(host_.temporary_root, ignored);  // what a crash left
  std::filesystem::create_directories(host_.temporary_root, ignored);
}

Invoker::~Invoker() {
  *alive_ = false;
}

void Invoker::start() {
  for (AcceptedEvents::Event& event : accepted_.left()) begin_event(std::move(event));
  shard_.spawn(end_idle_now_and_then());
}

Task<void> Invoker::stop() {
  stopping_ = true;
  co_await workers_.stop();
}

Task<void> Invoker::end_idle_now_and_then() {
  std::shared_ptr<bool> alive = alive_;
  for (;;) {
    co_await sleep_for(idle_check_interval);
    if (!*alive) co_return;
    end_idle(MonoTime::now());
  }
}

Task<Result<Outcome>> Invoker::invoke(Invocation invocation) {
  auto make = [this, invocation = std::move(invocation)]() mutable { return invoke_here(std::move(invocation)); };
  Result<Outcome> outcome = co_await on<Result<Outcome>>(shard_, std::move(make));
  co_return outcome;
}

Task<Result<Outcome>> Invoker::run_to_the_end(Invocation invocation) {
  auto make = [this, invocation = std::move(invocation)]() mutable { return repeat_here(std::move(invocation)); };
  Result<Outcome> outcome = co_await on<Result<Outcome>>(shard_, std::move(make));
  co_return outcome;
}

Result<Function> Invoker::function_of(const Invocation& invocation) const {
  Result<FunctionReference> reference = parse_reference(invocation.function, functions_.instance());
  if (!reference) return reference.error();
  const std::string& qualifier = invocation.qualifier.empty() ? reference->qualifier : invocation.qualifier;
  if (!qualifier.empty() && qualifier != "$LATEST") {
    return function_not_found(function_arn(functions_.instance(), reference->name) + ":" + qualifier);
  }
  return functions_.find(reference->name);
}

Task<Result<Outcome>> Invoker::invoke_here(Invocation invocation) {
  Result<Function> function = function_of(invocation);
  if (!function) co_return function.error();
  Result<void> checked = check_payload(invocation);
  if (!checked) co_return checked.error();
  if (invocation.kind == Invocation::Kind::dry_run) co_return Outcome{.status = 204};
  if (invocation.kind == Invocation::Kind::event) {
    Result<Outcome> accepted = co_await accept_event(std::move(invocation));
    co_return accepted;
  }
  Result<Outcome> outcome = co_await attempt(invocation, false);
  co_return outcome;
}

Task<Result<Outcome>> Invoker::attempt(const Invocation& invocation, bool may_wait) {
  // Looked up for each attempt: the function may have been changed or deleted since the last.
  Result<Function> function = function_of(invocation);
  if (!function) co_return function.error();
  Result<std::string> client_context = read_client_context(invocation.client_context);
  if (!client_context) co_return client_context.error();
  Job job{.request_id = invocation.request_id.empty() ? text::random_uuid() : invocation.request_id,
          .payload = invocation.payload.empty() ? "{}" : invocation.payload,
          .client_context = std::move(*client_context),
          .function_arn = function_arn(functions_.instance(), function->name),
          .timeout_ms = function->timeout_s * 1000,
          .step = invocation.step,
          .wait = invocation.step.open(trace::Kind::wait, "worker", trace::Detail().text("function", function->name).take())};
  const trace::Context wait = job.wait;
  PastInvocation past{.at = Timestamp::now(), .request_id = job.request_id, .memory_mb = function->memory_mb};
  const std::string name = function->name;
  const std::int64_t since_us = metrics::now_us();
  Result<Outcome> outcome = co_await workers_.run(std::move(*function), std::move(job), invocation.tail, may_wait);
  if (!outcome) wait.close(trace::end_of(outcome));
  count(outcome, since_us);
  past.wait_us = metrics::now_us() - since_us;
  keep(name, invocation, std::move(past), outcome);
  co_return outcome;
}

// For people who look at it. `past.wait_us` is the time from beginning to end.
void Invoker::keep(const std::string& function, const Invocation& invocation, PastInvocation past,
                   const Result<Outcome>& outcome) {
  if (!functions_.find(function)) return;  // deleted while it ran
  if (is_throttled(outcome)) return recent_.add_throttle(function);
  past.source = invocation.source;
  past.event = invocation.payload.empty() ? "{}" : invocation.payload;
  if (outcome) {
    past.duration_us = outcome->duration.count();
    past.wait_us -= past.duration_us;
    past.init_ms = outcome->init_ms;
    past.memory_used_mb = outcome->memory_used_mb;
    past.failure = outcome->function_error;
    past.answer = outcome->payload;
  } else {
    past.failure = outcome.error().code;
    past.answer = outcome.error().message;
  }
  recent_.add(function, std::move(past));
}

trace::Context Invoker::step_of(std::string_view text) const {
  const auto header = traces_ && !text.empty() ? trace::Header::parse(text) : std::nullopt;
  return header && traces_->has(header->id) ? traces_->at(header->id, header->step) : trace::Context();
}

void Invoker::count(const Result<Outcome>& outcome, std::int64_t since_us) {
  if (!outcome) {
    ++(is_throttled(outcome) ? figures_.throttled : figures_.refused);
    return;
  }
  ++(outcome->function_error.empty() ? figures_.succeeded : figures_.failed);
  figures_.time.add(metrics::now_us() - since_us);
}

// Reserved concurrency 0: events are given up at once. Source: Lambda Developer Guide, "How Lambda handles errors and
// retries with asynchronous invocation".
bool Invoker::is_switched_off(const Invocation& invocation) const {
  const Result<Function> function = function_of(invocation);
  return function && function->reserved_concurrency == 0;
}

Task<Result<Outcome>> Invoker::repeat_here(Invocation invocation) {
  if (invocation.request_id.empty()) invocation.request_id = text::random_uuid();  // the same for all attempts
  const MonoTime given_up{MonoTime::now().ms + std::chrono::milliseconds(settings_.event_age_max).count()};
  for (std::size_t repeats = 0;;) {
    Result<Outcome> outcome = co_await attempt(invocation, true);
    if (is_throttled(outcome) && is_switched_off(invocation)) co_return outcome;
    if (is_throttled(outcome) && MonoTime::now() < given_up) {
      co_await sleep_for(settings_.throttle_delay);
      continue;
    }
    if (!deserves_repeat(outcome) || repeats == settings_.retry_delays.size()) co_return outcome;
    const std::chrono::milliseconds delay = settings_.retry_delays[repeats++];
    co_await sleep_for(delay);
  }
}

Task<Result<Outcome>> Invoker::accept_event(Invocation invocation) {
  if (events_ >= limits::events_max || events_bytes_ + invocation.payload.size() > limits::events_bytes_max) {
    co_return too_many_requests();
  }
  if (invocation.request_id.empty()) invocation.request_id = text::random_uuid();
  const AcceptedEvents::Number number = accepted_.add(invocation);
  begin_event({number, std::move(invocation)});
  co_await functions_.store().durable();
  co_return Outcome{.status = 202};
}

void Invoker::begin_event(AcceptedEvents::Event event) {
  ++events_;
  events_bytes_ += event.invocation.payload.size();
  shard_.spawn(run_event(std::move(event)));
}

// An event that fails because croft goes down keeps its row.
Task<void> Invoker::run_event(AcceptedEvents::Event event) {
  const std::size_t bytes = event.invocation.payload.size();
  const std::string function = event.invocation.function;
  Result<Outcome> outcome = co_await repeat_here(std::move(event.invocation));
  --events_;
  events_bytes_ -= bytes;
  const bool failed = !outcome || !outcome->function_error.empty();
  if (stopping_ && failed) co_return;
  if (!outcome) log::warn("lambda", "an event for " + function + " was dropped: " + outcome.error().message);
  accepted_.erase(event.number);
}

}  // namespace croft::lambda
