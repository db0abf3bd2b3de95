// Printing, simplifying and explaining: what people see of a tree, and what evaluation sees.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sql/binder.h"
#include "sql/limits.h"
#include "sql/simplifier.h"
#include "sql/test_checks.h"
#include "sql/trace.h"

namespace croft::sql {
namespace {

using testing::ElementsAre;
using testing::EndsWith;

std::string printed(std::string_view text) {
  const Result<Statement> statement = parse_statement(text, SqlVersion::v2016_03_23);
  return statement ? to_sql(*statement) : statement.error().message;
}

TEST(Printer, KeepsNeededParenthesesOnly) {
  EXPECT_EQ(printed("select ((a)) from \"t/#\" where (a or b) and (not (c)) and ((d + 1) * 2 = (e))"),
            "SELECT a FROM 't/#' WHERE (a OR b) AND NOT c AND (d + 1) * 2 = e");
  EXPECT_EQ(printed("SELECT a - (b - c), (a - b) - c, -(-a), - (a + b), (a = b) = c"),
            "SELECT a - (b - c), a - b - c, -(-a), -(a + b), (a = b) = c");
  EXPECT_EQ(printed("SELECT (1).a, 'x'.b, (a + b).c, NOT (NOT a), (NOT a) AND b, NOT (a AND b)"),
            "SELECT (1).a, 'x'.b, (a + b).c, NOT NOT a, NOT a AND b, NOT (a AND b)");
}

TEST(Printer, WritesEveryForm) {
  EXPECT_EQ(printed("SET @x = [1, 'it''s', {}], @y=@x.a SELECT VALUE CASE a WHEN 1 THEN \"b\" WHEN NULL THEN TRUE "
                    "ELSE x END FROM 't'"),
            "SET @x = [1, 'it''s', {}], @y = @x.a SELECT VALUE (CASE a WHEN 1 THEN 'b' WHEN NULL THEN TRUE ELSE x "
            "END) FROM 't'");
  EXPECT_EQ(
      printed("SELECT *, * AS all, a.b AS b, a.b AS c.d, Upper(x) as upper, cast(x as text), 1 + 1, {'k': a}, value"),
      "SELECT *, * AS all, a.b, a.b AS c.d, upper(x), cast(x AS String), 1 + 1, {'k': a}, value");
  EXPECT_EQ(
      printed("SELECT (value), (SELECT a FROM b AS c WHERE c.d IN [1]) AS e FROM 't' WHERE EXISTS(SELECT * FROM "
              "('a').b)"),
      "SELECT (value), (SELECT a FROM b AS c WHERE c.d IN [1]) AS e FROM 't' WHERE EXISTS (SELECT * FROM ('a'.b))");
  EXPECT_EQ(printed("SELECT 1.50 AS a, 3.0 AS b, 1e30 AS c, 12e-20 AS d, 0.1234567890123456789012345 AS e"),
            "SELECT 1.5 AS a, 3.0 AS b, 1000000000000000000000000000000.0 AS c, 12e-20 AS d, "
            "0.1234567890123456789012345 AS e");
}

TEST(Printer, CutsLongExpressions) {
  const Statement statement =
      parse_statement("SELECT '\xC3\xA9\xC3\xA9\xC3\xA9' + a", SqlVersion::v2016_03_23).value();
  EXPECT_EQ(to_sql(*statement.projection.items[0].expression, 4), "'\xC3\xA9...");
  EXPECT_EQ(to_sql(*statement.projection.items[0].expression, 12), "'\xC3\xA9\xC3\xA9\xC3\xA9' + a");
}

// The expression of the only item, bound and simplified.
std::string simplified(const std::string& expression) {
  const std::string text = "SELECT " + expression + " AS x";
  Statement statement = parse_statement(text, SqlVersion::v2016_03_23).value();
  if (const auto refused = bind_statement(statement, text)) return refused->message;
  simplify(statement);
  return to_sql(*statement.projection.items[0].expression);
}

TEST(Simplifier, FoldsWhatIsConstant) {
  EXPECT_EQ(simplified("1 + 2 * 3"), "7");
  EXPECT_EQ(simplified("upper('a') + lower('B') + c"), "'Ab' + c");
  EXPECT_EQ(simplified("a IN ['x', concat('y', 'z')]"), "a IN [\"x\",\"yz\"]");
  EXPECT_EQ(simplified("CASE 2 WHEN 1 THEN 'a' WHEN 2 THEN 'b' END"), "'b'");
  EXPECT_EQ(simplified("cast('5' AS Int) = 5 AND NOT false"), "TRUE");
  EXPECT_EQ(simplified("abs('x')"), "undefined");
  EXPECT_EQ(simplified("abs(1, 2)"), "undefined");
  EXPECT_EQ(simplified("parse_time('yyyy', 0)"), "'1970'");
}

TEST(Simplifier, LeavesWhatIsNot) {
  for (const char* expression : {"rand()", "newuuid()", "timestamp()", "topic(1 + 0)", "clientid()",
                                 "get_user_properties('a')", "encode(*, 'base64')", "(SELECT 1 AS a FROM [1])"}) {
    EXPECT_NE(simplified(expression), "") << expression;
    EXPECT_THAT(simplified(expression), testing::Not(testing::AnyOf("undefined", testing::StartsWith("'"))))
        << expression;
  }
  EXPECT_EQ(simplified("rand() + 1"), "rand() + 1");
  EXPECT_EQ(simplified("topic(1 + 1)"), "topic(2)");
  const std::string long_text(limits::folded_bytes_max, 'x');
  EXPECT_EQ(simplified("'" + long_text + "' + 'y'"), "'" + long_text + "' + 'y'");
}

TEST(Simplifier, PreparesPatternsThatBecameConstant) {
  const Query query = Query::compile("SELECT regexp_substr(a, concat('b', '+')) AS x FROM 't'", "2016-03-23").value();
  const Result<std::optional<Output>> output = query.evaluate(Message(SharedBytes(R"({"a":"abbc"})")), {});
  EXPECT_EQ((*output)->payload().view(), R"({"x":"bb"})");
}

std::vector<std::string> explained(const std::string& text, const std::string& payload) {
  const Query query = Query::compile(text, "2016-03-23", Query::Form::plain).value();
  Trace trace;
  (void)query.explain(Message(SharedBytes(payload)), {}, trace);
  std::vector<std::string> lines;
  for (const Trace::Step& step : trace.steps()) {
    lines.push_back(std::string(static_cast<std::size_t>(step.depth) * 2, ' ') +
                    (step.clause.empty() ? "" : step.clause + ": ") + step.expression + " -> " + step.value);
  }
  return lines;
}

TEST(Trace, ShowsEachPartWithItsValue) {
  EXPECT_THAT(explained("SET @limit = low + 1 SELECT color AS c, missing.x FROM 't' WHERE temperature > @limit AND "
                        "upper(color) = 'RED'",
                        R"({"temperature":51.5,"low":49,"color":"red"})"),
              ElementsAre("SET @limit: low + 1 -> 50", "  low -> 49",
                          "WHERE: temperature > @limit AND upper(color) = 'RED' -> true",
                          "  temperature > @limit -> true", "    temperature -> 51.5", "    @limit -> 50",
                          "  upper(color) = 'RED' -> true", "    upper(color) -> \"RED\"", "      color -> \"red\"",
                          "SELECT: color -> \"red\"", "SELECT: missing.x -> undefined"));
}

TEST(Trace, EndsWhereWhereIsNotTrue) {
  EXPECT_THAT(explained("SELECT a FROM 't' WHERE NOT b", R"({"b":true})"),
              ElementsAre("WHERE: NOT b -> false", "  b -> true"));
}

TEST(Trace, ShowsTheElementsOfNestedQueries) {
  EXPECT_THAT(explained("SELECT (SELECT n FROM e WHERE n > 1) AS r FROM 't'", R"({"e":[{"n":1},{"n":2}]})"),
              ElementsAre("SELECT: (SELECT n FROM e WHERE n > 1) -> [{\"n\":2}]", "  e -> [{\"n\":1},{\"n\":2}]",
                          "  an element -> {\"n\":1}", "    n > 1 -> false", "      n -> 1",
                          "  an element -> {\"n\":2}", "    n > 1 -> true", "      n -> 2", "    n -> 2"));
}

TEST(Trace, NamesWhatFailedAndEndsAtItsLimit) {
  EXPECT_THAT(explained("SELECT get_secret('s', 'SecretString', 'r') AS s FROM 't'", "{}")[0],
              EndsWith(" -> failed"));
  std::string many = R"({"e":[0)";
  for (int i = 0; i < 2000; ++i) many += ",1";
  EXPECT_EQ(explained("SELECT (SELECT VALUE x FROM e AS x) AS r FROM 't'", many + "]}").size(),
            limits::trace_steps_max);
}

}  // namespace
}  // namespace croft::sql
