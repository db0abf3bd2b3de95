#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "net/http.h"
#include "observe/traces.h"
#include "shard/promise.h"

namespace croft::lambda {

// One invocation as a worker gets it.
struct Job {
  std::string request_id;  // UUID
  std::string payload;     // JSON text
  std::string client_context;
  std::string function_arn;
  std::int64_t timeout_ms = 3000;
  trace::Context step{};  // what the invocation belongs to; from `started` on, the invocation itself
  trace::Context wait{};  // its wait for a worker
};

// The Lambda Runtime API of one worker, as a machine of states: requests in, answers and events out, no sockets.
//
//   starting --next--> idle --give--> busy --response, error--> answered --next--> idle
//   any --stop--> stopping
//
// give() is also allowed while starting: the first `next` then takes the job. What a state does not allow is answered
// with 403 in AWS's form, an unknown request id with 400.
// Source: Lambda Developer Guide, "Using the Lambda runtime API for custom runtimes".
//
// Threads: its shard.
class RuntimeApi {
 public:
  enum class State : std::uint8_t { starting, idle, busy, answered, stopping };

  // What the owner hears; each runs inside handle().
  struct Events {
    std::function<void()> initialized;        // the first `next`
    std::function<void()> idle;               // waits for a job
    std::function<void(Job&)> started;        // the job goes to the process now; its step may be changed
    std::function<void(std::string body)> responded;
    std::function<void(std::string error_document)> failed;
    std::function<void(std::string error_document)> init_failed;
  };
  explicit RuntimeApi(Events events) : events_(std::move(events)) {}

  State state() const { return state_; }

  // Only while starting or idle, and only one.
  void give(Job job);
  // A waiting `next` is answered with 403.
  void stop();

  Task<net::HttpResponse> handle(net::HttpRequest request);

 private:
  Task<net::HttpResponse> next();
  net::HttpResponse answer(const std::string& request_id, bool failed, net::HttpRequest& request);
  net::HttpResponse init_error(net::HttpRequest& request);
  net::HttpResponse start_job();

  Events events_;
  State state_ = State::starting;
  std::optional<Job> job_;
  std::string current_request_id_;
  std::shared_ptr<OneShot> poll_;  // a `next` that waits
};

}  // namespace croft::lambda
