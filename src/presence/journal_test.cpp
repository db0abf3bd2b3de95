#include "presence/journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "presence/test_process.h"
#include "text/json.h"

namespace croft::presence {

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Rules that want presence events, see them in order and finish when told.
class Rules final : public broker::MessageObserver {
 public:
  bool wants(std::string_view topic) const override { return wanted && topic.starts_with("$aws/events/presence/"); }
  std::uint64_t version() const override { return 1; }
  void on_message(const broker::MessagePtr& message, std::function<void()> finished) override {
    const auto document = json::parse(message->payload()).value().get_object();
    std::string text = std::string(json::string_or(document, "eventType", "")) + " " +
                       std::string(json::string_or(document, "clientId", ""));
    text += " " + std::to_string(json::int_or(document, "versionNumber", -1));
    if (const auto reason = json::string_or(document, "disconnectReason", ""); !reason.empty())
      (text += ' ') += reason;
    seen.push_back(text);
    waiting.push_back(std::move(finished));
  }
  void finish_all() {
    while (!waiting.empty()) {
      const auto all = std::exchange(waiting, {});
      for (const auto& done : all) done();
    }
  }

  bool wanted = true;
  std::vector<std::string> seen;
  std::vector<std::function<void()>> waiting;
};

class JournalTest : public testing::Test {
 protected:
  void boot(std::size_t in_memory_max = 100) {
    rules.waiting.clear();
    process.reset();
    process = std::make_unique<TestProcess>(
        store, rules, [this] { return now; }, 1, in_memory_max, Told{&*traces, &timelines});
  }
  void crash() {
    store.crash();
    boot();
  }
  void settle() {
    for (int i = 0; i < 5; ++i) {
      store.finish_all();
      process->run();
      rules.finish_all();
      process->tick();
    }
  }
  bool is_established(const std::string& client_id) {
    const broker::Client* client = process->owner(client_id).find(client_id);
    return client && client->connection && client->connection->established;
  }

  broker::Now now{.wall = {1'700'000'000'000}, .mono = {1'000'000}};
  ManualStore store;
  Rules rules;
  std::optional<trace::Traces> traces{std::in_place};
  trace::Timelines timelines;
  std::unique_ptr<TestProcess> process;

  void SetUp() override { boot(); }
};

}  // namespace

TEST_F(JournalTest, NothingIsToldBeforeItIsDurable) {
  process->connect(broker::connect_v5("alice"));
  process->run();
  EXPECT_THAT(rules.seen, IsEmpty());
  EXPECT_FALSE(is_established("alice"));

  store.apply_one();
  process->run();
  EXPECT_THAT(rules.seen, IsEmpty());
  EXPECT_FALSE(is_established("alice"));

  store.tell_one();
  process->run();
  EXPECT_THAT(rules.seen, ElementsAre("connected alice 0"));
  EXPECT_TRUE(is_established("alice"));
}

TEST_F(JournalTest, TheSessionRowAndTheEventsOfATakeoverEnterOneBatch) {
  process->connect(broker::connect_v5("alice"));
  std::vector<std::size_t> rows;
  store.on_commit = [&](const Batch& batch) {
    std::size_t sessions = 0, events = 0;
    for (const Batch::Op& op : batch.ops()) {
      sessions += op.family == Family::sessions;
      events += op.family == Family::outbox;
    }
    rows.push_back(sessions * 10 + events);
  };

  process->connect(broker::connect_v5("alice"));
  settle();

  ASSERT_GE(rows.size(), 2u);
  EXPECT_EQ(rows[0], 11u);
  EXPECT_EQ(rows[1], 12u);
  EXPECT_THAT(rules.seen,
              ElementsAre("connected alice 0", "disconnected alice 0 DUPLICATE_CLIENTID", "connected alice 1"));
}

TEST_F(JournalTest, EventsReachSubscribersBeforeTheConnack) {
  process->connect(broker::connect_v5("watcher"));
  settle();
  process->send("watcher", mqtt::Subscribe{.packet_id = 1,
                                           .subscriptions = {{.filter = "$aws/events/presence/connected/+",
                                                              .qos = mqtt::QoS::at_least_once}}});
  settle();

  process->connect(broker::connect_v5("alice"));
  process->run();
  EXPECT_EQ(process->owner("watcher").find("watcher")->session->deliveries.size(), 0u);
  store.apply_one();
  store.tell_one();
  process->run();

  const broker::DeliveryQueue& deliveries = process->owner("watcher").find("watcher")->session->deliveries;
  ASSERT_EQ(deliveries.size(), 1u);
  EXPECT_EQ(deliveries.at(deliveries.first()).message->topic(), "$aws/events/presence/connected/alice");
}

TEST_F(JournalTest, FinishedEventsLeaveTheDisk) {
  process->connect(broker::connect_v5("alice"));
  store.finish_all();
  process->run();
  EXPECT_EQ(store.scan(Family::outbox, "", "", 10, false).size(), 1u);
  EXPECT_EQ(process->pending(), 1u);

  settle();

  EXPECT_THAT(store.scan(Family::outbox, "", "", 10, false), IsEmpty());
  EXPECT_EQ(process->pending(), 0u);
}

TEST_F(JournalTest, EventsThatNoRuleWantsAreNotStored) {
  rules.wanted = false;

  process->connect(broker::connect_v5("alice"));
  store.finish_all();
  process->run();

  EXPECT_TRUE(is_established("alice"));
  EXPECT_THAT(store.scan(Family::outbox, "", "", 10, false), IsEmpty());
  EXPECT_THAT(rules.seen, IsEmpty());
}

