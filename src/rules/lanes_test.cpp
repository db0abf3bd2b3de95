#include "rules/lanes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <map>

#include "rules/actions/republish.h"
#include "rules/limits.h"
#include "shard/promise.h"
#include "text/encoding.h"

namespace croft::rules {

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// What the probe actions of a test did, and how they are to behave.
struct Probe {
  std::vector<std::string> log;                           // "begin ACTION CLIENT PAYLOAD", "end ..."
  std::map<std::string, std::shared_ptr<OneShot>> gates;  // actions that wait until theirs is raised
  std::map<std::string, int> failing;                     // actions that fail: 1 by result, 2 by exception
  std::vector<std::string> payloads;                      // outgoing
};

class ProbeAction final : public Action {
 public:
  ProbeAction(Probe& probe, std::string id) : probe_(probe), id_(std::move(id)) {}
  std::string name() const override { return "ProbeAction"; }
  std::string resource() const override { return "resource-" + id_; }

  Task<Result<void>> run(const Firing& firing) const override {
    const std::string what =
        id_ + " " + firing.message->client_id() + " " + std::string(firing.message->payload());
    probe_.log.push_back("begin " + what);
    probe_.payloads.push_back(firing.output.payload().str());
    const auto gate = probe_.gates.find(id_);
    if (gate != probe_.gates.end()) {
      const auto open = gate->second;
      co_await open->wait();
    }
    probe_.log.push_back("end " + what);
    const auto failing = probe_.failing.find(id_);
    if (failing == probe_.failing.end()) co_return Result<void>();
    Error error("ProbeException", "the probe " + id_ + " failed", 500);
    if (failing->second == 2) throw ApiError(error);
    co_return error;
  }

