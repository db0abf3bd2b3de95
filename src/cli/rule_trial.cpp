// croft rules test: a statement on a message, or a file of cases, without a server.
#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <iterator>

#include "cli/commands.h"
#include "cli/limits.h"
#include "cli/terminal.h"
#include "device/config.h"
#include "sql/cases.h"
#include "sql/trial.h"
#include "text/encoding.h"

namespace croft::cli {

namespace {

constexpr std::size_t columns_before_caret = 60, columns_shown = 120;

Result<std::string> bytes_of(const std::string& file, std::size_t bytes_max) {
  if (file != "-") return device::read_file(file, bytes_max);
  std::string bytes(std::istreambuf_iterator<char>(std::cin), {});
  if (bytes.size() > bytes_max)
    return Error{"FileTooLarge", "standard input has more than " + std::to_string(bytes_max) + " bytes"};
  return bytes;
}

// Where the character `index` of `line` starts.
std::size_t byte_of(std::string_view line, std::size_t index) {
  std::size_t at = 0;
  for (; at < line.size(); ++at) {
    if ((static_cast<unsigned char>(line[at]) & 0xC0) != 0x80 && index-- == 0) break;
  }
  return at;
}

// The line of the statement that `position` names, as far as it fits, and a caret below its column.
void print_place(std::string_view sql, sql::Position position) {
  for (int line = 1; line < position.line; ++line) sql.remove_prefix(std::min(sql.find('\n'), sql.size() - 1) + 1);
  sql = sql.substr(0, sql.find('\n'));
  const std::size_t column = static_cast<std::size_t>(position.column) - 1;
  const std::size_t first = column > columns_before_caret ? column - columns_before_caret : 0;
  const std::size_t begin = byte_of(sql, first), caret = byte_of(sql, column);
  std::string line(sql.substr(begin, byte_of(sql.substr(begin), columns_shown)));
  for (char& c : line) c = c == '\t' || c == '\r' ? ' ' : c;
  std::fprintf(stderr, "  %s\n  %s^\n", shown(line).c_str(),
               std::string(display_width(sql.substr(begin, caret - begin)), ' ').c_str());
}

void print_steps(const sql::TrialOutcome& outcome) {
  std::string clause;
  for (const sql::Trace::Step& step : outcome.steps) {
    if (step.depth == 0 && step.clause != clause) print_line(painted(Colour::bold, clause = step.clause));
    print_line(std::string(2 + 2 * static_cast<std::size_t>(step.depth), ' ') + shown(step.expression) +
               painted(Colour::dim, "  ->  ") + painted(Colour::cyan, shown(step.value)));
  }
  if (outcome.steps_are_cut) print_line("  (there are more steps)");
  if (!outcome.steps.empty() && outcome.kind == sql::TrialOutcome::Kind::result)
    print_line(painted(Colour::bold, "RESULT"));
}

// The bytes as they are for a file or another program; for a terminal without those that it would act upon.
void print_payload(const SharedBytes& payload, bool as_base64) {
  if (as_base64) return print_line(text::base64(payload.view()));
  if (::isatty(STDOUT_FILENO) == 0) return print_line(payload.view());
  for (std::string_view rest = payload.view();; rest.remove_prefix(rest.find('\n') + 1)) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    print_line(text::printable(line, line.size()));
    if (line.size() == rest.size()) return;
  }
}

int print_outcome(const RuleTrialOptions& options, const std::string& sql, const sql::TrialOutcome& outcome) {
  if (options.json) {
    print_line(json_line(outcome.to_json()));
    return outcome.error.code.empty() ? 0 : 1;
  }
  print_steps(outcome);
  switch (outcome.kind) {
    case sql::TrialOutcome::Kind::result:
      print_payload(outcome.payload, options.base64);
      return 0;
    case sql::TrialOutcome::Kind::not_true:
      print_line("WHERE is not true: no action would run.");
      return 0;
    case sql::TrialOutcome::Kind::other_topic:
      print_line(outcome.topic_filter.empty()
                     ? "The statement has no FROM: it is for Basic Ingest only."
                     : "FROM '" + shown(outcome.topic_filter) + "' is not for this topic: the rule would not run.");
      return 0;
    default:
      break;
  }
  fail(outcome.error);
  if (outcome.position) print_place(sql, *outcome.position);
  return 1;
}

int run_cases(const RuleTrialOptions& options) {
  auto text = bytes_of(options.cases, limits::cases_bytes_max);
  if (!text) return fail(text.error());
  auto results = sql::run_cases(*text);
  if (!results) return fail(results.error());
  std::size_t passed = 0;
  for (const sql::CaseResult& result : *results) {
    passed += result.passed;
    if (result.passed) continue;
    print_line(painted(Colour::red, "FAILED") + " " + painted(Colour::bold, shown(result.id)));
    print_line("  statement  " + shown(result.sql));
    print_line("  expected   " + shown(result.expected));
    print_line("  actual     " + shown(result.actual));
  }
  print_line(std::to_string(passed) + " passed, " + std::to_string(results->size() - passed) + " failed");
  return passed == results->size() ? 0 : 1;
}

}  // namespace

int rules_test(const RuleTrialOptions& options) {
  if (!options.cases.empty()) return run_cases(options);
  if (options.sql.empty() || options.topic.empty()) {
    fail({"MissingOption", "give --sql and --topic, or --cases"});
    return 2;
  }
  sql::Trial trial{
      .sql = options.sql, .sql_version = options.sql_version, .topic = options.topic, .explain = options.explain};
  if (!options.client_id.empty()) trial.client_id = options.client_id;
  trial.account_id = options.account_id;
  if (!options.payload.empty()) {
    auto payload = bytes_of(options.payload, limits::message_bytes_max);
    if (!payload) return fail(payload.error());
    trial.payload = std::move(*payload);
  }
  if (options.base64) {
    auto bytes = text::from_base64(text::trim(trial.payload));
    if (!bytes) return fail({"InvalidPayload", "the payload is not base64"});
    trial.payload = std::move(*bytes);
  }
  return print_outcome(options, trial.sql, sql::run(trial));
}

}  // namespace croft::cli
