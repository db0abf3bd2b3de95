#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "lambda/environment.h"
#include "lambda/interpreters.h"
#include "lambda/invocation.h"
#include "lambda/runtime_api.h"
#include "lambda/supervisor.h"
#include "net/http_server.h"
#include "net/listener.h"
#include "shard/pool.h"

namespace croft::lambda {

// What every worker needs from the host; outlives all workers.
struct WorkerHost {
  Shard& shard;
  Pool& pool;
  Supervisor& supervisor;
  FunctionLogs& logs;
  const Settings& settings;
  std::string temporary_root;  // each worker gets a folder in it
  std::uint64_t user_processes_max = 0;
};

// One execution environment of one function: a process that runs its code and the Runtime API it talks to, on a
// loopback port of its own. Does one invocation at a time.
//
// Threads: the API shard.
class Worker : public std::enable_shared_from_this<Worker> {
 public:
  // Each is called on the shard, and never from inside run() or start().
  struct Events {
    std::function<void()> idle;  // can take a job
    std::function<void()> gone;  // the process is dead and reaped; nothing follows
  };
  Worker(WorkerHost& host, Function function, Events events);
  ~Worker();

  // Opens the port and starts the process. On failure the worker is gone without events.
  Task<Result<void>> start(std::string code_folder, Launch launch, Credentials credentials);

  // One invocation, as soon as the process asks for it. Call it once after start() and after each `idle`. Failures of
  // the function, its process and its limits are Outcomes.
  Task<Outcome> run(Job job, bool tail);

  // Kills the process; `gone` follows. An invocation that runs fails as if the process had been killed.
  void end();

  bool is_alive() const { return !ended_; }
  // Has answered, and `idle` has not been said since.
  bool is_settling() const { return !ended_ && settling_; }
  const Function& function() const { return function_; }
  MonoTime idle_since() const { return idle_since_; }

 private:
  struct Running {
    Job job;
    bool tail = false;
    bool started = false;
    MonoTime began{};
    std::chrono::steady_clock::time_point began_precisely{};
    Promise<Outcome> done;
  };

  void add_log(trace::Detail& detail, std::uint64_t after) const;
  void end_step(const Running& running, const Outcome& outcome) const;

  RuntimeApi::Events api_events();
  Result<void> open_port();
  void serve_port();
  void on_initialized();
  void on_idle();
  void on_started(Job& job);
  void begin_step(Job& job);
  void finish(std::string payload, std::string function_error);
  std::uint64_t used_memory_mb() const;
  void write_end_lines(const std::string& request_id, std::chrono::microseconds duration);
  void on_init_failed(std::string document);
  void on_process_end(ProcessEnd end);
  void fail_because(ProcessEnd end);

  WorkerHost& host_;
  const Function function_;
  Events events_;
  RuntimeApi api_;
  net::HttpHandler handler_;
  std::unique_ptr<net::Listener> listener_;
  std::shared_ptr<WatchedProcess> process_;
  std::optional<Running> running_;
  std::string temporary_folder_;
  std::string log_stream_;
  std::uint64_t log_before_ = 0;  // the last line of the function's log before this worker's first
  MonoTime born_;
  MonoTime idle_since_{};
  std::optional<std::int64_t> init_ms_;  // until the first REPORT told it
  bool settling_ = false;
  bool ended_ = false;
};

// The error document of an invocation whose process ended, and the line for its log.
struct ProcessFailure {
  std::string document;
  std::string log_line;
};
ProcessFailure describe_end(const ProcessEnd& end, const std::string& request_id, double timeout_s, Timestamp now);

}  // namespace croft::lambda