 private:
  Probe& probe_;
  std::string id_;
};

class LanesTest : public testing::Test {
 protected:
  LanesTest() {
    ActionTypes types;
    add_republish_action(types);
    types.add("probe",
              [this](const json::object& parameters, const ActionContext&) -> Result<std::unique_ptr<Action>> {
                return std::make_unique<ProbeAction>(probe, std::string(json::string_or(parameters, "id", "")));
              });
    engine = std::make_unique<Engine>(*store, Instance{.account_id = "123456789012"}, std::move(types));
    lanes = std::make_unique<Lanes>(
        shard, *engine, log, [this](const broker::MessagePtr& message, auto kept) { published(message, std::move(kept)); },
        &traces);
  }
  void published(const broker::MessagePtr& message, std::function<void()> kept) {
    republished.push_back(message);
    if (loop) lanes->on_message(message, {});
    if (keeps_at_once) kept();
    else unkept.push_back(std::move(kept));
  }
  static std::string probe_action(std::string_view id) { return R"({"probe":{"id":")" + std::string(id) + R"("}})"; }
  static std::string republish_action(std::string_view topic) {
    return R"({"republish":{"topic":")" + std::string(topic) +
           R"(","qos":1,"roleArn":"arn:aws:iam::123456789012:role/r"}})";
  }
  void create(std::string name, std::string sql, std::string_view actions, std::string_view error_action = "") {
    RuleDefinition rule{.name = std::move(name), .sql = std::move(sql), .sql_version = "2016-03-23"};
    rule.actions = json::parse("[" + std::string(actions) + "]").value().get_array();
    if (!error_action.empty()) rule.error_action = json::parse(error_action).value().get_object();
    const auto created = engine->create(rule);
    ASSERT_TRUE(created) << created.error().message;
  }
  void publish(std::string client_id, std::string payload, std::string topic = "t",
               std::function<void()> finished = {}) {
    lanes->on_message(broker::make_message({.topic = topic,
                                            .payload = payload,
                                            .source = broker::make_source(std::move(client_id), "principal", "203.0.113.9")}),
                      std::move(finished));
  }
  // A message of a traced event; its trace.
  trace::Id publish_traced(std::string payload) {
    const trace::Id id = traces.begin({.client_id = "alice", .event = "connected", .step = "connected"}).id();
    lanes->on_message(
        broker::make_message({.topic = "t", .payload = payload, .source = broker::make_source("alice", "p", ""), .trace = id}),
        [this, id] { traces.finish(id); });
    return id;
  }
  // "PARENT KIND NAME OUTCOME" of each step but the event.
  std::vector<std::string> steps(const trace::Id& id) const {
    std::vector<std::string> lines;
    const trace::Trace trace = *traces.find(id);
    for (const trace::Step& step : trace.steps) {
      if (step.parent == trace::no_step) continue;
      lines.push_back(std::to_string(step.parent) + ' ' + std::string(name(step.kind)) + ' ' + step.name + ' ' +
                      std::string(name(step.outcome)));
    }
    return lines;
  }
  void run() {
    while (shard.io().poll() > 0) {
    }
  }
  // Of all rules.
  RuleCounters::Total actions() const { return sum_of(&RuleCounters::action_totals); }
  RuleCounters::Total told_errors() const { return sum_of(&RuleCounters::error_action_totals); }
  RuleCounters::Total sum_of(std::vector<RuleCounters::Total> (RuleCounters::*totals)() const) const {
    RuleCounters::Total sum;
    for (const auto& [name, counters] : engine->counters_by_rule()) {
      for (const RuleCounters::Total& total : ((*counters).*totals)()) {
        sum.success += total.success;
        sum.failure += total.failure;
      }
    }
    return sum;
  }
  void close_gate(const std::string& id) { probe.gates[id] = std::make_shared<OneShot>(); }
  void open_gate(const std::string& id) {
    const auto gate = probe.gates.at(id);
    probe.gates.erase(id);
    gate->raise();
    run();
  }

  trace::Traces traces;
  Probe probe;
  bool loop = false;
  bool keeps_at_once = true;
  std::vector<std::function<void()>> unkept;
  std::vector<broker::MessagePtr> republished;
  std::unique_ptr<Store> store = Store::open("", Store::Durability::os).value();
  things::IotLog iot_log{*store, ""};
  const RuleLog log{iot_log, {.account_id = "123456789012"}};
  std::unique_ptr<Engine> engine;
  std::unique_ptr<Lanes> lanes;
  Shard shard{0, "device"};  // last: its coroutines use the others
};

}  // namespace

TEST_F(LanesTest, OneClientsMessagesRunOneAfterTheOtherAcrossRulesAndActions) {
  create("first", "SELECT * FROM 't'", probe_action("a") + "," + probe_action("b"));
  create("second", "SELECT * FROM '#'", probe_action("c"));
  close_gate("a");

  publish("alice", "1");
  publish("alice", "2", "other");
  run();
  EXPECT_EQ(probe.log.back(), "begin a alice 1");
  open_gate("a");

  ASSERT_EQ(probe.log.size(), 8u);  // three actions for the first message, one for the second
  for (std::size_t i = 0; i < 6; ++i) EXPECT_TRUE(probe.log[i].ends_with("alice 1")) << probe.log[i];
  for (std::size_t i = 0; i < 8; i += 2) EXPECT_EQ("end" + probe.log[i].substr(5), probe.log[i + 1]);
  EXPECT_EQ(probe.log[6], "begin c alice 2");
  EXPECT_EQ(lanes->waiting(), 0u);
}

TEST_F(LanesTest, OtherClientsAreNotHeldUp) {
  create("rule", "SELECT * FROM 't'", probe_action("a"));
  close_gate("a");
  publish("alice", "1");
  run();
  const auto held = probe.gates.at("a");
  probe.gates.clear();

  publish("alice", "2");
  publish("bob", "1");
  run();
  EXPECT_THAT(probe.log, ElementsAre("begin a alice 1", "begin a bob 1", "end a bob 1"));
  EXPECT_EQ(lanes->waiting(), 2u);
  held->raise();
  run();

  EXPECT_EQ(probe.log.back(), "end a alice 2");
}

