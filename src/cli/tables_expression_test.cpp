#include "cli/tables_expression.h"

#include <gtest/gtest.h>

namespace croft::cli {
namespace {

const KeyTypes keys = {{"id", "S"}, {"time", "N"}, {"blob", "B"}};

// The expression with its placeholders filled in again: names as they are, values as DynamoDB JSON.
std::string filled(const Expressions& expressions, const Result<std::string>& text) {
  if (!text) return text.error().message;
  json::object request;
  expressions.add_to(request);
  std::string out;
  for (std::size_t at = 0; at < text->size();) {
    const char c = (*text)[at];
    const std::size_t end = std::min(text->find_first_not_of("0123456789", at + 1), text->size());
    if (c != '#' && c != ':') {
      out += (*text)[at++];
      continue;
    }
    const json::value& all = request.at(c == '#' ? "ExpressionAttributeNames" : "ExpressionAttributeValues");
    const json::value& one = all.as_object().at(text->substr(at, end - at));
    out += c == '#' ? std::string(one.get_string()) : json::dump(one);
    at = end;
  }
  return out;
}

std::string where(std::string_view text) {
  Expressions expressions(keys);
  const auto made = expressions.condition(text);
  return filled(expressions, made);
}

std::string key(std::string_view text) {
  Expressions expressions(keys);
  const auto made = expressions.key_condition(text);
  return filled(expressions, made);
}

TEST(Conditions, AreComparisons) {
  EXPECT_EQ(where("age > 3"), R"(age > {"N":"3"})");
  EXPECT_EQ(where("age>=-3.5"), R"(age >= {"N":"-3.5"})");
  EXPECT_EQ(where("name != 'O''Brien and sons'"), R"(name <> {"S":"O'Brien and sons"})");
  EXPECT_EQ(where("name=\"3\""), R"(name = {"S":"3"})");
  EXPECT_EQ(where("state = open"), R"(state = {"S":"open"})");
  EXPECT_EQ(where("ok = true"), R"(ok = {"BOOL":true})");
  EXPECT_EQ(where("gone = null"), R"(gone = {"NULL":true})");
  EXPECT_EQ(where("a.b[2].c-d < 1"), R"(a.b[2].c-d < {"N":"1"})");
  EXPECT_EQ(where("`a b.c` = `other`"), "a b.c = other");
}

TEST(Conditions, AreJoined) {
  EXPECT_EQ(where("a = 1 and not (b = 2 OR c = 3)"), R"(a = {"N":"1"} AND NOT (b = {"N":"2"} OR c = {"N":"3"}))");
  EXPECT_EQ(where("android = 1"), R"(android = {"N":"1"})");
}

TEST(Conditions, HaveFunctions) {
  EXPECT_EQ(where("begins_with(name, A)"), R"(begins_with(name, {"S":"A"}))");
  EXPECT_EQ(where("exists(a.b) and missing(c)"), "attribute_exists(a.b) AND attribute_not_exists(c)");
  EXPECT_EQ(where("type(time, N)"), R"(attribute_type(time, {"S":"N"}))");
  EXPECT_EQ(where("size(id) > 2"), R"(size(id) > {"N":"2"})");
  EXPECT_EQ(where("n between 1 and 5"), R"(n BETWEEN {"N":"1"} AND {"N":"5"})");
  EXPECT_EQ(where("n in (1, two, 'three')"), R"(n IN ({"N":"1"}, {"S":"two"}, {"S":"three"}))");
  EXPECT_EQ(where("size = 2"), R"(size = {"N":"2"})");
}

TEST(Conditions, TakeTheTypesOfKeys) {
  EXPECT_EQ(where("id = 5"), R"(id = {"S":"5"})");
  EXPECT_EQ(where("time = '5'"), R"(time = {"N":"5"})");
  EXPECT_EQ(where("blob = AP8="), R"(blob = {"B":"AP8="})");
  EXPECT_EQ(where("id.part = 5"), R"(id.part = {"N":"5"})");
}

TEST(Conditions, TellWhereTheyAreWrong) {
  EXPECT_EQ(where("age >"), "'age >', character 6: expected a value");
  EXPECT_EQ(where("age"), "'age', character 4: expected =, !=, <, <=, >, >=, between or in");
  EXPECT_EQ(where("age > 3 age"), "'age > 3 age', character 9: expected and, or, or the end");
  EXPECT_EQ(where("(a = 1"), "'(a = 1', character 7: expected )");
  EXPECT_EQ(where("a = 'x"), "'a = 'x', character 7: expected a closing '");
  EXPECT_EQ(where("time = x"), "'time = x', character 9: a value of type N is needed here");
  EXPECT_EQ(where("a[x] = 1"), "'a[x] = 1', character 3: expected a number and ]");
  EXPECT_EQ(where("= 1"), "'= 1', character 1: expected the name of an attribute");
  EXPECT_EQ(where(std::string(60, '(')).find("too many parentheses") == std::string::npos, false);
}

TEST(KeyConditions, TakeAllThatFollowsTheSign) {
  EXPECT_EQ(key("id=a b, c=d"), R"(id = {"S":"a b, c=d"})");
  EXPECT_EQ(key("time>=5"), R"(time >= {"N":"5"})");
  EXPECT_EQ(key("begins_with(id, a b)"), "'begins_with(id, a b)', character 19: expected )");
  EXPECT_EQ(key("begins_with(id, 'a b')"), R"(begins_with(id, {"S":"a b"}))");
  EXPECT_EQ(key("time between 1 and 2"), R"(time BETWEEN {"N":"1"} AND {"N":"2"})");
}

TEST(Expressions, ShareTheirPlaceholders) {
  Expressions expressions(keys);
  EXPECT_EQ(expressions.condition("a = 1 and b = 2").value(), "#0 = :0 AND #1 = :1");
  EXPECT_EQ(expressions.projection("b, a.c").value(), "#1, #0.#2");
  EXPECT_EQ(expressions.assignment("b = 5", " = ").value(), "#1 = :2");
}

}  // namespace
}  // namespace croft::cli
