#include "rules/external.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rules/actions/action_types.h"
#include "rules/actions/republish.h"
#include "rules/limits.h"
#include "rules/rule.h"
#include "shard/promise.h"

namespace croft::rules {

namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string role = "arn:aws:iam::123456789012:role/r";

// Answers with what it was asked, when the test lets it.
class Services final : public ExternalServices {
 public:
  bool has(std::string_view function) const override { return function != "get_secret"; }

  Task<Result<Answer>> ask(Question question, Asker asker) const override {
    const std::string what = told(question) + " for " + asker.rule_name;
    asked.push_back(what);
    if (gate) {
      const auto open = gate;
      co_await open->wait();
    }
    if (what.find("throw") != std::string::npos) throw std::runtime_error("thrown");
    if (what.find("refuse") != std::string::npos) throw ApiError(Error{"Refused", "refused", 400});
    if (what.find("fail") != std::string::npos) co_return Error{"Failed", "failed", 400};
    if (std::holds_alternative<ReadSecret>(question)) co_return Answer(sql::External::Secret{.string = "s"});
    co_return Answer(sql::read_json(R"({"state":{"n":)" + std::to_string(asked.size()) + "}}").value());
  }

  mutable std::vector<std::string> asked;
  std::shared_ptr<OneShot> gate;

 private:
  static std::string told(const Question& question) {
    if (const auto* call = std::get_if<InvokeFunction>(&question)) return call->function_arn + " " + call->event;
    if (const auto* shadow = std::get_if<ReadShadow>(&question)) return "shadow " + shadow->thing + "/" + shadow->name;
    if (const auto* registry = std::get_if<ReadRegistry>(&question)) return registry->operation + " " + registry->thing;
    if (const auto* item = std::get_if<ReadItem>(&question)) return "item " + item->key.table;
    return "other";
  }
};

class ExternalTest : public testing::Test {
 protected:
  static Firing firing(std::string payload) {
    const broker::MessagePtr message = broker::make_message({.topic = "t", .payload = payload});
    const sql::Message original{SharedBytes(std::move(payload))};
    return {.rule_name = "rule", .message = message, .original = original, .output = sql::Output(original), .topic = "t"};
  }
  Result<std::optional<sql::Output>> run(std::string sql, std::string payload = "{}") {
    const auto query = sql::Query::compile(sql, "2016-03-23").value();
    const Firing fired = firing(std::move(payload));
    std::optional<Result<std::optional<sql::Output>>> result;
    shard.spawn(keep(query, fired, services, result));
    shard.io().poll();
    shard.io().restart();
    if (!result) return Error{"Waiting", "it waits", 500};
    return *result;
  }
  std::string told(const std::string& sql, const std::string& payload = "{}") {
    const auto result = run(sql, payload);
    if (!result) return "error: " + result.error().message;
    return *result ? (*result)->payload().str() : "no match";
  }
  static Task<void> keep(sql::Query query, Firing firing, const Services& services,
                         std::optional<Result<std::optional<sql::Output>>>& out) {
    out = co_await evaluate(query, firing, services);
  }

  Services services;
  Shard shard{0, "device"};
};

}  // namespace

TEST_F(ExternalTest, EachQuestionIsAskedOnceThoughTheStatementIsEvaluatedAgain) {
  EXPECT_EQ(told("SET @a = get_thing_shadow('a', 'r') SELECT @a.state.n AS a, get_thing_shadow('b', 'x', 'r').state.n AS b, "
                 "@a.state.n AS again FROM 't' WHERE get_thing_shadow('c', 'r').state.n > 0"),
            R"({"a":1,"b":3,"again":1})");
  EXPECT_THAT(services.asked, ElementsAre("shadow a/ for rule", "shadow c/ for rule", "shadow b/x for rule"));
}

TEST_F(ExternalTest, WhatSelectAsksIsNotAskedWhenWhereIsNotTrue) {
  EXPECT_EQ(told("SELECT get_thing_shadow('a', 'r') AS a FROM 't' WHERE n = 1"), "no match");
  EXPECT_THAT(services.asked, testing::IsEmpty());
}

TEST_F(ExternalTest, EqualQuestionsAtTwoPlacesAreTwoQuestions) {
  EXPECT_EQ(told("SELECT aws_lambda('f', {'a': 1}).state.n AS x, aws_lambda('f', {'a': 1}).state.n AS y FROM 't'"),
            R"({"x":1,"y":2})");
  EXPECT_THAT(services.asked, ElementsAre(R"(f {"a":1} for rule)", R"(f {"a":1} for rule)"));
}

TEST_F(ExternalTest, RandomValuesAreTheSameInEveryRound) {
  const std::string result =
      told("SELECT newuuid() AS u, aws_lambda('f', newuuid()).state.n AS n, aws_lambda('f', rand()).state.n AS m FROM 't'");

  EXPECT_THAT(result, testing::EndsWith(R"(,"n":1,"m":2})"));
  EXPECT_EQ(services.asked.size(), 2u);
}

