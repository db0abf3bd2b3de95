#include "lambda/worker.h"

#include <unistd.h>

#include <cmath>
#include <csignal>
#include <cstdio>
#include <filesystem>

#include "lambda/errors.h"
#include "lambda/file_rules.h"
#include "observe/log.h"
#include "text/digest.h"
#include "text/json.h"
#include "text/time.h"
#include "types/assert.h"

namespace croft::lambda {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t megabyte = 1024 * 1024;

Task<void> serve_connection(std::shared_ptr<Worker> /*kept alive*/, net::Transport transport,
                            const net::HttpHandler* handler) {
  constexpr std::chrono::milliseconds for_ever{0};  // an invocation's deadline is kept elsewhere
  co_await net::serve_http(std::move(transport), *handler, for_ever);
}

Task<net::HttpResponse> handle_with(RuntimeApi* api, net::HttpRequest request) {
  net::HttpResponse response = co_await api->handle(std::move(request));
  co_return response;
}

// Blocks.
Result<Child> start_confined(ChildSpec spec, const FileRules& rules) {
  std::error_code failure;
  fs::create_directories(rules.writable.front(), failure);
  if (failure) return service_exception(rules.writable.front() + " cannot be made: " + failure.message());
  spec.file_rules = make_file_rules(rules);
  Result<Child> child = start_child(spec);
  if (spec.file_rules >= 0) ::close(spec.file_rules);
  return child;
}

std::string signal_name(int signal) {
  switch (signal) {
    case SIGKILL:
      return "killed";
    case SIGSEGV:
      return "segmentation fault";
    case SIGABRT:
      return "aborted";
    case SIGTERM:
      return "terminated";
    case SIGBUS:
      return "bus error";
    case SIGFPE:
      return "floating point exception";
    case SIGILL:
      return "illegal instruction";
    case SIGXFSZ:
      return "file size limit exceeded";
    default:
      return "signal " + std::to_string(signal);
  }
}

std::string format(const char* pattern, double value) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, pattern, value);
  return buffer;
}

// The bootstrap cannot know the id of the invocation that its failed start belongs to.
std::string with_request_id(const std::string& document, const std::string& request_id) {
  Result<json::value> parsed = json::parse(document);
  if (!parsed || !parsed->is_object() || parsed->get_object().contains("requestId")) return document;
  parsed->get_object()["requestId"] = request_id;
  return json::dump(*parsed);
}

void remove_folder(Pool& pool, const std::string& folder) {
  if (folder.empty()) return;
  pool.push([folder] {
    std::error_code ignored;
    fs::remove_all(folder, ignored);
  });
}

}  // namespace

ProcessFailure describe_end(const ProcessEnd& end, const std::string& request_id, double timeout_s, Timestamp now) {
  auto failure = [](std::string type, const std::string& message, std::string line) {
    return ProcessFailure{json::dump(json::object{{"errorType", type}, {"errorMessage", message}}), std::move(line)};
  };
  if (end.fate == Fate::timed_out) {
    std::string text =
        text::iso8601(now) + " " + request_id + " Task timed out after " + format("%.2f", timeout_s) + " seconds";
    return failure("Sandbox.Timedout", text, text);
  }
  std::string reason = "Runtime exited without providing a reason";
  if (end.signal != 0) reason = "Runtime exited with error: signal: " + signal_name(end.signal);
  if (end.exit_status != 0) reason = "Runtime exited with error: exit status " + std::to_string(end.exit_status);
  std::string message = "RequestId: " + request_id + " Error: " + reason;
  std::string line = message;
  if (end.fate == Fate::out_of_memory) line += " (it used more than its MemorySize)";
  if (end.fate == Fate::too_many_processes) line += " (it started too many processes)";
  return failure("Runtime.ExitError", message, line);
}

Worker::Worker(WorkerHost& host, Function function, Events events)
    : host_(host),
      function_(std::move(function)),
      events_(std::move(events)),
      api_(api_events()),
      born_(MonoTime::now()) {
  handler_ = [this](net::HttpRequest request) { return handle_with(&api_, std::move(request)); };
}

Worker::~Worker() = default;

RuntimeApi::Events Worker::api_events() {
  return {.initialized = [this] { on_initialized(); },
          .idle = [this] { on_idle(); },
          .started = [this](Job& job) { on_started(job); },
          .responded = [this](std::string body) { finish(std::move(body), {}); },
          .failed = [this](std::string document) { finish(std::move(document), "Unhandled"); },
          .init_failed = [this](std::string document) { on_init_failed(std::move(document)); }};
}

