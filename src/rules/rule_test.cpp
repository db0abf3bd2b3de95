#include "rules/rule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rules/actions/republish.h"
#include "rules/limits.h"

namespace croft::rules {

namespace {

using testing::HasSubstr;

json::object payload(std::string_view text) {
  return json::parse(text).value().get_object();
}

Result<RuleDefinition> read(std::string_view text, std::string name = "rule") {
  return RuleDefinition::from_payload(std::move(name), payload(text));
}

constexpr const char* role = "arn:aws:iam::123456789012:role/iot";

std::string republish(std::string_view topic) {
  return R"({"republish":{"topic":")" + std::string(topic) + R"(","roleArn":")" + role + R"("}})";
}

std::string rule(std::string_view sql, std::string_view actions) {
  return R"({"sql":")" + std::string(sql) + R"(","actions":[)" + std::string(actions) + "]}";
}

Result<RulePtr> compile(const std::string& text) {
  static const ActionTypes types = [] {
    ActionTypes made;
    add_republish_action(made);
    return made;
  }();
  auto definition = read(text);
  if (!definition) return definition.error();
  return Rule::compile(*definition, types);
}

}  // namespace

TEST(RuleDefinition, ReadsWhatCreateTopicRuleSends) {
  const auto definition =
      read(R"({"sql":"SELECT * FROM 'a'","description":"d","ruleDisabled":true,"awsIotSqlVersion":"2016-03-23",)"
           R"("actions":[{"lambda":{}}],"errorAction":{"republish":{}}})",
           "My_Rule_1")
          .value();

  EXPECT_EQ(definition.name, "My_Rule_1");
  EXPECT_EQ(definition.sql, "SELECT * FROM 'a'");
  EXPECT_EQ(definition.description, "d");
  EXPECT_TRUE(definition.disabled);
  EXPECT_EQ(definition.sql_version, "2016-03-23");
  EXPECT_EQ(definition.actions.size(), 1u);
  EXPECT_TRUE(definition.error_action.has_value());
}

TEST(RuleDefinition, AbsentMembersHaveAwssDefaults) {
  const auto definition = read(R"({"sql":"SELECT * FROM 'a'","actions":[],"errorAction":null})").value();

  EXPECT_EQ(definition.sql_version, "2015-10-08");
  EXPECT_FALSE(definition.disabled);
  EXPECT_EQ(definition.description, "");
  EXPECT_FALSE(definition.error_action.has_value());
}

TEST(RuleDefinition, NamesAreLettersDigitsAndUnderscores) {
  const std::string good = R"({"sql":"SELECT * FROM 'a'","actions":[]})";

  EXPECT_TRUE(read(good, std::string(128, 'x')));
  for (const std::string& name : {std::string(), std::string("a-b"), std::string("a b"), std::string("a/b"),
                                  std::string("\xC3\xA9"), std::string(129, 'x')}) {
    const auto refused = read(good, name);
    ASSERT_FALSE(refused) << name;
    EXPECT_EQ(refused.error().code, "InvalidRequestException");
    EXPECT_EQ(refused.error().http_status, 400);
  }
}

TEST(RuleDefinition, RefusesWrongMembers) {
  for (const char* text : {R"({})", R"({"sql":1,"actions":[]})", R"({"sql":null,"actions":[]})",
                           R"({"sql":"SELECT * FROM 'a'"})", R"({"sql":"SELECT * FROM 'a'","actions":{}})",
                           R"({"sql":"SELECT * FROM 'a'","actions":[],"errorAction":[]})"}) {
    const auto refused = read(text);
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().code, "InvalidRequestException") << text;
  }
}

TEST(RuleDefinition, TenActionsAnd128KilobytesAreTheMost) {
  std::string actions = "{}";
  for (std::size_t i = 1; i < limits::actions_max; ++i) actions += ",{}";
  EXPECT_TRUE(read(rule("SELECT * FROM 'a'", actions)));
  EXPECT_FALSE(read(rule("SELECT * FROM 'a'", actions + ",{}")));

  EXPECT_TRUE(
      read(R"({"sql":"x","actions":[],"description":")" + std::string(limits::rule_bytes_max - 1'000, 'd') + "\"}"));
  EXPECT_FALSE(read(R"({"sql":"x","actions":[],"description":")" + std::string(limits::rule_bytes_max, 'd') + "\"}"));
}

