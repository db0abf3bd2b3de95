// As sql_fuzz, on statements and payloads that the input's bytes choose from the grammar: nearly all of them compile.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "sql/test_checks.h"
#include "sql/test_generator.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace croft;
  sql::Dice dice(std::string_view(reinterpret_cast<const char*>(data), size));
  const std::string statement = sql::StatementGenerator(dice).statement();
  const std::string payload = sql::PayloadGenerator(dice).payload();
  sql::Context context;
  context.topic = "a/7/b";
  context.random_bytes = [](std::size_t count) { return std::string(count, 'r'); };
  for (const std::string& problem :
       {sql::reading_problem(payload), sql::printing_problem(statement, sql::SqlVersion::v2016_03_23),
        sql::evaluation_problem(statement, "2016-03-23", payload, context),
        sql::evaluation_problem(statement, "2015-10-08", payload, context)}) {
    if (problem.empty()) continue;
    std::fprintf(stderr, "%s\n%s\n%s\n", statement.c_str(), payload.c_str(), problem.c_str());
    std::abort();
  }
  return 0;
}