Result<void> Worker::open_port() {
  auto listener = net::Listener::open(host_.shard, "127.0.0.1", 0, nullptr, false);
  if (!listener) return service_exception("no port for a worker: " + listener.error().message);
  listener_ = std::move(*listener);
  return {};
}

// A process that is quicker than croft, which has to learn of it first, waits in the backlog until here.
void Worker::serve_port() {
  // A weak reference: a worker that is gone must not live on through its own listener.
  listener_->start([weak = weak_from_this()](net::Transport transport) {
    std::shared_ptr<Worker> self = weak.lock();
    if (!self || self->ended_) return;
    self->host_.shard.spawn(serve_connection(self, std::move(transport), &self->handler_));
  });
}

Task<Result<void>> Worker::start(std::string code_folder, Launch launch, Credentials credentials) {
  Result<void> opened = open_port();
  if (!opened) co_return opened;
  temporary_folder_ = host_.temporary_root + "/" + text::random_uuid();
  log_stream_ = new_log_stream(Timestamp::now());
  WorkerPlace place{.code_folder = code_folder,
                    .runtime_folder = fs::path(launch.arguments.back()).parent_path().string(),
                    .temporary_folder = temporary_folder_,
                    .log_stream = log_stream_,
                    .runtime_api = "127.0.0.1:" + std::to_string(listener_->port())};
  ChildSpec spec{.arguments = launch.arguments,
                 .environment = worker_environment(function_, host_.settings, credentials, place),
                 .folder = code_folder,
                 .file_bytes_max = static_cast<std::uint64_t>(function_.storage_mb) * megabyte,
                 .user_processes_max = host_.user_processes_max};
  FileRules rules{.closed = host_.settings.data_path,
                  .readable = {code_folder, place.runtime_folder},
                  .writable = {temporary_folder_}};
  auto work = [spec = std::move(spec), rules = std::move(rules)]() { return start_confined(spec, rules); };
  Result<Child> child = co_await host_.pool.run(std::move(work));
  if (!child) {
    listener_->stop();
    remove_folder(host_.pool, temporary_folder_);
    co_return service_exception(child.error().message);
  }
  auto output = std::make_shared<WorkerOutput>(child->output, host_.logs, function_.name, place.log_stream);
  log_before_ = host_.logs.newest(function_.name);
  output->write("INIT_START Runtime Version: " + launch.description);
  auto ended = [&shard = host_.shard, self = shared_from_this()](ProcessEnd end) {
    shard.post([self, end] { self->on_process_end(end); });
  };
  std::uint64_t memory_max = static_cast<std::uint64_t>(function_.memory_mb) * megabyte;
  process_ = host_.supervisor.watch(*child, std::move(output), memory_max, std::move(ended));
  process_->set_deadline({MonoTime::now().ms + host_.settings.init_max / std::chrono::milliseconds(1)});
  serve_port();
  if (ended_) host_.supervisor.end(*process_);
  co_return Result<void>();
}

Task<Outcome> Worker::run(Job job, bool tail) {
  CROFT_ASSERT(!running_);
  Promise<Outcome> done;
  running_ = Running{.job = job, .tail = tail, .done = done};
  if (ended_) {
    fail_because({.fate = Fate::ended, .signal = SIGKILL});
  } else {
    api_.give(std::move(job));
  }
  Outcome outcome = co_await done.wait();
  co_return outcome;
}

void Worker::end() {
  ended_ = true;
  if (process_) host_.supervisor.end(*process_);
}

void Worker::on_initialized() {
  init_ms_ = MonoTime::now().ms - born_.ms;
  process_->set_deadline({});
}

void Worker::on_idle() {
  idle_since_ = MonoTime::now();
  process_->set_deadline({});
  host_.shard.post([self = shared_from_this()] {
    if (self->ended_ || self->running_) return;
    self->settling_ = false;
    self->events_.idle();
  });
}

// Which lines of the log are its own is told by their numbers: repeated attempts have one request id.
void Worker::add_log(trace::Detail& detail, std::uint64_t after) const {
  detail.text("logStream", log_stream_).number("logAfter", static_cast<std::int64_t>(after));
}

void Worker::begin_step(Job& job) {
  const bool is_cold = init_ms_.has_value();
  trace::Detail waited, detail;
  waited.flag("cold", is_cold);
  if (is_cold) waited.number("initMs", *init_ms_);
  job.wait.close({.detail = waited.take()});
  detail.text("requestId", job.request_id).flag("cold", is_cold).number("memoryMb", function_.memory_mb);
  if (is_cold) detail.number("initMs", *init_ms_);
  add_log(detail, is_cold ? log_before_ : host_.logs.newest(function_.name));
  job.step = job.step.open(trace::Kind::invocation, function_.name, detail.take());
  running_->job.step = job.step;
}

