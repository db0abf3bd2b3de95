// What the reference cases leave open. One line for each: expression, result as JSON ("" for Undefined).
#include <gtest/gtest.h>

#include "sql/functions/md2.h"
#include "sql/query.h"
#include "text/encoding.h"

namespace croft::sql {
namespace {

std::string value_of(const std::string& expression, std::string payload = "{}") {
  const Result<Query> query = Query::compile("SELECT VALUE (" + expression + ") FROM 't'", "2016-03-23");
  if (!query) return "refused: " + query.error().message;
  const Result<std::optional<Output>> output = query->evaluate(Message(SharedBytes(std::move(payload))), {});
  return output ? (*output)->payload().str() : "failed";
}

TEST(MathFunctions, GiveUndefinedWhereThereIsNoNumber) {
  EXPECT_EQ(value_of("sqrt(-1)"), "");
  EXPECT_EQ(value_of("ln(0)"), "");
  EXPECT_EQ(value_of("power(10, 1000)"), "");
  EXPECT_EQ(value_of("bitand(1e40, 1)"), "");
  EXPECT_EQ(value_of("1 / 0"), "");
  EXPECT_EQ(value_of("-'5'"), "-5");
  EXPECT_EQ(value_of("(75 - 32) * 5 / 9"), "23.88888888888889");
  EXPECT_EQ(value_of("bitnot(13)"), "-14");
}

TEST(StringFunctions, CountCharactersNotBytes) {
  EXPECT_EQ(value_of("substring('a€b', 1, 2)"), "\"€\"");
  EXPECT_EQ(value_of("indexof('€€b', 'b')"), "2");
  EXPECT_EQ(value_of("get('a€b', 1)"), "\"€\"");
  EXPECT_EQ(value_of("length('😀')"), "1");
  EXPECT_EQ(value_of("upper('éλжa1ß')"), "\"ÉΛЖA1ß\"");
  EXPECT_EQ(value_of("lower('ÉΛЖA1')"), "\"éλжa1\"");
}

TEST(StringFunctions, HandleTheEdges) {
  EXPECT_EQ(value_of("indexof('abc', 'x')"), "-1");
  EXPECT_EQ(value_of("replace('ab', '', '-')"), "\"-a-b-\"");
  EXPECT_EQ(value_of("replace('', '', '-')"), "\"-\"");
  EXPECT_EQ(value_of("concat(1)"), "1");
  EXPECT_EQ(value_of("concat('a', NULL)"), "");
  EXPECT_EQ(value_of("concat([1], missing)"), "");
  EXPECT_EQ(value_of("trim('   ')"), "\"\"");
}

TEST(RegexpFunctions, FollowJava) {
  EXPECT_EQ(value_of("regexp_replace('aab', 'a*', '-')"), "\"--b-\"");
  EXPECT_EQ(value_of("regexp_replace('ab', '(a)(b)', '$2$1$10')"), "\"baa0\"");
  EXPECT_EQ(value_of("regexp_replace('a', 'a', '$1')"), "");
  EXPECT_EQ(value_of("regexp_replace('a', 'a', '\\$1')"), "\"$1\"");
  EXPECT_EQ(value_of("regexp_replace('é1', '', '.')"), "\".é.1.\"");
  EXPECT_EQ(value_of("regexp_substr('abc', 'x')"), "");
  EXPECT_EQ(value_of("regexp_matches('abc', p)", R"({"p":"^a.c$"})"), "true");
  EXPECT_EQ(value_of("regexp_matches('abc', p)", R"-({"p":"(?=a)"})-"), "");
}

TEST(TypeFunctions, TransformKeepsOnlyObjects) {
  EXPECT_EQ(value_of("transform('enrichArray', {'k': 1}, [{'a': 1}, 5, {'k': 2}])"), R"([{"a":1,"k":1},{"k":1}])");
  EXPECT_EQ(value_of("transform('enrichArray', 1, [{'a': 1}])"), "");
}

TEST(EncodingFunctions, DecodeOnlyText) {
  EXPECT_EQ(value_of("decode('/wA=', 'base64')"), "null");
  EXPECT_EQ(value_of("decode('ODA=', 'base64') + 1"), "81");
  EXPECT_EQ(value_of("decode('ODA=', 'hex')"), "");
  EXPECT_EQ(text::hex(md2("")), "8350e5a3e24c153df2275c9f80692773");
  EXPECT_EQ(text::hex(md2("12345678901234567890123456789012345678901234567890123456789012345678901234567890")),
            "d5976f79d83d3a0dc9806c3c66f3efd8");
}

TEST(ContextFunctions, TopicLevelsCountFromOne) {
  EXPECT_EQ(value_of("topic(0)"), "");
  EXPECT_EQ(value_of("topic(2)"), "");
  EXPECT_EQ(value_of("topic('x')"), "");
}

}  // namespace
}  // namespace croft::sql
