#include "app/function_pages.h"

#include <algorithm>
#include <cmath>

#include "identity/sigv4.h"
#include "text/encoding.h"

namespace croft::app {

namespace {

constexpr std::string_view prefix = "/_croft/functions";
constexpr std::size_t log_lines_at_once = 1'000;
constexpr std::chrono::milliseconds log_wait_max{25'000};
constexpr std::size_t functions_at_once = 10'000;

struct Parts {
  lambda::Functions& functions;
  lambda::Invoker& invoker;
  lambda::FunctionLogs& logs;
  Shard& shard;
};

net::HttpResponse json_page(const json::object& document, int status = 200) {
  return {status, {{"content-type", "application/json"}}, json::dump(document)};
}

std::uint64_t query_number(const net::HttpRequest& request, std::string_view name) {
  for (const identity::QueryParameter& parameter : identity::query_parameters(request.query))
    if (parameter.name == name) return std::strtoull(parameter.value.c_str(), nullptr, 10);
  return 0;
}

double milliseconds(std::int64_t us) { return static_cast<double>(us) / 1000.0; }

net::HttpResponse all_functions(const Parts& parts) {
  json::array all;
  for (const lambda::Function& function : parts.functions.list("", functions_at_once)) {
    const lambda::RecentInvocations::Totals totals = parts.invoker.recent().totals(function.name);
    const lambda::WorkerPool::Counts counts = parts.invoker.counts(function.name);
    json::object one{{"name", function.name},         {"invocations", totals.invocations}, {"errors", totals.errors},
                     {"throttles", totals.throttles}, {"workers", counts.workers},         {"idle", counts.idle},
                     {"waiting", counts.waiting}};
    if (totals.invocations > 0) one["lastInvocation"] = totals.last_at.ms;
    all.push_back(std::move(one));
  }
  return json_page({{"functions", std::move(all)}});
}

Task<net::HttpResponse> logs_of(Parts parts, std::string name, net::HttpRequest request) {
  const std::uint64_t after = query_number(request, "after");
  const auto wait = std::min(std::chrono::milliseconds(query_number(request, "wait")), log_wait_max);
  if (wait.count() > 0) co_await parts.logs.wait_for_new(parts.shard, name, after, wait);
  json::array lines;
  std::uint64_t next = after;
  for (const lambda::LogLine& line : parts.logs.read(name, after, log_lines_at_once)) {
    lines.push_back(json::object{{"seq", line.sequence}, {"time", line.time.ms}, {"text", line.text}});
    next = line.sequence;
  }
  co_return json_page({{"lines", std::move(lines)}, {"next", next}});
}

// What is no text is shown as far as it is.
std::string shown(const std::string& text) { return text::is_utf8(text) ? text : text::printable(text, text.size()); }

json::object describe(const lambda::PastInvocation& past) {
  json::object out{{"sequence", past.sequence},
                   {"at", past.at.ms},
                   {"requestId", past.request_id},
                   {"source", past.source},
                   {"eventBytes", past.event_bytes},
                   {"waitMs", milliseconds(past.wait_us)},
                   {"durationMs", milliseconds(past.duration_us)},
                   {"billedMs", std::max<std::int64_t>(1, (past.duration_us + 999) / 1000)},
                   {"memoryMb", past.memory_mb},
                   {"memoryUsedMb", past.memory_used_mb},
                   {"answer", shown(past.answer)}};
  if (!past.event.empty()) out["event"] = shown(past.event);
  if (past.init_ms) out["initMs"] = *past.init_ms;
  if (past.answer_is_cut) out["answerIsCut"] = true;
  if (!past.failure.empty()) out["failure"] = past.failure;
  return out;
}

net::HttpResponse invocations_of(const Parts& parts, const std::string& name, const net::HttpRequest& request) {
  json::array all;
  std::uint64_t next = query_number(request, "after");
  for (const lambda::PastInvocation& past : parts.invoker.recent().read(name, next)) {
    next = past.sequence;
    all.push_back(describe(past));
  }
  return json_page({{"invocations", std::move(all)}, {"next", next}});
}

Task<net::HttpResponse> answer(Parts parts, net::HttpRequest request) {
  if (request.path == prefix) co_return all_functions(parts);
  const std::string rest = request.path.substr(prefix.size() + 1);
  const std::size_t slash = rest.find('/');
  std::string name = text::percent_decode(rest.substr(0, slash));
  const std::string what = slash == std::string::npos ? "" : rest.substr(slash + 1);
  if (!name.empty() && what == "invocations") co_return invocations_of(parts, name, request);
  if (name.empty() || what != "logs") co_return json_page({{"message", "not found"}}, 404);
  net::HttpResponse response = co_await logs_of(parts, std::move(name), std::move(request));
  co_return response;
}

}  // namespace

void add_function_pages(gateway::Gateway& gateway, lambda::Functions& functions, lambda::Invoker& invoker,
                        lambda::FunctionLogs& logs, Shard& shard) {
  const Parts parts{functions, invoker, logs, shard};
  gateway.add_page(std::string(prefix), [parts](net::HttpRequest request) { return answer(parts, std::move(request)); });
}

}  // namespace croft::app