TEST_F(LanesTest, MessagesOfTheServiceHaveALaneForEachTopic) {
  create("rule", "SELECT * FROM '#'", probe_action("a"));
  close_gate("a");
  publish("", "1", "x");
  run();
  const auto held = probe.gates.at("a");
  probe.gates.clear();

  publish("", "2", "x");
  publish("", "1", "y");
  run();

  EXPECT_THAT(probe.log, ElementsAre("begin a  1", "begin a  1", "end a  1"));
  held->raise();
  run();
}

TEST_F(LanesTest, FinishedIsCalledWhenTheLastActionIsOver) {
  create("rule", "SELECT * FROM 't'", probe_action("a") + "," + probe_action("b"));
  probe.failing["a"] = 1;
  close_gate("b");
  int finished = 0;

  publish("alice", "1", "t", [&] { ++finished; });
  run();
  EXPECT_EQ(finished, 0);
  open_gate("b");

  EXPECT_EQ(finished, 1);
}

TEST_F(LanesTest, AMessageThatNoRuleWantsIsFinishedAtOnce) {
  create("rule", "SELECT * FROM 't' WHERE ok = true", probe_action("a"));
  int finished = 0;

  publish("alice", R"({"ok":false})", "t", [&] { ++finished; });
  publish("alice", R"({"ok":1})", "t", [&] { ++finished; });
  publish("alice", "no json", "t", [&] { ++finished; });
  publish("alice", R"({"ok":true})", "elsewhere", [&] { ++finished; });
  EXPECT_EQ(finished, 4);
  publish("alice", R"({"ok":true})", "t", [&] { ++finished; });
  EXPECT_EQ(finished, 4);
  run();

  EXPECT_EQ(finished, 5);
  EXPECT_EQ(probe.log.size(), 2u);
}

TEST_F(LanesTest, AFailingActionDoesNotStopTheOthersAndEveryFailureIsInOneErrorDocument) {
  create("rule", "SELECT temperature FROM 't'", probe_action("a") + "," + probe_action("b") + "," + probe_action("c"),
         probe_action("error"));
  probe.failing = {{"a", 1}, {"c", 2}};

  publish("alice", R"({"temperature":1,"x":2})");
  run();

  ASSERT_EQ(probe.payloads.size(), 4u);
  EXPECT_EQ(probe.payloads[0], R"({"temperature":1})");
  const json::object document = json::parse(probe.payloads[3]).value().get_object();
  std::vector<std::string> members;
  for (const auto& member : document) members.emplace_back(member.key().data(), member.key().size());
  EXPECT_THAT(members, ElementsAre("ruleName", "topic", "cloudwatchTraceId", "clientId", "sourceIp",
                                   "base64OriginalPayload", "failures"));
  EXPECT_EQ(json::string_or(document, "ruleName", ""), "rule");
  EXPECT_EQ(json::string_or(document, "topic", ""), "t");
  EXPECT_EQ(json::string_or(document, "cloudwatchTraceId", "").size(), 36u);
  EXPECT_EQ(json::string_or(document, "clientId", ""), "alice");
  EXPECT_EQ(json::string_or(document, "sourceIp", ""), "203.0.113.9");
  EXPECT_EQ(json::string_or(document, "base64OriginalPayload", ""), text::base64(R"({"temperature":1,"x":2})"));
  EXPECT_EQ(json::dump(document.at("failures")),
            R"([{"failedAction":"ProbeAction","failedResource":"resource-a","errorMessage":"the probe a failed"},)"
            R"({"failedAction":"ProbeAction","failedResource":"resource-c","errorMessage":"the probe c failed"}])");
  EXPECT_EQ(actions().success, 1u);
  EXPECT_EQ(actions().failure, 2u);
  EXPECT_EQ(told_errors().success, 1u);
}

