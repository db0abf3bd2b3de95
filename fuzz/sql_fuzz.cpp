// Statements, payloads and templates from anywhere: compile, evaluate, explain and render never throw, hang or
// overrun; the quick ways of reading and evaluating give what the plain ones give; what is printed is the same
// statement. Input: statement, a zero byte, payload, a zero byte, template.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "sql/template.h"
#include "sql/test_checks.h"
#include "sql/trace.h"

namespace {

std::string_view part_before_zero(std::string_view& rest) {
  const std::size_t end = rest.find('\0');
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return part;
}

void demand(const std::string& problem) {
  if (problem.empty()) return;
  std::fprintf(stderr, "%s\n", problem.c_str());
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace croft;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  const std::string_view statement = part_before_zero(rest);
  const std::string payload(part_before_zero(rest));
  const sql::Message message{SharedBytes(payload)};
  sql::Context context;
  context.topic = "device/22/data";
  context.random_bytes = [](std::size_t count) { return std::string(count, 'r'); };

  demand(sql::reading_problem(payload));
  demand(sql::printing_problem(statement, sql::SqlVersion::v2016_03_23));
  for (const std::string_view version : {"2015-10-08", "2016-03-23"}) {
    demand(sql::evaluation_problem(statement, version, payload, context));
    const Result<sql::Query> query = sql::Query::compile(statement, version, sql::Query::Form::plain);
    if (!query) continue;
    sql::Trace trace;
    (void)query->explain(message, context, trace);
  }
  const Result<sql::Template> text = sql::Template::compile(rest, sql::SqlVersion::v2016_03_23);
  if (text) (void)text->render(message, context);
  return 0;
}
