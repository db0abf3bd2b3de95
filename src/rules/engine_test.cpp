#include "rules/engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rules/actions/republish.h"
#include "rules/limits.h"

namespace croft::rules {

namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class EngineTest : public testing::Test {
 protected:
  void SetUp() override { reopen(); }
  void reopen(bool with_actions = true) {
    ActionTypes types;
    if (with_actions) add_republish_action(types);
    engine = std::make_unique<Engine>(*store, Instance{.region = "eu-central-1", .account_id = "123456789012"},
                                      std::move(types));
  }
  static RuleDefinition rule(std::string name, const std::string& from, bool disabled = false) {
    RuleDefinition definition{.name = std::move(name),
                              .sql = "SELECT * FROM '" + from + "'",
                              .sql_version = "2016-03-23",
                              .disabled = disabled};
    definition.actions =
        json::parse(R"([{"republish":{"topic":"out","roleArn":"arn:aws:iam::123456789012:role/r"}}])")
            .value()
            .get_array();
    return definition;
  }
  std::vector<std::string> matched(std::string_view topic) {
    std::vector<std::string> names;
    for (const RulePtr& found : engine->rules()->match(topic)) names.push_back(found->definition().name);
    EXPECT_TRUE(names.empty() || engine->rules()->matches_any(topic));
    return names;
  }

  std::unique_ptr<Store> store = Store::open("", Store::Durability::os).value();
  std::unique_ptr<Engine> engine;
};

}  // namespace

TEST_F(EngineTest, ACreatedRuleIsShownListedAndFires) {
  ASSERT_TRUE(engine->create(rule("b", "x/+")));
  ASSERT_TRUE(engine->create(rule("a", "y")));

  const RuleDefinition shown = engine->get("b").value();
  EXPECT_EQ(shown.sql, "SELECT * FROM 'x/+'");
  EXPECT_GT(shown.created_at.ms, 0);
  ASSERT_EQ(engine->list().size(), 2u);
  EXPECT_EQ(engine->list()[0].name, "a");
  EXPECT_EQ(engine->arn("b"), "arn:aws:iot:eu-central-1:123456789012:rule/b");
  EXPECT_THAT(matched("x/1"), ElementsAre("b"));
  EXPECT_THAT(matched("x/1/2"), IsEmpty());
}

TEST_F(EngineTest, ANameCanBeTakenOnce) {
  ASSERT_TRUE(engine->create(rule("a", "x")));

  const auto again = engine->create(rule("a", "y"));

  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, "ResourceAlreadyExistsException");
  EXPECT_EQ(again.error().http_status, 409);
  EXPECT_EQ(again.error().details,
            R"({"resourceId":"a","resourceArn":"arn:aws:iot:eu-central-1:123456789012:rule/a"})");
  EXPECT_THAT(matched("y"), IsEmpty());
}

// Source: case of the AWS IoT API, "GetTopicRule": a rule that does not exist is answered as one that is not yours.
TEST_F(EngineTest, AMissingRuleIsAnsweredAsDenied) {
  const Error answers[] = {engine->get("nobody").error(), engine->remove("nobody").error(),
                           engine->set_enabled("nobody", true).error(), engine->replace(rule("nobody", "x")).error()};
  for (const Error& error : answers) {
    EXPECT_EQ(error.code, "UnauthorizedException");
    EXPECT_EQ(error.message, "Access to topic rule 'nobody' was denied");
    EXPECT_EQ(error.http_status, 401);
  }
}

TEST_F(EngineTest, ReplaceKeepsTheDayOfCreation) {
  ASSERT_TRUE(engine->create(rule("a", "x")));
  const Timestamp created = engine->get("a").value().created_at;

  ASSERT_TRUE(engine->replace(rule("a", "y")));

  EXPECT_EQ(engine->get("a").value().created_at, created);
  EXPECT_THAT(matched("x"), IsEmpty());
  EXPECT_THAT(matched("y"), ElementsAre("a"));
}