TEST_F(LanesTest, AFailingErrorActionIsCountedAndTheLaneGoesOn) {
  create("rule", "SELECT * FROM 't'", probe_action("a"), probe_action("error"));
  probe.failing = {{"a", 1}, {"error", 2}};
  int finished = 0;

  publish("alice", "1", "t", [&] { ++finished; });
  publish("alice", "2", "t", [&] { ++finished; });
  run();

  EXPECT_EQ(finished, 2);
  EXPECT_EQ(told_errors().failure, 2u);
  EXPECT_EQ(lanes->waiting(), 0u);
}

TEST_F(LanesTest, TheErrorActionStaysQuietWhenNothingFailed) {
  create("rule", "SELECT * FROM 't'", probe_action("a"), probe_action("error"));

  publish("alice", "1");
  run();

  EXPECT_THAT(probe.log, ElementsAre("begin a alice 1", "end a alice 1"));
}

TEST_F(LanesTest, ADisabledRuleDoesNotFireAndOneInFlightFinishes) {
  create("rule", "SELECT * FROM 't'", probe_action("a"));
  close_gate("a");
  publish("alice", "1");
  run();

  ASSERT_TRUE(engine->remove("rule"));
  EXPECT_FALSE(lanes->wants("t"));
  publish("alice", "2");
  open_gate("a");

  EXPECT_THAT(probe.log, ElementsAre("begin a alice 1", "end a alice 1"));
}

TEST_F(LanesTest, OrdinaryMessagesOverTheLimitAreDroppedAndCountedEventsAreNot) {
  create("rule", "SELECT * FROM 't'", probe_action("a"));
  close_gate("a");
  for (std::size_t i = 0; i < limits::jobs_max; ++i) publish("client" + std::to_string(i % 100), "x");
  ASSERT_EQ(lanes->waiting(), limits::jobs_max);

  publish("bob", "dropped");
  EXPECT_EQ(lanes->waiting(), limits::jobs_max);
  EXPECT_EQ(engine->counters().dropped, 1u);
  publish("bob", "kept", "t", [] {});

  EXPECT_EQ(lanes->waiting(), limits::jobs_max + 1);
}

TEST_F(LanesTest, OneClientsFloodIsDroppedBeforeOthersAre) {
  create("rule", "SELECT * FROM 't'", probe_action("a"));
  close_gate("a");
  for (std::size_t i = 0; i < limits::lane_jobs_max + 10; ++i) publish("alice", "x");
  EXPECT_EQ(engine->counters().dropped, 10u);

  publish("bob", "kept");

  EXPECT_EQ(engine->counters().dropped, 10u);
  EXPECT_EQ(lanes->waiting(), limits::lane_jobs_max + 1);
}

TEST_F(LanesTest, WhatIsDroppedIsInTheIotLog) {
  const std::string path = testing::TempDir() + "lanes_test_iot.log";
  std::remove(path.c_str());
  things::IotLog told(*store, path);
  told.set_options({.role_arn = "r", .level = things::IotLog::Level::error});
  const RuleLog rule_log(told, {.account_id = "123456789012"});
  Lanes own(shard, *engine, rule_log, [](const broker::MessagePtr&, auto) {});
  create("rule", "SELECT * FROM 't'", probe_action("a"));
  close_gate("a");
  for (std::size_t i = 0; i < limits::lane_jobs_max + 2; ++i)
    own.on_message(broker::make_message({.topic = "t", .source = broker::make_source("alice", "p", "")}), {});

  const std::string lines = told.read(0).lines;
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 2);
  EXPECT_NE(lines.find(R"("eventType":"RuleExecutionThrottled","clientId":"alice","topicName":"t","ruleName":"rule")"),
            std::string::npos)
      << lines;
  run();
  open_gate("a");
}

