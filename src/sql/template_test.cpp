#include "sql/template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace croft::sql {
namespace {

using testing::HasSubstr;

std::string render(std::string_view text, std::string payload, const Context& context = {}) {
  const Result<Template> compiled = Template::compile(text, SqlVersion::v2016_03_23);
  if (!compiled) return "refused: " + compiled.error().message;
  const Result<std::string> out = compiled->render(Message(SharedBytes(std::move(payload))), context);
  return out ? *out : "failed: " + out.error().message;
}

TEST(Template, TextWithoutExpressionsIsConstant) {
  const Template text = Template::compile("plain $ {text}", SqlVersion::v2016_03_23).value();

  EXPECT_TRUE(text.is_constant());
  EXPECT_EQ(*text.render(Message(SharedBytes()), {}), "plain $ {text}");
}

TEST(Template, SplicesTheTextOfEachExpression) {
  Context context;
  context.topic = "device/22/data";
  context.timestamp.ms = 1700000000123;
  EXPECT_EQ(render("cpu-${topic(2)}-${timestamp()}", "{}", context), "cpu-22-1700000000123");
  EXPECT_EQ(render("${topic()}/republish", "{}", context), "device/22/data/republish");
  EXPECT_EQ(render("a${ n + 1 }b${flag}", R"({"n":1.5,"flag":true})"), "a2.5btrue");
  EXPECT_EQ(render("${o}", R"({"o":{"k":[1,null]}})"), R"({"k":[1,null]})");
  EXPECT_EQ(render("$$aws/things/${t}/shadow/update", R"({"t":"x"})"), "$$aws/things/x/shadow/update");
}

TEST(Template, BracesAndQuotesInsideAnExpressionBelongToIt) {
  EXPECT_EQ(render("${get({'a}': '}'}, 'a}')}-${'${x}'}", "{}"), "}-${x}");
}

TEST(Template, TextBehindAnExpressionNeedNotBeSql) {
  EXPECT_EQ(render("${n}'s \"@# -- /* ${n}", R"({"n":1})"), "1's \"@# -- /* 1");
}

TEST(Template, RefusesBrokenExpressionsWithTheirPlace) {
  EXPECT_EQ(render("ab${}", "{}"), "refused: line 1, column 5: expected an expression, found '}'");
  EXPECT_EQ(render("${a", "{}"), "refused: line 1, column 4: expected '}', found the end of the text");
  EXPECT_EQ(render("${nope()}", "{}"), "refused: line 1, column 3: there is no function nope");
  EXPECT_THAT(render("${@v}", "{}"), HasSubstr("@v is not declared"));
}

TEST(Template, UndefinedAndNullFailInsteadOfBeingWritten) {
  EXPECT_EQ(render("x-${missing}", "{}"), "failed: the substitution template ${missing} is undefined");
  EXPECT_EQ(render("x-${a}", R"({"a":null})"), "failed: the substitution template ${a} is undefined");
  EXPECT_EQ(render("x-${a}", "not json"), "failed: the substitution template ${a} is undefined");
}

TEST(Template, SeesTheVariablesOfItsQuery) {
  const Query query = Query::compile("SET @a = n + 1, @b = 'x' SELECT 1 AS one FROM 't'", "2016-03-23").value();
  const Message message{SharedBytes(R"({"n":1})")};
  const Output output = **query.evaluate(message, {});
  const Template text = Template::compile("${@b}-${@a}-${n}", query.version(), &query).value();

  EXPECT_EQ(*text.render(message, {}, output.variables()), "x-2-1");
}

}  // namespace
}  // namespace croft::sql