TEST_F(ExternalTest, AFailureAbortsUnlessADefaultCatchesIt) {
  EXPECT_EQ(told("SELECT get_thing_shadow('fail', 'r') AS a, 1 AS b FROM 't'"), "error: failed");
  EXPECT_EQ(told("SELECT get_thing_shadow('throw', 'r') AS a FROM 't'"), "error: thrown");
  EXPECT_EQ(told("SELECT get_thing_shadow('refuse', 'r') AS a FROM 't'"), "error: refused");
  EXPECT_EQ(
      told("SELECT get_or_default(get_thing_shadow('fail', 'r'), 'd') AS a, get_thing_shadow('b', 'r').state.n AS b FROM 't'"),
      R"({"a":"d","b":5})");
}

TEST_F(ExternalTest, TheQuestionsOfOneMessageAreBounded) {
  const auto payload = [](std::size_t count) {
    std::string list;
    for (std::size_t i = 0; i < count; ++i) list += list.empty() ? "1" : ",1";
    return R"({"list":[)" + list + "]}";
  };
  const std::string sql = "SELECT (SELECT VALUE aws_lambda('f', 1).state.n FROM list) AS x FROM 't'";

  EXPECT_THAT(told(sql, payload(limits::external_calls_max)), HasSubstr(",32]"));
  EXPECT_THAT(told(sql, payload(limits::external_calls_max + 1)), HasSubstr("more than 32 external functions"));
  EXPECT_EQ(services.asked.size(), 2 * limits::external_calls_max);
}

TEST_F(ExternalTest, AnEventIsBounded) {
  EXPECT_THAT(
      told("SELECT aws_lambda('f', *) AS x FROM 't'", R"({"a":")" + std::string(limits::external_input_bytes_max, 'x') + "\"}"),
      HasSubstr("too large"));
}

TEST_F(ExternalTest, AnEvaluationThatWaitsHoldsUpNothing) {
  services.gate = std::make_shared<OneShot>();
  const auto query = sql::Query::compile("SELECT get_thing_shadow('a', 'r').state.n AS a FROM 't'", "2016-03-23").value();
  const Firing fired = firing("{}");
  std::optional<Result<std::optional<sql::Output>>> result;
  shard.spawn(keep(query, fired, services, result));
  shard.io().poll();
  EXPECT_FALSE(result);

  services.gate->raise();
  while (shard.io().poll() > 0) {
  }

  ASSERT_TRUE(result && *result && **result);
  EXPECT_EQ((**result)->payload().str(), R"({"a":1})");
}

TEST_F(ExternalTest, TemplatesAreRenderedBeforeTheirActionRuns) {
  ActionTypes types;
  types.use(services);
  add_republish_action(types);
  const json::value action = json::parse(R"({"republish":{"topic":"a/${get_thing_shadow('t', 'r').state.n}/${b}","roleArn":")" +
                                         role + R"(","headers":{"contentType":"${aws_lambda('f', 1).state.n}"}}})")
                                 .value();
  const auto compiled = types.compile(action, {.version = sql::SqlVersion::v2016_03_23, .query = nullptr});
  ASSERT_TRUE(compiled) << compiled.error().message;
  std::vector<std::string> sent;
  Firing fired = firing(R"({"b":"x"})");
  fired.publish = [&](const broker::MessagePtr& message, std::function<void()> kept) {
    sent.push_back(std::string(message->topic()) + " " + message->properties().get()->content_type.value_or(""));
    kept();
  };

  shard.spawn([](const Action& action, const Firing& firing) -> Task<void> {
    const Result<void> done = co_await action.run(firing);
    EXPECT_TRUE(done);
  }(**compiled, fired));
  while (shard.io().poll() > 0) {
  }

  EXPECT_THAT(sent, ElementsAre("a/1/x 2"));
}

TEST_F(ExternalTest, WithoutServicesOrWithoutTheFunctionARuleIsRefused) {
  ActionTypes none, some;
  some.use(services);
  const auto refusal = [](const std::string& sql, const ActionTypes& types) {
    const auto rule = Rule::compile({.name = "r", .sql = sql, .sql_version = "2016-03-23"}, types);
    return rule ? std::string("taken") : rule.error().code + ": " + rule.error().message;
  };

  EXPECT_EQ(refusal("SELECT get_thing_shadow('a', 'r') FROM 't'", none),
            "InvalidRequestException: The function get_thing_shadow is not supported by this endpoint.");
  EXPECT_EQ(refusal("SELECT get_thing_shadow('a', 'r') FROM 't'", some), "taken");
  EXPECT_EQ(refusal("SELECT get_secret('a', 'SecretString', 'r') FROM 't'", some),
            "InvalidRequestException: The function get_secret is not supported by this endpoint.");
}

}  // namespace croft::rules