TEST(RuleDefinition, ItsJsonReadsBackEqual) {
  auto definition =
      read(R"({"sql":"SELECT * FROM 'a'","description":"d","ruleDisabled":true,"awsIotSqlVersion":"2016-03-23",)"
           R"("actions":[{"lambda":{"functionArn":"arn"}}],"errorAction":{"republish":{"topic":"t"}}})")
          .value();
  definition.created_at = {1'573'002'230'000};

  const json::object document = definition.to_json();

  EXPECT_EQ(json::find(document, "createdAt")->to_number<double>(), 1'573'002'230.0);
  auto again = RuleDefinition::from_payload("rule", document).value();
  again.created_at = definition.created_at;
  EXPECT_EQ(again.to_json(), document);
}

TEST(Rule, CompilesItsStatementActionsAndErrorAction) {
  const auto compiled = compile(R"({"sql":"SELECT * FROM 'a/#'","actions":[)" + republish("b") + "," +
                                republish("${topic(2)}") + R"(],"errorAction":)" + republish("errors") + "}")
                            .value();

  EXPECT_EQ(compiled->query().topic_filter(), "a/#");
  ASSERT_EQ(compiled->actions().size(), 2u);
  EXPECT_EQ(compiled->actions()[1]->name(), "RepublishAction");
  EXPECT_EQ(compiled->actions()[1]->resource(), "${topic(2)}");
  ASSERT_NE(compiled->error_action(), nullptr);
  EXPECT_EQ(compiled->error_action()->resource(), "errors");
}

TEST(Rule, WhatCannotRunIsRefusedWithAwssCode) {
  const std::pair<std::string, const char*> refused[] = {
      {rule("SELEKT * FROM 'a'", ""), "SqlParseException"},
      {rule("SELECT no_such_function(1) FROM 'a'", ""), "SqlParseException"},
      {R"({"sql":"SELECT get_thing_shadow('x', 'y') FROM 'a'","awsIotSqlVersion":"2016-03-23","actions":[]})",
       "InvalidRequestException"},
      {rule("SELECT * FROM '$aws/rules/x/y'", ""), "InvalidRequestException"},
      {R"({"sql":"SELECT * FROM 'a'","awsIotSqlVersion":"1999-01-01","actions":[]})", "InvalidRequestException"},
      {rule("SELECT * FROM 'a'", R"({"kafka":{}})"), "InvalidRequestException"},
      {rule("SELECT * FROM 'a'", "{}"), "InvalidRequestException"},
      {rule("SELECT * FROM 'a'", "1"), "InvalidRequestException"},
      {rule("SELECT * FROM 'a'", R"({"republish":1})"), "InvalidRequestException"},
      {rule("SELECT * FROM 'a'", R"({"republish":{"topic":"b"},"lambda":{}})"), "InvalidRequestException"},
      {rule("SELECT * FROM 'a'", R"({"republish":{"topic":"b"}})"), "InvalidRequestException"},
      {rule("SELECT * FROM 'a'", R"({"republish":{"topic":"b","roleArn":"role"}})"), "InvalidRequestException"},
      {rule("SELECT * FROM 'a'", R"({"republish":{"topic":"b","roleArn":"arn:aws:iam::1:role/r","qos":2}})"),
       "InvalidRequestException"},
      {rule("SELECT * FROM 'a'", republish("${")), "SqlParseException"},
      {R"({"sql":"SELECT * FROM 'a'","actions":[],"errorAction":{"kafka":{}}})", "InvalidRequestException"},
  };
  for (const auto& [text, code] : refused) {
    const auto result = compile(text);
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error().code, code) << text << ": " << result.error().message;
    EXPECT_EQ(result.error().http_status, 400) << text;
  }
}

}  // namespace croft::rules