TEST_F(LanesTest, ManyBytesAreDroppedToo) {
  create("rule", "SELECT * FROM '#'", probe_action("a"));
  close_gate("a");
  const std::string payload(1 << 20, 'x');
  const std::size_t fit = limits::job_bytes_max / payload.size();
  for (std::size_t i = 0; i < fit + 5; ++i) publish("alice", payload);

  EXPECT_EQ(lanes->waiting(), fit);
  EXPECT_EQ(engine->counters().dropped, 5u);
  open_gate("a");
  EXPECT_EQ(lanes->waiting(), 0u);
  publish("alice", "{}");
  EXPECT_EQ(engine->counters().dropped, 5u);
}

TEST_F(LanesTest, ALongLaneBlocksItsSourceUntilTheMessageThatCameTooManyIsDone) {
  create("rule", "SELECT * FROM 't'", probe_action("a"));
  close_gate("a");
  const broker::SourcePtr source = broker::make_source("alice", "principal", "203.0.113.9");
  const auto add = [&] { lanes->on_message(broker::make_message({.topic = "t", .source = source}), [] {}); };
  add();
  run();  // it is not in the lane any more
  for (std::size_t i = 0; i < limits::lane_jobs_unblocked_max; ++i) add();
  EXPECT_FALSE(source->is_blocked());

  add();
  add();
  EXPECT_TRUE(source->is_blocked());
  open_gate("a");

  EXPECT_FALSE(source->is_blocked());
}

TEST_F(LanesTest, ARepublishedMessageIsKeptBeforeItsRuleIsDone) {
  create("rule", "SELECT * FROM 't'", republish_action("u"));
  keeps_at_once = false;
  bool finished = false;
  publish("alice", "{}", "t", [&] { finished = true; });
  run();
  ASSERT_EQ(unkept.size(), 1u);
  EXPECT_FALSE(finished);

  unkept[0]();
  run();

  EXPECT_TRUE(finished);
}

TEST_F(LanesTest, BasicIngestFiresTheNamedRuleWhichSeesTheRestOfTheTopic) {
  create("building", "SELECT topic() AS t, topic(2) AS second FROM 'elsewhere'", probe_action("a"));
  create("all", "SELECT * FROM '#'", probe_action("b"));

  publish("alice", "{}", "$aws/rules/building/Buildings/Floor2");
  publish("alice", "{}", "$aws/rules/unknown/x");
  run();

  EXPECT_THAT(probe.payloads, ElementsAre(R"({"t":"Buildings/Floor2","second":"Floor2"})"));
}

TEST_F(LanesTest, RepublishSendsTheOutputWithItsTemplatesFilledFromTheOriginal) {
  create("rule", "SELECT value FROM 't/+'", republish_action("out/${topic(2)}/${unit}"));

  publish("alice", R"({"value":1,"unit":"C"})", "t/lamp");
  run();

  ASSERT_EQ(republished.size(), 1u);
  const broker::Message& content = *republished[0];
  EXPECT_EQ(content.topic(), "out/lamp/C");
  EXPECT_EQ(content.payload(), R"({"value":1})");
  EXPECT_EQ(content.qos(), mqtt::QoS::at_least_once);
  EXPECT_FALSE(content.retain());
  EXPECT_EQ(content.client_id(), "alice");
  EXPECT_EQ(content.source()->source_ip, "");  // not passed on
  EXPECT_EQ(content.republish_hops(), 1u);
}

TEST_F(LanesTest, TwoDollarsRepublishToAReservedTopic) {
  create("rule", "SELECT * FROM 't'", republish_action("$$aws/things/lamp/shadow/update"));

  publish("alice", "x");
  run();

  ASSERT_EQ(republished.size(), 1u);
  EXPECT_EQ(republished[0]->topic(), "$aws/things/lamp/shadow/update");
}