TEST_F(EngineTest, ARuleThatDoesNotCompileChangesNothing) {
  ASSERT_TRUE(engine->create(rule("a", "x")));
  RuleDefinition broken = rule("a", "y");
  broken.sql = "SELECT FROM";

  EXPECT_EQ(engine->replace(broken).error().code, "SqlParseException");
  broken.name = "b";
  EXPECT_EQ(engine->create(broken).error().code, "SqlParseException");

  EXPECT_THAT(matched("x"), ElementsAre("a"));
  EXPECT_EQ(engine->list().size(), 1u);
}

TEST_F(EngineTest, ADisabledRuleIsKeptAndDoesNotFire) {
  ASSERT_TRUE(engine->create(rule("a", "x", true)));
  EXPECT_THAT(matched("x"), IsEmpty());
  EXPECT_THAT(matched("$aws/rules/a/x"), IsEmpty());

  ASSERT_TRUE(engine->set_enabled("a", true));
  EXPECT_THAT(matched("x"), ElementsAre("a"));
  EXPECT_FALSE(engine->get("a").value().disabled);
  ASSERT_TRUE(engine->set_enabled("a", false));
  EXPECT_THAT(matched("x"), IsEmpty());
}

TEST_F(EngineTest, ARemovedRuleIsGone) {
  ASSERT_TRUE(engine->create(rule("a", "x")));

  ASSERT_TRUE(engine->remove("a"));

  EXPECT_THAT(matched("x"), IsEmpty());
  EXPECT_FALSE(engine->get("a"));
  reopen();
  EXPECT_THAT(engine->list(), IsEmpty());
}

TEST_F(EngineTest, RulesSurviveARestart) {
  ASSERT_TRUE(engine->create(rule("a", "x")));
  ASSERT_TRUE(engine->create(rule("b", "x", true)));
  const json::object before = engine->get("a").value().to_json();

  reopen();

  EXPECT_EQ(engine->get("a").value().to_json(), before);
  EXPECT_TRUE(engine->get("b").value().disabled);
  EXPECT_THAT(matched("x"), ElementsAre("a"));
}

TEST_F(EngineTest, AStoredRuleThatNoLongerCompilesStaysOff) {
  ASSERT_TRUE(engine->create(rule("a", "x")));

  reopen(false);

  EXPECT_THAT(matched("x"), IsEmpty());
  EXPECT_EQ(engine->list().size(), 1u);
  reopen();
  EXPECT_THAT(matched("x"), ElementsAre("a"));
}

TEST_F(EngineTest, TheThousandthRuleIsTheLast) {
  reopen();
  for (std::size_t i = 0; i < limits::rules_max; ++i) {
    Batch batch;
    const RuleDefinition stored = rule("r" + std::to_string(i), "x");
    batch.put(Family::registry, "rule/" + stored.name, json::dump(stored.to_json()));
    store->write(std::move(batch));
  }
  reopen();
  ASSERT_EQ(engine->list().size(), limits::rules_max);

  const auto refused = engine->create(rule("one_more", "x"));

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "LimitExceededException");
}

TEST_F(EngineTest, EveryRuleWhoseFilterMatchesIsFound) {
  for (const auto& [name, from] :
       std::initializer_list<std::pair<const char*, const char*>>{{"exact", "a/b"},
                                                                  {"twin", "a/b"},
                                                                  {"plus", "a/+"},
                                                                  {"hash", "a/#"},
                                                                  {"all", "#"},
                                                                  {"presence", "$aws/events/presence/#"}})
    ASSERT_TRUE(engine->create(rule(name, from)));

  EXPECT_THAT(matched("a/b"), UnorderedElementsAre("exact", "twin", "plus", "hash", "all"));
  EXPECT_THAT(matched("a"), ElementsAre("all"));
  EXPECT_THAT(matched("$aws/events/presence/connected/x"), ElementsAre("presence"));
}

TEST_F(EngineTest, BasicIngestFindsTheNamedRuleAlone) {
  ASSERT_TRUE(engine->create(rule("a", "x")));
  ASSERT_TRUE(engine->create(rule("all", "#")));
  ASSERT_TRUE(engine->create(rule("reserved", "$aws/#")));
  RuleDefinition without_from = rule("direct", "");
  without_from.sql = "SELECT *";
  ASSERT_TRUE(engine->create(without_from));

  EXPECT_THAT(matched("$aws/rules/a/any/thing"), ElementsAre("a"));
  EXPECT_THAT(matched("$aws/rules/a"), ElementsAre("a"));
  EXPECT_THAT(matched("$aws/rules/direct/x"), ElementsAre("direct"));
  EXPECT_THAT(matched("$aws/rules/unknown/x"), IsEmpty());
  EXPECT_THAT(matched("x"), UnorderedElementsAre("a", "all"));
}

