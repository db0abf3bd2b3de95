#include "sql/query.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sql/fixtures.h"
#include "sql/limits.h"

namespace croft::sql {
namespace {

using testing::HasSubstr;

std::string refusal(const std::string& text, std::string_view version = "2016-03-23") {
  const Result<Query> query = Query::compile(text, version);
  if (query) return "accepted";
  return query.error().code == "SqlParseException" ? query.error().message : query.error().code;
}

Message message(std::string bytes) { return Message(SharedBytes(std::move(bytes))); }

// The outgoing payload; "no match", or "failed: ...".
std::string run(const std::string& text, std::string payload, const Context& context = {},
                std::string_view version = "2016-03-23") {
  const Result<Query> query = Query::compile(text, version);
  if (!query) return "refused: " + query.error().message;
  const Result<std::optional<Output>> output = query->evaluate(message(std::move(payload)), context);
  if (!output) return "failed: " + output.error().code;
  return *output ? (*output)->payload().str() : "no match";
}

TEST(QueryCompile, NamesThePlaceAndWhatWasExpected) {
  EXPECT_EQ(refusal("SELECT FROM 't'"), "line 1, column 8: expected an expression, found 'FROM'");
  EXPECT_EQ(refusal("SELECT a,\n  b +\n FROM 't'"), "line 3, column 2: expected an expression, found 'FROM'");
  EXPECT_EQ(refusal("SELECT '€€' b FROM 't'"),
            "line 1, column 13: expected FROM, WHERE or the end of the statement, found 'b'");
  EXPECT_EQ(refusal("SELECT (1 + 2 FROM 't'"), "line 1, column 15: expected ')', found 'FROM'");
  EXPECT_EQ(refusal("SELECT CASE a ELSE 1 END FROM 't'"), "line 1, column 15: expected WHEN, found 'ELSE'");
  EXPECT_EQ(refusal("SELECT 'abc FROM t"), "line 1, column 8: the string is not closed");
  EXPECT_EQ(refusal("SELECT a -- b"), "line 1, column 10: comments are not supported");
  EXPECT_EQ(refusal("SELECT * FROM t"), "line 1, column 15: expected a topic filter in quotes, found 't'");
  EXPECT_EQ(refusal(""), "line 1, column 1: expected SELECT, found the end of the text");
  EXPECT_EQ(refusal("SELECT abs(1 FROM 't'"), "line 1, column 14: expected ',' or ')', found 'FROM'");
  EXPECT_EQ(refusal("SELECT [1 2] FROM 't'"), "line 1, column 11: expected ',' or ']', found '2'");
  EXPECT_EQ(refusal("SELECT {'a': 1 FROM 't'"), "line 1, column 16: expected ',' or '}', found 'FROM'");
  EXPECT_EQ(refusal("SELECT {a: 1} FROM 't'"), "line 1, column 9: expected a member name in quotes, found 'a'");
  EXPECT_EQ(refusal("SELECT a AS 'b' FROM 't'"), "line 1, column 13: expected a name after AS, found ''b''");
  EXPECT_EQ(refusal("SELECT a. FROM 't'"),
            "line 1, column 16: expected FROM, WHERE or the end of the statement, found ''t''");
  EXPECT_EQ(refusal("SELECT CASE a WHEN 1 ELSE 2 END FROM 't'"), "line 1, column 22: expected THEN, found 'ELSE'");
  EXPECT_EQ(refusal("SELECT CASE a WHEN 1 THEN 2 FROM 't'"), "line 1, column 29: expected END, found 'FROM'");
  EXPECT_EQ(refusal("SET x = 1 SELECT *"), "line 1, column 5: expected a variable such as @name, found 'x'");
  EXPECT_EQ(refusal("SELECT (SELECT a) FROM 't'"), "line 1, column 17: expected FROM, found ')'");
  EXPECT_EQ(refusal("SELECT * FROM 't' WHERE"),
            "line 1, column 24: expected an expression, found the end of the text");
}

TEST(QueryCompile, SaysWhatToWriteInstead) {
  const auto after_where = [](const std::string& condition) {
    return refusal("SELECT * FROM 't' WHERE " + condition);
  };
  EXPECT_EQ(after_where("a LIKE 'b%'"),
            "line 1, column 27: expected the end of the statement, found 'LIKE'; use startswith, endswith, indexof "
            "or regexp_matches");
  EXPECT_EQ(after_where("a IS NULL"),
            "line 1, column 27: expected the end of the statement, found 'IS'; use isNull(x) or isUndefined(x)");
  EXPECT_EQ(after_where("a NOT IN [1]"),
            "line 1, column 27: expected the end of the statement, found 'NOT'; NOT stands before the whole "
            "condition: NOT (a IN b)");
  EXPECT_EQ(after_where("a == 1"),
            "line 1, column 28: expected an expression, found '='; equality is written with one =");
  EXPECT_EQ(
      after_where("a[0] = 1"),
      "line 1, column 26: expected the end of the statement, found '['; elements are read with get(array, index)");
  EXPECT_EQ(after_where("a IN (1, 2)"), "line 1, column 32: expected ')' (an array is written [a, b]), found ','");
  EXPECT_EQ(after_where("a;"), "line 1, column 26: a statement ends without ;");
  EXPECT_EQ(after_where("`a`"),
            "line 1, column 25: names are written without quotes; others are read with get(object, 'name')");
  EXPECT_EQ(after_where("a || 'b'"), "line 1, column 27: texts are joined with + or concat()");
  EXPECT_EQ(after_where("a ORDER BY b"),
            "line 1, column 27: expected the end of the statement, found 'ORDER'; a rule looks at one message, there "
            "is no order");
  EXPECT_EQ(refusal("SELECT uper(a) FROM 't'"), "line 1, column 8: there is no function uper; did you mean upper?");
  EXPECT_EQ(refusal("SELECT substr(a, 1) FROM 't'"), "line 1, column 8: there is no function substr");
  EXPECT_EQ(refusal("SELECT isnul(a) FROM 't'"),
            "line 1, column 8: there is no function isnul; did you mean isnull?");
  EXPECT_EQ(refusal("SELECT quite_another_thing(a) FROM 't'"),
            "line 1, column 8: there is no function quite_another_thing");
}

TEST(QueryCompile, RefusesWhatCannotWork) {
  EXPECT_THAT(refusal("SELECT nope(1) FROM 't'"), HasSubstr("there is no function nope"));
  EXPECT_THAT(refusal("SELECT @x FROM 't'"), HasSubstr("@x is not declared"));
  EXPECT_THAT(refusal("SET @a = @b, @b = 1 SELECT * FROM 't'"), HasSubstr("@b is not declared"));
  EXPECT_THAT(refusal("SELECT cast(a AS Blob) FROM 't'"), HasSubstr("the name of a type"));
  EXPECT_THAT(refusal("SELECT VALUE a, b FROM 't'"), HasSubstr("one item only"));
  EXPECT_THAT(refusal("SELECT machinelearning_predict('m', 'r', *) FROM 't'"), HasSubstr("not available"));
  EXPECT_THAT(refusal("SELECT encode(a, 'proto') FROM 't'"), HasSubstr("'proto'"));
  EXPECT_THAT(refusal("SELECT encode(a, scheme) FROM 't'"), HasSubstr("string literal"));
  EXPECT_THAT(refusal("SELECT get_or_default(a, get_secret('s', 'SecretString', 'r')) FROM 't'"),
              HasSubstr("cannot call get_secret"));
  EXPECT_THAT(refusal("SELECT parse_time('yyyy', 0, 'Nowhere/Town') AS t FROM 't'"), HasSubstr("no time zone"));
  EXPECT_THAT(refusal("SELECT parse_time('yyyy q', 0) AS t FROM 't'"), HasSubstr("time pattern"));
  for (const char* filter : {"a/#/b", "a+/b", "", "a/b#", "1/2/3/4/5/6/7/8/9"}) {
    EXPECT_NE(refusal("SELECT * FROM '" + std::string(filter) + "'"), "accepted") << filter;
  }
  for (const char* sql : {"SELECT a[0] FROM 't'", "SELECT * FROM 't';", "SELECT * FROM 't' WHERE a LIKE 'b'",
                          "SELECT * FROM 't' GROUP BY a", "SELECT `a` FROM 't'", "SELECT a WHERE"}) {
    EXPECT_NE(refusal(sql), "accepted") << sql;
  }
}

TEST(QueryCompile, RefusesLaterFeaturesInThe2015Version) {
  for (const char* sql : {"SELECT [1] AS a FROM 't'", "SELECT {'a': 1} FROM 't'",
                          "SELECT (SELECT a FROM b) AS c FROM 't'",
                          "SELECT length(a) FROM 't'", "SELECT cast(a AS Decimal) FROM 't'"}) {
    EXPECT_THAT(refusal(sql, "2015-10-08"), HasSubstr("2016-03-23")) << sql;
    EXPECT_EQ(refusal(sql, "beta"), "accepted") << sql;
  }
  EXPECT_EQ(refusal("SELECT * FROM 't'", "2017-01-01"), "InvalidRequestException");
}

TEST(QueryCompile, EndsAtItsLimits) {
  const auto repeated = [](const std::string& part, int count) {
    std::string all;
    for (int i = 0; i < count; ++i) all += part;
    return all;
  };
  EXPECT_THAT(refusal("SELECT " + repeated("(", 101) + "1" + repeated(")", 101)), HasSubstr("too deeply"));
  EXPECT_EQ(refusal("SELECT " + repeated("(", 99) + "1" + repeated(")", 99)), "accepted");
  EXPECT_THAT(refusal("SELECT " + repeated("NOT ", 20000) + "a"), HasSubstr("too deeply"));
  EXPECT_THAT(refusal("SELECT 1" + repeated("+1", 600)), HasSubstr("too long"));
  EXPECT_EQ(refusal("SELECT 1" + repeated("+1", 400)), "accepted");
  EXPECT_THAT(refusal("SELECT a" + repeated(".a", 600)), HasSubstr("too long"));
  EXPECT_THAT(refusal("SELECT a" + repeated(",a", 1000)), HasSubstr("too many items"));
  EXPECT_THAT(refusal("SELECT " + std::string(limits::sql_bytes_max, ' ')), HasSubstr("longer"));
  EXPECT_THAT(refusal("SELECT \xff"), HasSubstr("UTF-8"));
}

TEST(Query, SelectStarReturnsTheMessageItself) {
  const Query query = Query::compile("SELECT * FROM 'a'", "2016-03-23").value();
  const Message raw = message("\x01\xff{ not json");

  const Output output = **query.evaluate(raw, {});

  EXPECT_EQ(output.payload().view().data(), raw.payload().view().data());
  EXPECT_FALSE(output.is_json());
  EXPECT_EQ(run("SELECT * FROM 'a'", "{ \"a\" : 1.0 }"), "{ \"a\" : 1.0 }");
  EXPECT_EQ(run("SELECT VALUE * FROM 'a'", "[1, 2]"), "[1, 2]");
  EXPECT_EQ(run("SELECT * FROM 'a' WHERE a = 1", "{ \"a\" : 1.0 }"), "{ \"a\" : 1.0 }");
  EXPECT_EQ(run("SELECT * FROM 'a'", ""), "");
}

TEST(Query, OutputKnowsItsValue) {
  const Query query = Query::compile("SELECT a AS b FROM 't'", "2016-03-23").value();

  const Output output = **query.evaluate(message(R"({"a": 9007199254740993})"), {});

  EXPECT_TRUE(output.is_json());
  EXPECT_EQ(output.value().find("b")->as_number().text(), "9007199254740993");
}

TEST(Query, NamesItemsWithoutAlias) {
  EXPECT_EQ(run("SELECT a.b, Upper(c), cast(d AS String), 1 + 1 FROM 't'", R"({"a":{"b":1},"c":"x","d":2})"),
            R"({"b":1,"upper":"X","cast":"2","_4":2})");
  EXPECT_EQ(run("SET @v = a SELECT @v, @v.b FROM 't'", R"({"a":{"b":1}})"), R"({"v":{"b":1},"b":1})");
  EXPECT_EQ(run("SELECT {'k-1': a}, b, FROM 't'", R"({"a":1,"b":2})"), R"({"k-1":1,"b":2})");
}

TEST(Query, LaterItemsWinAndDottedAliasesMerge) {
  EXPECT_EQ(run("SELECT *, 2 AS a FROM 't'", R"({"a":1,"b":1})"), R"({"a":2,"b":1})");
  EXPECT_EQ(run("SELECT 2 AS a, * FROM 't'", R"({"a":1})"), R"({"a":1})");
  EXPECT_EQ(run("SELECT 1 AS s.x, 2 AS s.y.z, 3 AS s.y.w FROM 't'", "{}"), R"({"s":{"x":1,"y":{"z":2,"w":3}}})");
  EXPECT_EQ(run("SELECT *, 1 AS s.x FROM 't'", R"({"s":{"y":2}})"), R"({"s":{"y":2,"x":1}})");
}

TEST(Query, ValueIsAKeywordOnlyWhereAnItemFollows) {
  EXPECT_EQ(run("SELECT value FROM 't'", R"({"value":3})"), R"({"value":3})");
  EXPECT_EQ(run("SELECT value * 2 AS v FROM 't'", R"({"value":3})"), R"({"v":6})");
  EXPECT_EQ(run("SELECT value.a FROM 't'", R"({"value":{"a":3}})"), R"({"a":3})");
  EXPECT_EQ(run("SELECT VALUE value FROM 't'", R"({"value":3})"), "3");
  EXPECT_EQ(run("SELECT VALUE missing FROM 't'", "{}"), "");
}

TEST(Query, WhereAcceptsOnlyTrue) {
  EXPECT_EQ(run("SELECT 1 AS a FROM 't' WHERE f", R"({"f":"TRUE"})"), R"({"a":1})");
  for (const char* f : {"1", "null", "\"yes\"", "[true]", "false"}) {
    EXPECT_EQ(run("SELECT 1 AS a FROM 't' WHERE f", "{\"f\":" + std::string(f) + "}"), "no match") << f;
  }
  EXPECT_EQ(run("SELECT 1 AS a FROM 't' WHERE true OR missing", "{}"), "no match");
}

TEST(Query, ComparesTextsWhereTheyLie) {
  const auto matches = [](const std::string& condition, const std::string& payload) {
    return run("SELECT 1 AS r FROM 't' WHERE " + condition, payload) != "no match";
  };
  EXPECT_TRUE(matches("a.b = 'x'", R"({"a":{"b":"x"}})"));
  EXPECT_FALSE(matches("a.b = 'x'", R"({"a":{"b":"y"}})"));
  EXPECT_TRUE(matches("a.b <> 'x'", R"({"a":{"b":"y"}})"));
  EXPECT_FALSE(matches("a.b <> 'x'", R"({"a":{"b":"x"}})"));
  EXPECT_FALSE(matches("a <> 'x'", R"({"b":"y"})"));
  EXPECT_TRUE(matches("a <> '5'", R"({"a":5})"));
  EXPECT_TRUE(matches("a = 'x/y'", R"({"a":"x\/y"})"));
  EXPECT_TRUE(matches("a = 'x'", R"({"\u0061":"\u0078"})"));
  EXPECT_FALSE(matches("a = 'x'", R"({"a":"x","a":"y"})"));
  EXPECT_TRUE(matches("a = 'x'", R"({"a":"x","a":1e5000})"));
}

TEST(Query, PayloadsThatAreNoJsonGiveOnlyAddedMembers) {
  EXPECT_EQ(run("SELECT *, 1 AS a, b FROM 't'", "80"), R"({"a":1})");
  EXPECT_EQ(run("SELECT *, 1 AS a FROM 't'", "{\"a\":2}junk"), R"({"a":1})");
  EXPECT_EQ(run("SELECT *, 1 AS a FROM 't'", std::string(100'000, '[')), R"({"a":1})");
  EXPECT_EQ(run("SELECT encode(*, 'base64') AS e FROM 't'", std::string("\xff\x00", 2)), R"({"e":"/wA="})");
}

TEST(Query, NestedQueriesSeeTheElementOnly) {
  EXPECT_EQ(run("SELECT (SELECT n, outer AS o FROM e) AS r FROM 't'", R"({"outer":1,"e":[{"n":2},{"outer":3}]})"),
            R"({"r":[{"n":2},{"o":3}]})");
  EXPECT_EQ(run("SELECT (SELECT VALUE x + 1 FROM e AS x WHERE x > 1) AS r FROM 't'", R"({"e":[1,2,3]})"),
            R"({"r":[3,4]})");
  EXPECT_EQ(run("SELECT (SELECT a FROM o) AS r, (SELECT a FROM n) AS m FROM 't'", R"({"o":{"a":1,"b":2},"n":5})"),
            R"({"r":{"a":1}})");
}

TEST(Query, TwoVersionsPrintWholeDecimalsTheirWay) {
  EXPECT_EQ(run("SELECT a FROM 't'", R"({"a":10.0})", {}, "2015-10-08"), R"({"a":10.0})");
  EXPECT_EQ(run("SELECT a FROM 't'", R"({"a":10.0})"), R"({"a":10})");
}

TEST(Query, JsonTextSurvives) {
  EXPECT_EQ(run("SELECT a FROM 't'", R"({"a":"\u00e9\ud83d\ude00\ud800\"\\\n\u0000"})"),
            "{\"a\":\"\xC3\xA9\xF0\x9F\x98\x80\xEF\xBF\xBD\\\"\\\\\\n\\u0000\"}");
  EXPECT_EQ(run("SELECT a FROM 't'", R"({"a":1,"a":2,"b":3})"), R"({"a":2})");
  EXPECT_EQ(run("SELECT a FROM 't'", R"({"a":12345678901234567890123456789012})"),
            R"({"a":12345678901234567890123456789012})");
  EXPECT_EQ(run("SELECT a FROM 't'", R"({"a":01})"), "{}");
  EXPECT_EQ(run("SELECT 'it''s' AS a, \"say \"\"x\"\"\" AS b FROM 't'", "{}"), R"({"a":"it's","b":"say \"x\""})");
}

TEST(Query, MessagesThatCostTooMuchEndInAFailure) {
  std::string elements = "1";
  for (int i = 1; i < 2000; ++i) elements += ",1";
  const std::string payload = "{\"a\":[" + elements + "]}";
  EXPECT_EQ(run("SET @a = a SELECT (SELECT (SELECT (SELECT 1 AS x FROM @a) AS y FROM @a) AS z FROM @a) AS r FROM 't'",
                payload),
            "failed: RuleExecutionFailure");

  std::string doubled = "SELECT replace(replace(replace(a, 'x', b), 'x', b), 'x', b) AS r FROM 't'";
  EXPECT_EQ(run(doubled, "{\"a\":\"" + std::string(1000, 'x') + "\",\"b\":\"" + std::string(1000, 'x') + "\"}"),
            "{}");
  EXPECT_EQ(run("SET @a = a SELECT 1 AS b FROM 't'",
                "{\"a\":\"" + std::string(limits::variable_bytes_max, 'x') + "\"}"),
            "failed: RuleExecutionFailure");
  std::string wide = "SELECT [*";
  for (int i = 0; i < 2000; ++i) wide += ",*";
  EXPECT_EQ(run(wide + "] AS r FROM 't'", payload), "failed: RuleExecutionFailure");
}

// Answers each question only when asked again.
class SlowExternal : public FixtureExternal {
 public:
  SlowExternal() : FixtureExternal(Value()) {}
  Result<Value> invoke_lambda(const std::string&, const Value&) const override {
    return Error{std::string(external_pending), "asked"};
  }
};

TEST(Query, ExternalFailuresAbortUnlessCaughtAndPendingOnesAlwaysDo) {
  const FixtureExternal nothing{Value()};
  const SlowExternal slow;
  const std::string call = "aws_lambda('f', *)";
  EXPECT_EQ(run("SELECT " + call + " AS r FROM 't'", "{}"), "failed: RuleExecutionFailure");
  EXPECT_EQ(run("SELECT " + call + " AS r FROM 't'", "{}", {.external = &nothing}),
            "failed: ResourceNotFoundException");
  EXPECT_EQ(run("SELECT get_or_default(" + call + ", 1) AS r FROM 't'", "{}", {.external = &nothing}), R"({"r":1})");
  EXPECT_EQ(run("SELECT get_or_default(" + call + ", 1) AS r FROM 't'", "{}", {.external = &slow}),
            "failed: ExternalPending");
  EXPECT_TRUE(Query::compile("SELECT * FROM 't' WHERE " + call + ".a = 1", "2016-03-23")->calls_external());
  EXPECT_FALSE(Query::compile("SELECT * FROM 't'", "2016-03-23")->calls_external());
}

TEST(Query, RandomnessComesFromTheContext) {
  Context context;
  context.random_bytes = [](std::size_t count) { return std::string(count, '\x80'); };
  EXPECT_EQ(run("SELECT newuuid() AS u, rand() > 0.5 AS r FROM 't'", "{}", context),
            R"({"u":"80808080-8080-4080-8080-808080808080","r":true})");
}

}  // namespace
}  // namespace croft::sql
