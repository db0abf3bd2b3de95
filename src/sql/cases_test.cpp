// Runs the files of tests/sql. "source" is the AWS page that a case rests on.
#include "sql/cases.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace croft::sql {
namespace {

std::string file_text(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

void expect_all_to_pass(const std::string& file, std::size_t least) {
  const auto path = std::filesystem::path(__FILE__).parent_path() / "../../tests/sql" / file;
  const Result<std::vector<CaseResult>> results = run_cases(file_text(path));
  ASSERT_TRUE(results) << path;
  ASSERT_GT(results->size(), least);
  for (const CaseResult& result : *results) {
    EXPECT_TRUE(result.passed) << result.id << ": " << result.sql << "\n  expected " << result.expected
                               << "\n  actual " << result.actual;
  }
}

TEST(SqlCases, EveryCaseOfTheReferenceHolds) {
  expect_all_to_pass("iot-sql-cases.json", 500);
}
TEST(SqlCases, EveryChoiceHolds) {
  expect_all_to_pass("croft-choices.json", 60);
}

// One case with this statement, payload and expectation.
CaseResult ran(const std::string& sql, const std::string& payload, const std::string& expect) {
  return run_cases("[{\"id\":\"c\",\"sql\":\"" + sql + "\",\"topic\":\"t\",\"payload\":" + payload +
                   ",\"expect\":" + expect + "}]")
      .value()[0];
}

TEST(SqlCases, FailWhenSomethingElseComesOut) {
  EXPECT_TRUE(ran("SELECT a FROM 't'", R"({"a":1})", R"({"a":1.0})").passed);
  EXPECT_FALSE(ran("SELECT a FROM 't'", R"({"a":1})", R"({"a":2})").passed);
  EXPECT_FALSE(ran("SELECT a FROM 't'", R"({"a":1})", R"({"a":1,"b":2})").passed);
  EXPECT_FALSE(ran("SELECT a FROM 't'", R"({"a":9007199254740993})", R"({"a":9007199254740992})").passed);
  EXPECT_FALSE(ran("SELECT a FROM 't'", R"({"a":[1,2]})", R"({"a":[2,1]})").passed);
  EXPECT_FALSE(ran("SELECT a FROM 't'", "{}", R"({"error":true})").passed);
  EXPECT_FALSE(ran("SELECT a FROM", "{}", R"({"no_match":true})").passed);
  EXPECT_TRUE(ran("SELECT a FROM 'x'", "{}", R"({"no_match":true})").passed);
  const CaseResult failed = ran("SELECT a FROM 't'", R"({"a":1})", R"({"no_match":true})");
  EXPECT_EQ(failed.expected, "no match");
  EXPECT_EQ(failed.actual, R"({"a":1})");
}

TEST(SqlCases, SayWhatIsNoCase) {
  EXPECT_EQ(run_cases("{}").error().message, "the cases are not a JSON list");
  EXPECT_EQ(run_cases(R"([{"sql":"SELECT *","topic":"t"}])").error().message, "case 1 has no 'expect'");
  EXPECT_EQ(run_cases("[1]").error().message, "case 1 has no 'sql'");
  // Contexts of a wrong shape are as good as none.
  EXPECT_FALSE(
      run_cases(R"([{"sql":"SELECT get_user_properties() AS p FROM 't'","topic":"t","expect":{"p":1},"context":
      {"user_properties":[[1],["a"],[1,2],"x"],"mqtt5":7,"timestamp":"x","fixtures":[]}}])")
          .value()[0]
          .passed);
}

}  // namespace
}  // namespace croft::sql