TEST_F(JournalTest, ACrashBeforeTheCommitLeavesNoTrace) {
  process->connect(broker::connect_v5("alice"));

  crash();
  settle();

  EXPECT_THAT(rules.seen, IsEmpty());
  EXPECT_EQ(process->owner("alice").find("alice"), nullptr);
}

TEST_F(JournalTest, ACrashAfterTheCommitReplaysTheEventAndEndsTheConnection) {
  process->connect(broker::connect_v5("alice"));
  store.apply_one();

  crash();
  EXPECT_THAT(rules.seen, ElementsAre("connected alice 0"));
  settle();

  EXPECT_THAT(rules.seen, ElementsAre("connected alice 0", "disconnected alice 0 SERVER_ERROR"));
  process->connect(broker::connect_v5("alice"));
  settle();
  EXPECT_EQ(rules.seen.back(), "connected alice 1");
}

TEST_F(JournalTest, WhatRulesHadNotFinishedIsRepeatedAfterACrashInOrder) {
  process->connect(broker::connect_v5("alice"));
  store.finish_all();
  process->run();
  process->send("alice", mqtt::Disconnect{});
  process->connect(broker::connect_v5("alice"));
  store.finish_all();
  process->run();
  rules.waiting.at(0)();
  process->tick();
  store.apply_one();  // the first event is off the disk
  rules.seen.clear();

  crash();
  settle();

  EXPECT_THAT(rules.seen, ElementsAre("disconnected alice 0 CLIENT_INITIATED_DISCONNECT", "connected alice 1",
                                      "disconnected alice 1 SERVER_ERROR"));
}

TEST_F(JournalTest, TwoCrashesInARowEndAConnectionOnce) {
  process->connect(broker::connect_v5("alice"));
  settle();
  crash();
  store.apply_one();  // SERVER_ERROR is on disk, nobody was told
  crash();
  settle();
  crash();
  settle();

  EXPECT_THAT(rules.seen, ElementsAre("connected alice 0", "disconnected alice 0 SERVER_ERROR"));
}

TEST_F(JournalTest, MoreEventsThanMemoryHoldsWaitOnDisk) {
  boot(3);
  for (int i = 0; i < 50; ++i) {
    process->connect(broker::connect_v5("client-" + std::to_string(i)));
    store.finish_all();
    process->run();
    EXPECT_LE(process->pending(), 3u);
  }
  EXPECT_EQ(rules.seen.size(), 3u);

  settle();

  ASSERT_EQ(rules.seen.size(), 50u);
  for (std::size_t i = 0; i < 50; ++i) EXPECT_EQ(rules.seen[i], "connected client-" + std::to_string(i) + " 0");
}

TEST_F(JournalTest, AStopEndsEveryConnectionAsServerInitiated) {
  process->connect(broker::connect_v5("alice"));
  settle();

  process->stop();
  settle();
  crash();
  settle();

  EXPECT_THAT(rules.seen, ElementsAre("connected alice 0", "disconnected alice 0 SERVER_INITIATED_DISCONNECT"));
}

TEST_F(JournalTest, AnEventIsTracedFromItsRecordOn) {
  process->connect(broker::connect_v5("alice"));
  trace::Trace trace = traces->latest("alice", 10).at(0);
  EXPECT_EQ(trace.event, "connected");
  EXPECT_EQ(trace.steps.at(0).outcome, trace::Outcome::running) << "not durable yet";

  store.finish_all();
  process->run();
  trace = *traces->find(trace.id);
  ASSERT_EQ(trace.steps.size(), 2u);
  EXPECT_EQ(trace.steps[0].outcome, trace::Outcome::ok);
  EXPECT_THAT(trace.steps[0].detail, testing::HasSubstr("\"topic\":\"$aws/events/presence/connected/alice\""));
  EXPECT_EQ(trace.steps[1].name, "outbox");
  EXPECT_EQ(trace.outcome(), trace::Outcome::running) << "the rules are not done";

  rules.finish_all();
  EXPECT_EQ(traces->find(trace.id)->outcome(), trace::Outcome::ok);
}

TEST_F(JournalTest, ATraceGoesOnAfterACrashUnderItsId) {
  process->connect(broker::connect_v5("alice"));
  store.finish_all();
  process->run();
  const trace::Id id = traces->latest("alice", 1).at(0).id;
  process.reset();
  traces.emplace();  // that of the next process

  crash();
  process->run();

  const trace::Trace trace = *traces->find(id);
  EXPECT_EQ(trace.client_id, "alice");
  EXPECT_EQ(trace.event, "connected");
  EXPECT_THAT(trace.steps.at(1).detail, testing::HasSubstr("\"readBack\":true"));
}

TEST_F(JournalTest, EventsAreTracedForRulesAloneAndToldToTimelinesAlways) {
  process->connect(broker::connect_v5("alice"));
  settle();
  process->send("alice", mqtt::Subscribe{.packet_id = 1, .subscriptions = {{.filter = "a/#"}}});
  settle();

  EXPECT_EQ(traces->latest("alice", 10).size(), 1u);
  const auto entries = timelines.of("alice");
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].text, "subscribed to a/#");
  EXPECT_FALSE(entries[0].trace);
  EXPECT_EQ(entries[1].text, "connected from 192.0.2.7");
  EXPECT_EQ(entries[1].trace, traces->latest("alice", 1).at(0).id);
}

}  // namespace croft::presence
