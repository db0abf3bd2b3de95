#include <cstdio>
#include <iostream>
#include <iterator>

#include "cli/aws_api.h"
#include "cli/commands.h"
#include "cli/text_table.h"
#include "text/encoding.h"
#include "text/time.h"

namespace croft::cli {

namespace {

constexpr std::string_view root = "/2015-03-31/functions";

Result<std::vector<json::object>> list_functions(const AwsApi& api) {
  std::vector<json::object> functions;
  std::string query;
  for (std::size_t page = 0; page < limits::pages_max; ++page) {
    auto answer = api.rest_json({.service = "lambda", .method = "GET", .path = std::string(root), .query = query});
    if (!answer) return answer.error();
    if (const json::value* list = json::find(*answer, "Functions"); list && list->is_array()) {
      for (const json::value& function : list->get_array())
        if (function.is_object()) functions.push_back(function.get_object());
    }
    const std::string_view marker = json::string_or(*answer, "NextMarker", "");
    if (marker.empty()) break;
    query = "Marker=" + text::percent_encode(marker);
  }
  return functions;
}

// Printable, but for tabs, with which a REPORT line sets its members apart.
std::string shown_with_tabs(std::string_view text) {
  std::string out;
  for (;;) {
    const std::size_t tab = text.find('\t');
    out += text::printable(text.substr(0, tab), limits::cell_bytes_max * 16);
    if (tab == std::string_view::npos) return out;
    out += '\t';
    text.remove_prefix(tab + 1);
  }
}

void print_log_line(const json::object& line, bool as_json) {
  if (as_json) return print_line(json_line(line));
  const Timestamp time{json::int_or(line, "time", 0)};
  const std::string_view text = text::trim(json::string_or(line, "text", ""));
  print_line(painted(Colour::dim, text::local_clock(time)) + "  " + shown_with_tabs(text));
}

}  // namespace

int functions_list(const FunctionsOptions& options) {
  auto place = find_place(options.place);
  if (!place) return fail(place.error());
  auto functions = list_functions(AwsApi(*place));
  if (!functions) return fail(functions.error());
  TextTable view({"FUNCTION", "RUNTIME", "HANDLER", "MEMORY", "TIMEOUT", "STATE"});
  for (const json::object& f : *functions) {
    if (options.json) {
      print_line(json_line(f));
      continue;
    }
    view.add({{shown(json::string_or(f, "FunctionName", "")), false, Colour::bold},
              {shown(json::string_or(f, "Runtime", ""))},
              {shown(json::string_or(f, "Handler", ""))},
              {std::to_string(json::int_or(f, "MemorySize", 0)) + " MB", true},
              {std::to_string(json::int_or(f, "Timeout", 0)) + " s", true},
              {shown(json::string_or(f, "State", ""))}});
  }
  if (!options.json) print_line(view.is_empty() ? "There are no functions." : view.text());
  return 0;
}

// A server that waits answers when there are lines, or with none after `wait`.
int functions_logs(const FunctionsOptions& options) {
  auto place = find_place(options.place);
  if (!place) return fail(place.error());
  const AwsApi api(*place);
  const std::string path = "/_croft/functions/" + text::percent_encode(options.name) + "/logs";
  std::int64_t after = 0;
  bool has_more = true;
  while (has_more || options.follow) {
    const std::string wait = options.follow ? "20000" : "0";
    auto answer = api.page(path, "after=" + std::to_string(after) + "&wait=" + wait);
    if (!answer) return fail(answer.error());
    const json::value* lines = json::find(*answer, "lines");
    has_more = lines && lines->is_array() && !lines->get_array().empty();
    if (!has_more) continue;
    for (const json::value& line : lines->get_array())
      if (line.is_object()) print_log_line(line.get_object(), options.json);
    const std::int64_t next = json::int_or(*answer, "next", after);
    has_more = next > after;
    after = std::max(after, next);
  }
  return 0;
}

int functions_invoke(const FunctionsOptions& options) {
  auto place = find_place(options.place);
  if (!place) return fail(place.error());
  std::string payload = options.payload;
  if (payload == "-") payload.assign(std::istreambuf_iterator<char>(std::cin), {});
  if (payload.size() > limits::payload_bytes_max) return fail({"RequestTooLarge", "a payload has at most 6 MB"});
  const std::string path = std::string(root) + "/" + text::percent_encode(options.name) + "/invocations";
  auto response = AwsApi(*place).rest(
      {.service = "lambda", .method = "POST", .path = path, .body = payload, .timeout = limits::invoke_max});
  if (!response) return fail(response.error());
  auto answer = json::parse(response->body);
  print_line(answer ? json_block(*answer) : text::printable(response->body, response->body.size()));
  const std::string* failure = response->header("x-amz-function-error");
  if (!failure) return 0;
  return fail({"FunctionError", *failure});
}

}  // namespace croft::cli
