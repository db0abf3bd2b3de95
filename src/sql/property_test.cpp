// Properties of generated statements and payloads. The seeds are fixed: a failure repeats.
#include <gtest/gtest.h>

#include <random>

#include "sql/limits.h"
#include "sql/test_checks.h"
#include "sql/test_generator.h"
#include "sql/trace.h"

namespace croft::sql {
namespace {

std::string random_bytes(unsigned seed) {
  std::mt19937 random(seed);
  std::string bytes(400, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

Context context() {
  Context context;
  context.topic = "a/7/b";
  context.client_id = "device-7";
  context.timestamp = {1795395262698};
  context.random_bytes = [](std::size_t count) { return std::string(count, 'r'); };
  return context;
}

TEST(Properties, PrintedStatementsAreTheSameTree) {
  int parsed = 0;
  for (unsigned seed = 0; seed < 1'500; ++seed) {
    const std::string bytes = random_bytes(seed);
    Dice dice(bytes);
    const std::string text = StatementGenerator(dice).statement();
    parsed += parse_statement(text, SqlVersion::v2016_03_23).has_value();
    ASSERT_EQ(printing_problem(text, SqlVersion::v2016_03_23), "") << "seed " << seed << ": " << text;
  }
  EXPECT_GT(parsed, 750);
}

TEST(Properties, QuickReadingFindsWhatThePlainReaderFinds) {
  int indexed = 0;
  for (unsigned seed = 0; seed < 4'000; ++seed) {
    const std::string bytes = random_bytes(seed);
    Dice dice(bytes);
    const std::string payload = PayloadGenerator(dice).payload();
    PayloadIndex index;
    indexed += index.read(payload) == PayloadIndex::State::indexed;
    ASSERT_EQ(reading_problem(payload), "") << "seed " << seed << ": " << payload;
  }
  EXPECT_GT(indexed, 400);
}

TEST(Properties, SimplifiedStatementsGiveTheSame) {
  int compiled = 0;
  for (unsigned seed = 0; seed < 2'500; ++seed) {
    const std::string bytes = random_bytes(seed);
    Dice dice(bytes);
    const std::string payload = PayloadGenerator(dice).payload();
    const std::string text = StatementGenerator(dice).statement();
    for (const std::string_view version : {"2015-10-08", "2016-03-23"}) {
      compiled += Query::compile(text, version).has_value();
      ASSERT_EQ(evaluation_problem(text, version, payload, context()), "") << "seed " << seed << ": " << text << "\n"
                                                                           << payload;
    }
  }
  EXPECT_GT(compiled, 600);
}

TEST(Properties, ExplanationsComeToTheSameAndEnd) {
  for (unsigned seed = 0; seed < 800; ++seed) {
    const std::string bytes = random_bytes(seed);
    Dice dice(bytes);
    const Message message{SharedBytes(PayloadGenerator(dice).payload())};
    const std::string text = StatementGenerator(dice).statement();
    const Result<Query> query = Query::compile(text, "2016-03-23", Query::Form::plain);
    if (!query) continue;
    Trace trace;
    ASSERT_EQ(outcome(query->explain(message, context(), trace)), outcome(query->evaluate(message, context())))
        << text;
    ASSERT_LE(trace.steps().size(), limits::trace_steps_max);
  }
}

}  // namespace
}  // namespace croft::sql