void Worker::end_step(const Running& running, const Outcome& outcome) const {
  trace::Detail detail;
  detail.number("durationUs", outcome.duration.count()).number("maxMemoryUsedMb", static_cast<std::int64_t>(used_memory_mb()));
  if (!running.started) add_log(detail, log_before_);
  detail.number("logUntil", static_cast<std::int64_t>(host_.logs.newest(function_.name)));
  const bool failed = !outcome.function_error.empty();
  if (failed) detail.text("functionError", outcome.function_error);
  detail.json(failed ? "errorDocument" : "returned", outcome.payload);
  if (!running.started) running.job.wait.close({.outcome = trace::Outcome::failed, .detail = detail.take()});
  else running.job.step.close({.outcome = failed ? trace::Outcome::failed : trace::Outcome::ok, .detail = detail.take()});
}

void Worker::on_started(Job& job) {
  if (!running_) return;  // the process ended in this very turn
  if (job.step) begin_step(job);
  running_->started = true;
  running_->job.payload.clear();
  running_->began_precisely = std::chrono::steady_clock::now();
  process_->output().drain();
  process_->output().begin();
  process_->output().write("START RequestId: " + job.request_id + " Version: $LATEST");
  process_->set_deadline({MonoTime::now().ms + job.timeout_ms});
}

void Worker::finish(std::string payload, std::string function_error) {
  if (!running_) return;
  Running running = std::move(*running_);
  running_.reset();
  settling_ = true;
  Outcome outcome{.payload = std::move(payload), .function_error = std::move(function_error)};
  if (running.started) {
    outcome.duration = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() -
                                                                             running.began_precisely);
  }
  outcome.init_ms = init_ms_;
  outcome.memory_used_mb = static_cast<std::int64_t>(used_memory_mb());
  process_->output().drain();
  write_end_lines(running.job.request_id, outcome.duration);
  if (running.job.step) end_step(running, outcome);
  if (running.tail) outcome.log_tail = process_->output().tail();
  running.done.fulfil(std::move(outcome));
}

std::uint64_t Worker::used_memory_mb() const {
  return std::min(process_->memory_peak() / megabyte + 1, static_cast<std::uint64_t>(function_.memory_mb));
}

void Worker::write_end_lines(const std::string& request_id, std::chrono::microseconds duration) {
  double ms = static_cast<double>(duration.count()) / 1000.0;
  std::string report = "REPORT RequestId: " + request_id + "\tDuration: " + format("%.2f", ms) +
                       " ms\tBilled Duration: " + format("%.0f", std::max(1.0, std::ceil(ms))) +
                       " ms\tMemory Size: " + std::to_string(function_.memory_mb) +
                       " MB\tMax Memory Used: " + std::to_string(used_memory_mb()) + " MB";
  if (init_ms_) report += "\tInit Duration: " + format("%.2f", static_cast<double>(*init_ms_)) + " ms";
  init_ms_.reset();
  process_->output().write("END RequestId: " + request_id);
  process_->output().write(std::move(report));
}

void Worker::on_init_failed(std::string document) {
  if (running_) {
    process_->output().write("START RequestId: " + running_->job.request_id + " Version: $LATEST");
    std::string answer = with_request_id(document, running_->job.request_id);
    finish(std::move(answer), "Unhandled");
  }
  end();
}

void Worker::on_process_end(ProcessEnd end) {
  ended_ = true;
  if (running_) fail_because(end);
  api_.stop();
  listener_->stop();
  remove_folder(host_.pool, temporary_folder_);
  events_.gone();
}

void Worker::fail_because(ProcessEnd end) {
  double timeout_s = static_cast<double>(running_->job.timeout_ms) / 1000.0;
  if (!running_->started) timeout_s = static_cast<double>(host_.settings.init_max.count());
  ProcessFailure failure = describe_end(end, running_->job.request_id, timeout_s, Timestamp::now());
  if (process_) {
    process_->output().write(failure.log_line);
    finish(std::move(failure.document), "Unhandled");
    return;
  }
  Running running = std::move(*running_);
  running_.reset();
  running.job.wait.close({.outcome = trace::Outcome::failed});
  running.done.fulfil(Outcome{.payload = std::move(failure.document), .function_error = "Unhandled"});
}

}  // namespace croft::lambda
