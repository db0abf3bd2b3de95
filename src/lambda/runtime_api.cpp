#include "lambda/runtime_api.h"

#include "lambda/limits.h"
#include "text/digest.h"
#include "text/encoding.h"
#include "text/json.h"
#include "types/assert.h"
#include "types/timestamp.h"

namespace croft::lambda {
namespace {

constexpr std::string_view base = "/2018-06-01/runtime/";

net::HttpResponse json_response(int status, const json::object& body) {
  return {status, {{"content-type", "application/json"}}, json::dump(body)};
}

net::HttpResponse refused(int status, std::string_view type, std::string_view message) {
  return json_response(status, {{"errorMessage", message}, {"errorType", type}});
}

std::string_view name_of(RuntimeApi::State state) {
  switch (state) {
    case RuntimeApi::State::starting:
      return "Starting";
    case RuntimeApi::State::idle:
      return "Ready";
    case RuntimeApi::State::busy:
      return "Running";
    case RuntimeApi::State::answered:
      return "InvocationResponse";
    case RuntimeApi::State::stopping:
      return "Stopping";
  }
  return "";
}

net::HttpResponse not_allowed(RuntimeApi::State from, std::string_view to) {
  return refused(403, "InvalidStateTransition",
                 "State transition from " + std::string(name_of(from)) + " to " + std::string(to) +
                     " failed for runtime. Error: State transition is not allowed");
}

net::HttpResponse accepted() {
  return json_response(202, {{"status", "OK"}});
}

// "invocation/<id>/<what>" as the id; "" when `path` is not of that form.
std::string invocation_id(std::string_view path, std::string_view what) {
  constexpr std::string_view prefix = "invocation/";
  if (!path.starts_with(prefix) || !path.ends_with(what)) return {};
  path.remove_prefix(prefix.size());
  path.remove_suffix(std::min(path.size(), what.size()));
  return path.find('/') == std::string_view::npos ? std::string(path) : std::string();
}

// A custom runtime may send anything as its error; callers get a JSON document all the same.
std::string error_document(const net::HttpRequest& request) {
  Result<json::value> body = json::parse(request.body);
  if (body) return request.body;
  const std::string* type = request.header("lambda-runtime-function-error-type");
  return json::dump(json::object{{"errorType", type ? text::printable(*type) : "Runtime.Unknown"},
                                 {"errorMessage", text::printable(request.body)}});
}

// What croft does not trace has an id all the same, because code may read it.
std::string trace_id(const trace::Context& step) {
  if (step) return step.header();
  return "Root=1-" + text::hex(text::random_bytes(4)) + "-" + text::hex(text::random_bytes(12)) + ";Sampled=0";
}

}  // namespace

void RuntimeApi::give(Job job) {
  CROFT_ASSERT((state_ == State::starting || state_ == State::idle) && !job_);
  job_ = std::move(job);
  if (poll_) poll_->raise();
}

void RuntimeApi::stop() {
  state_ = State::stopping;
  if (poll_) poll_->raise();
}

Task<net::HttpResponse> RuntimeApi::handle(net::HttpRequest request) {
  std::string_view path = request.path;
  if (!path.starts_with(base)) co_return refused(404, "NotFound", "Not found");
  path.remove_prefix(base.size());
  if (request.method == "GET" && path == "invocation/next") {
    net::HttpResponse response = co_await next();
    co_return response;
  }
  if (request.method != "POST") co_return refused(404, "NotFound", "Not found");
  if (path == "init/error") co_return init_error(request);
  std::string responded = invocation_id(path, "/response");
  if (!responded.empty()) co_return answer(responded, false, request);
  std::string failed = invocation_id(path, "/error");
  if (!failed.empty()) co_return answer(failed, true, request);
  co_return refused(404, "NotFound", "Not found");
}

Task<net::HttpResponse> RuntimeApi::next() {
  if (poll_ || state_ == State::busy || state_ == State::stopping) co_return not_allowed(state_, "Ready");
  if (state_ == State::starting) events_.initialized();
  if (state_ == State::stopping) co_return not_allowed(state_, "Ready");
  state_ = State::idle;
  if (!job_) {
    auto poll = std::make_shared<OneShot>();
    poll_ = poll;
    events_.idle();
    co_await poll->wait();
    poll_.reset();
  }
  if (state_ == State::stopping || !job_) co_return not_allowed(State::stopping, "Ready");
  co_return start_job();
}

net::HttpResponse RuntimeApi::start_job() {
  Job job = std::move(*job_);
  job_.reset();
  state_ = State::busy;
  current_request_id_ = job.request_id;
  events_.started(job);
  net::HttpResponse response;
  response.headers = {{"content-type", "application/json"},
                      {"lambda-runtime-aws-request-id", job.request_id},
                      {"lambda-runtime-deadline-ms", std::to_string(Timestamp::now().ms + job.timeout_ms)},
                      {"lambda-runtime-invoked-function-arn", job.function_arn},
                      {"lambda-runtime-trace-id", trace_id(job.step)}};
  if (!job.client_context.empty()) {
    response.headers.emplace_back("lambda-runtime-client-context", job.client_context);
  }
  response.body = std::move(job.payload);
  return response;
}

net::HttpResponse RuntimeApi::answer(const std::string& request_id, bool failed, net::HttpRequest& request) {
  if (state_ != State::busy) return not_allowed(state_, failed ? "InvocationError" : "InvocationResponse");
  if (request_id != current_request_id_) return refused(400, "InvalidRequestID", "Invalid request ID");
  state_ = State::answered;
  if (request.body.size() > limits::response_bytes_max) {
    std::string limit = std::to_string(limits::response_bytes_max);
    events_.failed(json::dump(json::object{
        {"errorMessage", "Response payload size exceeded maximum allowed payload size (" + limit + " bytes)."},
        {"errorType", "Function.ResponseSizeTooLarge"}}));
    return refused(413, "RequestEntityTooLarge", "Exceeded maximum allowed payload size (" + limit + " bytes).");
  }
  if (failed) {
    events_.failed(error_document(request));
  } else {
    events_.responded(std::move(request.body));
  }
  return accepted();
}

net::HttpResponse RuntimeApi::init_error(net::HttpRequest& request) {
  if (state_ != State::starting) return not_allowed(state_, "InitError");
  state_ = State::answered;
  events_.init_failed(error_document(request));
  return accepted();
}

}  // namespace croft::lambda
