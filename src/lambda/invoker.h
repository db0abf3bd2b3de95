#pragma once

#include <memory>
#include <optional>

#include "lambda/accepted_events.h"
#include "lambda/function_logs.h"
#include "lambda/functions.h"
#include "lambda/invocation.h"
#include "lambda/recent_invocations.h"
#include "lambda/settings.h"
#include "lambda/worker_pool.h"
#include "observe/histogram.h"

namespace croft::lambda {

// Invokes functions: the front door of lambda/ for the API, the rules engine and everyone else.
//
// Threads: invoke() and run_to_the_end() from any shard; the rest the API shard. Cost of a warm invocation: about
// half a millisecond over the handler's own time.
class Invoker {
 public:
  // Everything outlives the object; the threads of `pool` must outlive its workers too. Call stop() before the end.
  Invoker(Shard& shard, Pool& pool, Functions& functions, FunctionLogs& logs, Settings settings,
          std::string runtime_folder, std::string temporary_root, CredentialsSource credentials);
  ~Invoker();

  // Runs the events that an earlier process accepted and did not finish; starts the loop that ends idle workers.
  void start();
  // Kills all workers; invocations that wait are refused.
  Task<void> stop();

  // By kind: the outcome of the function; 202 once an event is accepted (it is then run with retries); 204 for a dry
  // run. Errors: ResourceNotFoundException, RequestTooLargeException, InvalidRequestContentException,
  // TooManyRequestsException, InvalidRuntimeException, ServiceException.
  Task<Result<Outcome>> invoke(Invocation invocation);

  // An asynchronous invocation that is waited for: runs the function, repeats after Settings::retry_delays while it
  // fails or no worker is to be had, and returns the last outcome. So a caller can keep its events in order.
  Task<Result<Outcome>> run_to_the_end(Invocation invocation);

  // A function was changed or deleted: its workers go.
  void retire(const std::string& function_name) { workers_.retire(function_name); }

  // Ends the workers that have been idle for Settings::idle_max at `now`; start() does it every few seconds.
  void end_idle(MonoTime now) { workers_.end_idle(now); }

  // So that invocations that come with a tracing header become steps of that trace.
  void trace_to(trace::Traces& traces) { traces_ = &traces; }
  // Where the header says that it belongs; empty when it names no trace.
  trace::Context step_of(std::string_view header) const;

  WorkerPool::Counts counts() const { return workers_.counts(); }
  // What it did since it was made; each attempt counts.
  struct Figures {
    std::uint64_t succeeded = 0;
    std::uint64_t failed = 0;     // by the function: its error, its end, its time-out
    std::uint64_t throttled = 0;  // more than may run or wait
    std::uint64_t refused = 0;    // no worker was to be had for another reason
    metrics::Histogram time;      // of those that ran, with their wait for a worker
  };
  const Figures& figures() const { return figures_; }
  const RecentInvocations& recent() const { return recent_; }
  WorkerPool::Counts counts(const std::string& function) const { return workers_.counts(function); }
  // A function was deleted: what is known of its invocations goes.
  void forget(const std::string& function_name) { recent_.erase(function_name); }
  const Settings& settings() const { return settings_; }

 private:
  Task<Result<Outcome>> invoke_here(Invocation invocation);
  Task<Result<Outcome>> repeat_here(Invocation invocation);
  Task<Result<Outcome>> attempt(const Invocation& invocation, bool may_wait);
  void count(const Result<Outcome>& outcome, std::int64_t since_us);
  void keep(const std::string& function, const Invocation& invocation, PastInvocation past, const Result<Outcome>& outcome);
  bool is_switched_off(const Invocation& invocation) const;
  Task<Result<Outcome>> accept_event(Invocation invocation);
  void begin_event(AcceptedEvents::Event event);
  Task<void> run_event(AcceptedEvents::Event event);
  Task<void> end_idle_now_and_then();
  Result<Function> function_of(const Invocation& invocation) const;

  Shard& shard_;
  Functions& functions_;
  const Settings settings_;
  Supervisor supervisor_;
  Interpreters interpreters_;
  WorkerHost host_;
  WorkerPool workers_;
  AcceptedEvents accepted_;
  Figures figures_;
  RecentInvocations recent_;
  trace::Traces* traces_ = nullptr;
  bool stopping_ = false;
  std::size_t events_ = 0;
  std::size_t events_bytes_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace croft::lambda
