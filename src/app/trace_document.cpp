#include "app/trace_document.h"

#include <algorithm>
#include <cmath>

#include "observe/histogram.h"
#include "sql/trial.h"

namespace croft::app {

namespace {

using trace::Kind;
using trace::Outcome;
using trace::Step;

constexpr std::size_t log_lines_max = 200;          // of one invocation
constexpr std::size_t log_lines_looked_at = 2'000;  // of a function, for one invocation
constexpr std::int64_t same_moment_us = 1'000'000;

double ms_of(std::int64_t wall_us) { return static_cast<double>(wall_us) / 1000.0; }

json::object parsed(const std::string& members) {
  auto document = json::parse("{" + members + "}");
  if (!document || !document->is_object()) return {};
  return std::move(document->get_object());
}

std::size_t count(const trace::Trace& trace, Kind kind, Outcome outcome) {
  return static_cast<std::size_t>(std::count_if(trace.steps.begin(), trace.steps.end(), [&](const Step& step) {
    return step.kind == kind && step.outcome == outcome;
  }));
}

std::int64_t duration_us(const trace::Trace& trace) {
  return trace.outcome() == Outcome::running ? metrics::now_us() - trace.began_us : trace.duration_us();
}

// The lines of its worker's stream between its numbers; of one that runs, up to now.
json::array log_lines(const lambda::FunctionLogs& logs, const std::string& function, const json::object& detail) {
  const auto after = static_cast<std::uint64_t>(json::int_or(detail, "logAfter", 0));
  const auto until = static_cast<std::uint64_t>(json::int_or(detail, "logUntil", INT64_MAX));
  const std::string_view stream = json::string_or(detail, "logStream", "");
  json::array lines;
  for (const lambda::LogLine& line : logs.read(function, after, log_lines_looked_at)) {
    if (line.sequence > until || lines.size() >= log_lines_max) break;
    if (line.stream == stream) lines.push_back(json::object{{"time", line.time.ms}, {"text", line.text}});
  }
  return lines;
}

void add_log(json::object& detail, const lambda::FunctionLogs& logs, const std::string& function) {
  if (!detail.contains("logStream")) return;
  json::array lines = log_lines(logs, function, detail);
  detail.erase("logAfter");
  detail.erase("logUntil");
  detail["log"] = std::move(lines);
}

// The statement run once more, with each step told. The message is the event, unless a rule had published it again.
void add_explanation(json::object& detail, const trace::Trace& trace, const std::string& rule) {
  const json::object event = parsed(trace.steps.front().detail);
  const bool is_republished = detail.contains("topic");
  const json::object& source = is_republished ? detail : event;
  const json::value* payload = json::find(source, is_republished ? "input" : "payload");
  if (!payload || !detail.contains("sql")) return;
  const sql::Trial trial{.sql = std::string(json::string_or(detail, "sql", "")),
                         .sql_version = std::string(json::string_or(detail, "sqlVersion", "")),
                         .topic = std::string(json::string_or(source, "topic", "")),
                         .payload = json::dump(*payload),
                         .client_id = trace.client_id,
                         .rule_name = rule,
                         .explain = true};
  json::object outcome = run(trial).to_json();
  if (json::value* steps = outcome.if_contains("steps")) detail["explanation"] = std::move(*steps);
}

void add_tries(json::object& detail, const trace::Trace& trace, std::size_t action) {
  const auto tries = std::count_if(trace.steps.begin(), trace.steps.end(), [&](const Step& step) {
    return step.kind == Kind::invocation && step.parent == action;
  });
  if (tries > 0) detail["tries"] = tries;
}

json::object detail_of(const trace::Trace& trace, std::size_t number, const lambda::FunctionLogs& logs) {
  const Step& step = trace.steps[number];
  json::object detail = parsed(step.detail);
  if (step.kind == Kind::invocation) add_log(detail, logs, step.name);
  if (step.kind == Kind::wait) add_log(detail, logs, std::string(json::string_or(detail, "function", "")));
  if (step.kind == Kind::action) add_tries(detail, trace, number);
  if (step.kind == Kind::rule && step.outcome == Outcome::skipped) add_explanation(detail, trace, step.name);
  return detail;
}

bool is_same_connect(const trace::TimelineEntry& entry, const Refusal& refusal) {
  return entry.moment == trace::Moment::refused && refusal.action == "iot:Connect" &&
         std::abs(entry.wall_us - refusal.time.ms * 1000) < same_moment_us;
}

trace::TimelineEntry entry_of(const Refusal& refusal) {
  trace::Detail detail;
  detail.text("action", refusal.action);
  if (!refusal.resource.empty()) detail.text("resource", refusal.resource);
  if (!refusal.principal.empty()) detail.text("principalIdentifier", refusal.principal);
  if (!refusal.address.empty()) detail.text("ipAddress", refusal.address);
  if (refusal.count > 1) detail.number("count", static_cast<std::int64_t>(refusal.count));
  const std::string times = refusal.count > 1 ? " (" + std::to_string(refusal.count) + " times)" : std::string();
  return {.moment = trace::Moment::refused,
          .wall_us = refusal.time.ms * 1000,
          .text = refusal.action + " refused: " + refusal.sentence() + times,
          .detail = detail.take()};
}

}  // namespace

json::object summary(const trace::Trace& trace) {
  return {{"traceId", trace.id.text()},
          {"client", trace.client_id},
          {"event", trace.event},
          {"at", ms_of(trace.wall_us)},
          {"durationUs", duration_us(trace)},
          {"outcome", name(trace.outcome())},
          {"rules", count(trace, Kind::rule, Outcome::ok)},
          {"writes", count(trace, Kind::write, Outcome::ok)}};
}

json::object document(const trace::Trace& trace, const lambda::FunctionLogs& logs) {
  json::object out = summary(trace);
  if (trace.dropped > 0) out["stepsDropped"] = trace.dropped;
  json::array steps;
  for (std::size_t n = 0; n < trace.steps.size(); ++n) {
    const Step& step = trace.steps[n];
    json::object one{{"id", n},
                     {"parent", nullptr},
                     {"kind", name(step.kind)},
                     {"name", step.name},
                     {"beganUs", step.began_us - trace.began_us},
                     {"endedUs", nullptr},
                     {"outcome", name(step.outcome)},
                     {"detail", detail_of(trace, n, logs)}};
    if (step.parent != trace::no_step) one["parent"] = step.parent;
    if (step.outcome != Outcome::running) one["endedUs"] = step.ended_us - trace.began_us;
    steps.push_back(std::move(one));
  }
  out["steps"] = std::move(steps);
  return out;
}

json::object describe(const trace::TimelineEntry& entry, bool is_kept) {
  json::object out{{"at", ms_of(entry.wall_us)}, {"kind", name(entry.moment)}, {"text", entry.text}};
  if (is_kept) out["traceId"] = entry.trace.text();
  out["detail"] = parsed(entry.detail);
  return out;
}

std::vector<trace::TimelineEntry> merged(std::vector<trace::TimelineEntry> entries, const std::vector<Refusal>& refusals) {
  const auto known = entries.size();
  for (const Refusal& refusal : refusals) {
    trace::TimelineEntry told = entry_of(refusal);
    const auto end = entries.begin() + static_cast<std::ptrdiff_t>(known);
    const auto same = std::find_if(entries.begin(), end, [&](const auto& entry) { return is_same_connect(entry, refusal); });
    if (same == end) {
      entries.push_back(std::move(told));
      continue;
    }
    same->text = std::move(told.text);
    same->detail = std::move(told.detail);
  }
  std::stable_sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.wall_us > b.wall_us; });
  return entries;
}

}  // namespace croft::app
