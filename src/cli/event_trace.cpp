// croft trace --event: the way of a lifecycle event, from the socket to the row, as a tree.
#include <algorithm>
#include <cstdio>
#include <set>
#include <thread>

#include "cli/aws_api.h"
#include "cli/commands.h"
#include "cli/limits.h"
#include "cli/terminal.h"
#include "cli/tables_plain.h"
#include "text/encoding.h"
#include "text/time.h"

namespace croft::cli {

namespace {

constexpr std::size_t time_width = 11, label_width_max = 64;
constexpr std::size_t value_bytes_max = 160;
constexpr int traces_followed = 20;

std::string_view text_of(const json::object& members, std::string_view name) { return json::string_or(members, name, ""); }

const json::object& object_of(const json::object& members, std::string_view name) {
  static const json::object none;
  const json::value* found = json::find(members, name);
  return found && found->is_object() ? found->get_object() : none;
}

const json::array& array_of(const json::object& members, std::string_view name) {
  static const json::array none;
  const json::value* found = json::find(members, name);
  return found && found->is_array() ? found->get_array() : none;
}

std::string milliseconds(std::int64_t us) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f ms", static_cast<double>(us) / 1000.0);
  return text;
}

std::string right(std::string text, std::size_t width) {
  return std::string(width - std::min(width, text.size()), ' ') + text;
}

std::string left(std::string text, std::size_t width) {
  return text + std::string(width - std::min(width, display_width(text)), ' ');
}

// The name at the end of an ARN.
std::string short_name(std::string_view resource) {
  return shown(resource.starts_with("arn:") ? resource.substr(resource.find_last_of(":/") + 1) : resource);
}

std::string cut(std::string text) {
  std::replace(text.begin(), text.end(), '\t', ' ');
  return text::printable(text, value_bytes_max);
}

Colour colour_of(std::string_view outcome) {
  if (outcome == "failed") return Colour::red;
  if (outcome == "skipped") return Colour::dim;
  return outcome == "running" ? Colour::yellow : Colour::plain;
}

// A value of a payload or document, on one line.
std::string value_text(const json::object& detail, std::string_view name) {
  const json::value* value = json::find(detail, name);
  if (!value) return {};
  return cut(value->is_string() ? std::string(value->get_string()) : json::dump(*value));
}

// An item in plain JSON; one that was cut is text.
std::string item_text(const json::value& item) {
  if (item.is_null()) return "none";
  if (!item.is_object()) return cut(item.is_string() ? std::string(item.get_string()) : json::dump(item));
  return cut(plain_json(item.get_object()));
}

// What of a step is worth a word beside its name.
std::string remark(const json::object& step, const json::object& detail) {
  const std::string_view kind = text_of(step, "kind");
  const json::object& error = object_of(detail, "error");
  if (!error.empty()) return shown(text_of(error, "code")) + ": " + shown(text_of(error, "message"));
  const auto number = [&detail](std::string_view name) { return std::to_string(json::int_or(detail, name, 0)); };
  if (kind == "event" && detail.contains("version")) return "version " + number("version");
  if (kind == "rule") return text_of(step, "outcome") == "skipped" ? shown(text_of(detail, "why")) : "matched";
  if (kind == "action") {
    const std::int64_t tries = json::int_or(detail, "tries", 1);
    return short_name(text_of(detail, "resource")) + (tries > 1 ? ", " + std::to_string(tries) + " tries" : "");
  }
  if (kind == "wait" && detail.contains("cold"))
    return json::bool_or(detail, "cold", false) ? "cold start, init " + number("initMs") + " ms" : "warm";
  if (kind == "wait" && json::int_or(detail, "ahead", 0) > 0) return number("ahead") + " ahead";
  if (kind == "wait" && json::bool_or(detail, "readBack", false)) return "read back from disk";
  if (kind == "wait" && detail.contains("queue")) return shown(text_of(detail, "queue"));
  if (kind == "invocation" && detail.contains("inTrace")) return "in a batch with " + shown(text_of(detail, "inTrace"));
  if (kind == "invocation") return "request " + shown(text_of(detail, "requestId"));
  if (kind == "call") return shown(text_of(detail, "service"));
  if (kind == "write") return shown(text_of(detail, "table"));
  return {};
}

void print_below(std::size_t depth, std::string_view label, const std::string& text, Colour colour = Colour::dim) {
  print_line(std::string(2 * time_width + 2 + 2 * depth + 2, ' ') + painted(colour, left(std::string(label), 7) + text));
}

void print_items(std::size_t depth, const json::object& detail) {
  for (const json::value& one : array_of(detail, "items")) {
    if (!one.is_object()) continue;
    const json::object& item = one.get_object();
    if (text_of(detail, "table").empty()) print_below(depth, "table", shown(text_of(item, "table")));
    for (const char* name : {"before", "after"})
      if (const json::value* value = json::find(item, name)) print_below(depth, name, item_text(*value));
  }
}

// What the function printed, without the lines that only say that it ran.
void print_log(std::size_t depth, const json::object& detail) {
  for (const json::value& line : array_of(detail, "log")) {
    const std::string_view text = text_of(line.as_object(), "text");
    const bool is_frame =
        text.starts_with("START RequestId: ") || text.starts_with("END RequestId: ") || text.starts_with("INIT_START ");
    if (!is_frame) print_below(depth, "log", cut(std::string(text)));
  }
}

// `event`: its payload; rules that send it as it is are not told twice.
void print_details(std::size_t depth, const json::object& step, const json::object& detail, const json::value* event) {
  const std::string_view kind = text_of(step, "kind");
  if (kind == "event" && detail.contains("payload")) print_below(depth, "event", value_text(detail, "payload"));
  const json::value* sent = json::find(detail, "output");
  if (kind == "rule" && sent && !(event && *event == *sent)) print_below(depth, "sent", value_text(detail, "output"));
  for (const json::value& one : array_of(detail, "explanation")) {
    const json::object& line = one.as_object();
    const auto indent = static_cast<std::size_t>(2 * std::clamp<std::int64_t>(json::int_or(line, "depth", 0), 0, 20));
    print_below(depth, "where", std::string(indent, ' ') + cut(std::string(text_of(line, "expression"))) + "  ->  " +
                                    cut(std::string(text_of(line, "value"))));
  }
  print_log(depth, detail);
  if (detail.contains("errorDocument")) print_below(depth, "error", value_text(detail, "errorDocument"), Colour::red);
  print_items(depth, detail);
}

std::string label_of(const json::object& step, std::size_t depth) {
  return std::string(2 * depth, ' ') + std::string(text_of(step, "kind")) + "  " + shown(text_of(step, "name"));
}

// The numbers of the steps below one, in the order of their beginning.
std::vector<std::size_t> below(const json::array& steps, std::size_t number) {
  std::vector<std::pair<std::int64_t, std::size_t>> found;
  for (std::size_t n = number + 1; n < steps.size(); ++n) {
    const json::object& step = steps[n].as_object();
    if (json::int_or(step, "parent", -1) != static_cast<std::int64_t>(number)) continue;
    found.emplace_back(json::int_or(step, "beganUs", 0), n);
  }
  std::sort(found.begin(), found.end());
  std::vector<std::size_t> numbers;
  for (const auto& [began, n] : found) numbers.push_back(n);
  return numbers;
}

// A parent comes before its steps, so this ends.
std::size_t label_width(const json::array& steps, std::size_t number, std::size_t depth) {
  std::size_t width = display_width(label_of(steps.at(number).as_object(), depth));
  for (const std::size_t n : below(steps, number)) width = std::max(width, label_width(steps, n, depth + 1));
  return std::min(width, label_width_max);
}

// A step, its details, and the steps below it.
void print_step(const json::array& steps, std::size_t number, std::size_t depth, std::size_t width) {
  const json::object& step = steps.at(number).as_object();
  const json::object& detail = object_of(step, "detail");
  const std::string_view outcome = text_of(step, "outcome");
  const std::int64_t began_us = json::int_or(step, "beganUs", 0);
  const bool is_over = outcome != "running";
  const std::string took = is_over ? milliseconds(json::int_or(step, "endedUs", 0) - began_us) : "...";
  const std::string told = remark(step, detail), label = label_of(step, depth);
  std::string line = painted(Colour::dim, right(milliseconds(began_us), time_width)) + right(took, time_width) + "  " +
                     painted(colour_of(outcome), told.empty() ? label : left(label, width));
  if (!told.empty()) line += "  " + painted(outcome == "failed" ? Colour::red : Colour::plain, told);
  print_line(line);
  print_details(depth, step, detail, json::find(object_of(steps.front().as_object(), "detail"), "payload"));
  for (const std::size_t n : below(steps, number)) print_step(steps, n, depth + 1, width);
}

std::string counted(std::int64_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

void print_trace(const json::object& trace, bool as_json) {
  if (as_json) return print_line(json_line(trace));
  const json::value* at = json::find(trace, "at");
  const Timestamp time{at && at->is_number() ? static_cast<std::int64_t>(at->to_number<double>()) : 0};
  const std::string_view outcome = text_of(trace, "outcome");
  print_line(painted(Colour::bold, shown(text_of(trace, "client")) + "  " + shown(text_of(trace, "event"))) + "  " +
             local_date_time(time).substr(0, 11) + text::local_clock(time) + "  " + painted(colour_of(outcome), outcome) +
             " in " + milliseconds(json::int_or(trace, "durationUs", 0)) + ", " +
             counted(json::int_or(trace, "rules", 0), "rule") + ", " + counted(json::int_or(trace, "writes", 0), "write"));
  print_line(painted(Colour::dim, shown(text_of(trace, "traceId"))));
  print_line(painted(Colour::dim, right("begins", time_width) + right("takes", time_width)));
  const json::array& steps = array_of(trace, "steps");
  if (!steps.empty()) print_step(steps, 0, 0, label_width(steps, 0, 0));
  if (const std::int64_t dropped = json::int_or(trace, "stepsDropped", 0); dropped > 0)
    print_line(counted(dropped, "further step") + " not kept");
}

std::string path_of(std::string_view trace_id) { return "/_croft/traces/" + text::percent_encode(trace_id); }

// X-Ray's root: "1-", 8 hex digits, "-", 24 more.
bool looks_like_trace(const std::string& name) { return name.size() == 35 && name.starts_with("1-") && name[10] == '-'; }

Result<json::array> traces_of(const AwsApi& api, const std::string& client_id, int limit) {
  auto page = api.page("/_croft/traces", "client=" + text::percent_encode(client_id) + "&limit=" + std::to_string(limit));
  if (!page) return page.error();
  return array_of(*page, "traces");
}

// Prints those that are over and were not printed yet, oldest first.
Result<void> print_new(const AwsApi& api, const TraceOptions& options, std::set<std::string>& printed) {
  auto traces = traces_of(api, options.client_id, traces_followed);
  if (!traces) return traces.error();
  for (auto one = traces->rbegin(); one != traces->rend(); ++one) {
    const std::string id(text_of(one->as_object(), "traceId"));
    if (text_of(one->as_object(), "outcome") == "running" || !printed.insert(id).second) continue;
    auto trace = api.page(path_of(id));
    if (trace) print_trace(*trace, options.json);
  }
  return {};
}

int follow(const AwsApi& api, const TraceOptions& options) {
  const std::int64_t end_ms =
      options.seconds > 0 ? MonoTime::now().ms + static_cast<std::int64_t>(options.seconds * 1000) : INT64_MAX;
  std::set<std::string> printed;
  auto before = traces_of(api, options.client_id, traces_followed);
  if (!before) return fail(before.error());
  for (const json::value& one : *before)
    if (text_of(one.as_object(), "outcome") != "running") printed.insert(std::string(text_of(one.as_object(), "traceId")));
  std::fprintf(stderr, "Waiting for events of %s\n", shown(options.client_id).c_str());
  while (MonoTime::now().ms < end_ms) {
    if (auto told = print_new(api, options, printed); !told) return fail(told.error());
    std::this_thread::sleep_for(limits::trace_poll);
  }
  return 0;
}

}  // namespace

int event_trace(const TraceOptions& options) {
  auto place = find_place(options.place);
  if (!place) return fail(place.error());
  const AwsApi api(*place);
  if (looks_like_trace(options.client_id)) {
    auto trace = api.page(path_of(options.client_id));
    if (!trace) return fail(trace.error());
    print_trace(*trace, options.json);
    return 0;
  }
  if (options.follow) return follow(api, options);
  auto traces = traces_of(api, options.client_id, 1);
  if (!traces) return fail(traces.error());
  if (traces->empty()) return fail({"NotFound", "no event of '" + options.client_id + "' is kept"});
  auto trace = api.page(path_of(text_of(traces->front().as_object(), "traceId")));
  if (!trace) return fail(trace.error());
  print_trace(*trace, options.json);
  return 0;
}

}  // namespace croft::cli