// Sets share the index of what did not change; past some hundred changes it is made anew.
TEST_F(EngineTest, ManyChangesShowAtOnceEachOfThem) {
  for (int i = 0; i < 600; ++i) {
    const std::string name = "r" + std::to_string(i);
    ASSERT_TRUE(engine->create(rule(name, "many/" + name)));
    EXPECT_THAT(matched("many/" + name), ElementsAre(name));
    EXPECT_THAT(matched("$aws/rules/" + name + "/x"), ElementsAre(name));
  }
  for (int i = 0; i < 600; ++i) {
    const std::string name = "r" + std::to_string(i), topic = "many/" + name;
    switch (i % 3) {
      case 0:
        ASSERT_TRUE(engine->remove(name));
        EXPECT_THAT(matched(topic), IsEmpty());
        EXPECT_FALSE(engine->rules()->matches_any(topic));
        EXPECT_THAT(matched("$aws/rules/" + name + "/x"), IsEmpty());
        break;
      case 1:
        ASSERT_TRUE(engine->replace(rule(name, "other/" + name)));
        EXPECT_THAT(matched(topic), IsEmpty());
        EXPECT_THAT(matched("other/" + name), ElementsAre(name));
        break;
      default:
        ASSERT_TRUE(engine->set_enabled(name, false));
        EXPECT_THAT(matched(topic), IsEmpty());
        ASSERT_TRUE(engine->set_enabled(name, true));
        EXPECT_THAT(matched(topic), ElementsAre(name));
    }
  }
  EXPECT_THAT(matched("many/r2"), ElementsAre("r2"));
  EXPECT_EQ(engine->list().size(), 400u);
}

TEST_F(EngineTest, CountersStayWhenARuleIsReplaced) {
  ASSERT_TRUE(engine->create(rule("a", "x")));
  const RulePtr first = engine->rules()->match("x")[0];
  RuleCounters::add(first->counters().topic_match);
  RuleCounters::add(first->outcomes(*first->actions()[0]).failure);

  ASSERT_TRUE(engine->replace(rule("a", "y")));
  const RulePtr second = engine->rules()->match("y")[0];
  RuleCounters::add(second->counters().topic_match);
  RuleCounters::add(second->outcomes(*second->actions()[0]).success);

  const Engine::Status status = engine->status("a").value();
  EXPECT_EQ(status.counters->topic_match, 2u);
  ASSERT_EQ(status.counters->action_totals().size(), 1u);
  EXPECT_EQ(status.counters->action_totals()[0].action, "RepublishAction");
  EXPECT_EQ(status.counters->action_totals()[0].success, 1u);
  EXPECT_EQ(status.counters->action_totals()[0].failure, 1u);
  ASSERT_TRUE(engine->remove("a"));
  ASSERT_TRUE(engine->create(rule("a", "x")));
  EXPECT_EQ(engine->status("a")->counters->topic_match, 0u);
  EXPECT_FALSE(engine->status("b"));
}

TEST_F(EngineTest, ARuleThatDoesNotCompileAnyMoreSaysWhy) {
  ASSERT_TRUE(engine->create(rule("a", "x")));
  reopen(false);
  const Engine::Status status = engine->status("a").value();
  EXPECT_EQ(status.compiled, nullptr);
  EXPECT_NE(status.problem, "");
  EXPECT_THAT(matched("x"), IsEmpty());
}

TEST(Engine, TheNumberOfRulesIsASetting) {
  const std::unique_ptr<Store> store = Store::open("", Store::Durability::os).value();
  Engine engine(*store, {}, {}, 1);
  ASSERT_TRUE(engine.create({.name = "a", .sql = "SELECT * FROM 'x'"}));
  EXPECT_EQ(engine.create({.name = "b", .sql = "SELECT * FROM 'x'"}).error().message,
            "The number of rules exceeds the limit of 1.");
}

}  // namespace croft::rules