TEST_F(LanesTest, ATopicThatCannotBePublishedToIsAFailure) {
  create("rule", "SELECT * FROM 't'", republish_action("out/${name}"), probe_action("error"));

  for (const char* payload : {R"({"name":"+"})", R"({"name":"a#"})", R"({"x":1})"}) publish("alice", payload);
  run();

  EXPECT_THAT(republished, IsEmpty());
  EXPECT_EQ(actions().failure, 3u);
  EXPECT_EQ(told_errors().success, 3u);
}

TEST_F(LanesTest, ALoopOfRulesEndsAfterItsHops) {
  create("ping", "SELECT * FROM 'ping'", republish_action("pong"), probe_action("error"));
  create("pong", "SELECT * FROM 'pong'", republish_action("ping"), probe_action("error"));
  loop = true;

  publish("alice", "{}", "ping");
  run();

  EXPECT_EQ(republished.size(), limits::republish_hops_max);
  EXPECT_EQ(actions().failure, 1u);
  EXPECT_EQ(told_errors().success, 1u);
  EXPECT_EQ(lanes->waiting(), 0u);
}

TEST_F(LanesTest, TheEndOfALoopIsToldByARepublishingErrorActionOnce) {
  create("ping", "SELECT * FROM 'ping'", republish_action("ping"), republish_action("ping"));
  loop = true;

  publish("alice", "{}", "ping");
  run();

  EXPECT_EQ(republished.size(), limits::republish_hops_max + 1);
  EXPECT_EQ(actions().failure, 2u);
  EXPECT_EQ(told_errors().success, 1u);
  EXPECT_EQ(told_errors().failure, 1u);
}

TEST_F(LanesTest, AThousandClientsKeepTheirOwnOrder) {
  create("rule", "SELECT * FROM 't'", probe_action("a"));
  for (int i = 0; i < 5; ++i)
    for (int client = 0; client < 1000; ++client) publish(std::to_string(client), std::to_string(i));
  run();

  std::map<std::string, std::string> last;
  ASSERT_EQ(probe.log.size(), 10'000u);
  for (const std::string& line : probe.log) {
    if (!line.starts_with("end")) continue;
    const std::size_t space = line.rfind(' ');
    const std::string client = line.substr(6, space - 6), payload = line.substr(space + 1);
    EXPECT_LT(last[client], payload);
    last[client] = payload;
  }
}

TEST_F(LanesTest, WhatRulesDoWithATracedMessageIsInItsTrace) {
  create("first", "SELECT a FROM 't'", probe_action("a") + "," + probe_action("b"), probe_action("told"));
  create("other", "SELECT * FROM 't' WHERE a > 5", probe_action("c"));
  probe.failing["b"] = 1;
  close_gate("a");

  const trace::Id id = publish_traced(R"({"a":1})");
  run();
  EXPECT_THAT(steps(id),
              ElementsAre("0 rule first ok", "0 rule other skipped", "1 wait lane ok", "1 action ProbeAction running"));

  open_gate("a");
  EXPECT_THAT(steps(id), ElementsAre("0 rule first ok", "0 rule other skipped", "1 wait lane ok", "1 action ProbeAction ok",
                                     "1 action ProbeAction failed", "1 action ProbeAction ok"));
  const trace::Trace trace = *traces.find(id);
  EXPECT_EQ(trace.steps[1].detail, R"x("sql":"SELECT a FROM 't'","sqlVersion":"2016-03-23","output":{"a":1},"actions":2)x");
  EXPECT_EQ(trace.steps[5].detail,
            R"x("resource":"resource-b","error":{"code":"ProbeException","message":"the probe b failed"})x");
  EXPECT_EQ(trace.steps[6].detail, R"x("resource":"resource-told","errorAction":true)x");
  EXPECT_EQ(trace.outcome(), trace::Outcome::running) << "the event's own step was never ended here";
  EXPECT_TRUE(trace.is_finished);
}

TEST_F(LanesTest, AMessageWithoutATraceLeavesNone) {
  create("first", "SELECT * FROM 't'", probe_action("a"));
  publish("alice", "{}");
  run();
  EXPECT_EQ(traces.figures().traces, 0u);
}

}  // namespace croft::rules
