#include "presence/dispatcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/manual_store.h"

namespace croft::presence {

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

broker::MessagePtr message(const std::string& client_id, const std::string& payload) {
  return broker::make_message({.topic = std::string("t/" + client_id),
                               .payload = payload,
                               .source = broker::make_source(client_id, "principal", "192.0.2.7")});
}

Sequence append(Store& store, Outbox& outbox, const broker::MessagePtr& what) {
  Batch batch;
  const Sequence sequence = outbox.append(batch, *what);
  store.write(std::move(batch));
  return sequence;
}

std::vector<std::string> payloads(const std::vector<OutboxEntry>& entries) {
  std::vector<std::string> found;
  for (const OutboxEntry& entry : entries) found.emplace_back(entry.message->payload());
  return found;
}

// Takes messages and finishes them at once, or when told.
class Rules final : public broker::MessageObserver {
 public:
  bool wants(std::string_view) const override { return true; }
  std::uint64_t version() const override { return 1; }
  void on_message(const broker::MessagePtr& message, std::function<void()> finished) override {
    seen.emplace_back(message->payload());
    if (at_once) return finished();
    waiting.push_back(std::move(finished));
  }
  void finish(std::size_t index = 0) {
    const auto done = std::move(waiting.at(index));
    waiting.erase(waiting.begin() + static_cast<std::ptrdiff_t>(index));
    done();
  }

  bool at_once = false;
  std::vector<std::string> seen;
  std::vector<std::function<void()>> waiting;
};

}  // namespace

TEST(Outbox, KeepsMessagesInOrderWithAllThatRulesSee) {
  ManualStore store;
  Outbox outbox(store, 3);
  EXPECT_TRUE(outbox.is_empty());
  for (int i = 0; i < 300; ++i) append(store, outbox, message("alice", std::to_string(i)));

  const auto entries = outbox.read(0, 1'000);

  ASSERT_EQ(entries.size(), 300u);
  for (int i = 0; i < 300; ++i)
    EXPECT_EQ(entries[static_cast<std::size_t>(i)].message->payload(), std::to_string(i));
  const broker::Source& content = *entries[0].message->source();
  EXPECT_EQ(entries[0].message->topic(), "t/alice");
  EXPECT_EQ(content.client_id, "alice");
  EXPECT_EQ(content.principal, "principal");
  EXPECT_EQ(content.source_ip, "192.0.2.7");
  EXPECT_THAT(payloads(outbox.read(entries[297].sequence, 1)), ElementsAre("298"));
}

TEST(Outbox, ShardsDoNotSeeEachOthersRows) {
  ManualStore store;
  Outbox first(store, 0), second(store, 1), third(store, 2);
  append(store, first, message("a", "first"));
  append(store, third, message("b", "third"));

  EXPECT_THAT(payloads(first.read(0, 10)), ElementsAre("first"));
  EXPECT_TRUE(second.is_empty());
}

TEST(Outbox, NumbersGoOnAfterTheLastRowThatIsLeft) {
  ManualStore store;
  Sequence last = 0;
  {
    Outbox outbox(store, 0);
    for (const char* payload : {"1", "2", "3"}) last = append(store, outbox, message("a", payload));
    Batch batch;
    outbox.erase(batch, last - 1);
    store.write(std::move(batch));
  }
  Outbox outbox(store, 0);

  EXPECT_EQ(append(store, outbox, message("a", "4")), last + 1);
  EXPECT_THAT(payloads(outbox.read(0, 10)), ElementsAre("1", "3", "4"));
}

TEST(Outbox, RehomeMovesRowsBehindThoseOfTheirNewShardAndKeepsEachClientsOrder) {
  ManualStore store;
  {
    Outbox zero(store, 0), two(store, 2);
    append(store, zero, message("stays", "1"));
    append(store, two, message("moves", "2"));
    append(store, two, message("also", "3"));
    append(store, two, message("moves", "4"));
    append(store, zero, message("stays", "5"));
    append(store, two, message("kept", "6"));
  }

  Outbox::rehome(store, [](std::string_view client) -> ShardIndex {
    return client == "kept" ? 2 : client == "also" ? 1 : 0;
  });
  Outbox::rehome(store, [](std::string_view client) -> ShardIndex {
    return client == "kept" ? 2 : client == "also" ? 1 : 0;
  });

  EXPECT_THAT(payloads(Outbox(store, 0).read(0, 10)), ElementsAre("1", "5", "2", "4"));
  EXPECT_THAT(payloads(Outbox(store, 1).read(0, 10)), ElementsAre("3"));
  EXPECT_THAT(payloads(Outbox(store, 2).read(0, 10)), ElementsAre("6"));
}

TEST(Outbox, WorksOnTheRealStore) {
  auto store = Store::open("", Store::Durability::os).value();
  Outbox outbox(*store, 255), next(*store, 256);
  append(*store, next, message("b", "other"));
  for (const char* payload : {"1", "2", "3"}) append(*store, outbox, message("a", payload));

  EXPECT_THAT(payloads(outbox.read(1, 1)), ElementsAre("2"));
  EXPECT_THAT(payloads(Outbox(*store, 255).read(0, 10)), ElementsAre("1", "2", "3"));
  EXPECT_EQ(append(*store, outbox, message("a", "4")), 4u);
}

class DispatcherTest : public testing::Test {
 protected:
  void enqueue(const std::string& payload) {
    const auto what = message("alice", payload);
    const Sequence sequence = append(store, outbox, what);
    dispatcher.enqueue({sequence, what});
  }
  void erase_finished() {
    dispatcher.flush();
    store.finish_all();
  }

  ManualStore store;
  Outbox outbox{store, 0};
  Rules rules;
  Dispatcher dispatcher{store, outbox, rules, 4};
};

TEST_F(DispatcherTest, HandsOutAtMostItsMemoryAndReadsTheRestBackInOrder) {
  dispatcher.start();
  std::vector<std::string> expected;
  for (int i = 0; i < 100; ++i) {
    expected.push_back(std::to_string(i));
    enqueue(expected.back());
    EXPECT_LE(dispatcher.in_memory(), 4u);
  }
  EXPECT_THAT(rules.seen, ElementsAre("0", "1", "2", "3"));

  while (!rules.waiting.empty()) {
    rules.finish();
    EXPECT_LE(dispatcher.in_memory(), 4u);
  }

  EXPECT_EQ(rules.seen, expected);
  erase_finished();
  EXPECT_TRUE(outbox.is_empty());
}

TEST_F(DispatcherTest, TakesNewEntriesDirectlyAgainOnceTheDiskIsEmpty) {
  dispatcher.start();
  for (const char* payload : {"0", "1", "2", "3", "4", "5"}) enqueue(payload);
  while (!rules.waiting.empty()) rules.finish();

  enqueue("6");

  EXPECT_THAT(rules.seen, ElementsAre("0", "1", "2", "3", "4", "5", "6"));
  EXPECT_EQ(dispatcher.in_memory(), 1u);
}

TEST_F(DispatcherTest, RulesThatFinishFromInsideOnMessageDoNotRecurseOrReorder) {
  for (int i = 0; i < 5'000; ++i) append(store, outbox, message("alice", std::to_string(i)));
  rules.at_once = true;

  dispatcher.start();
  enqueue("5000");

  ASSERT_EQ(rules.seen.size(), 5'001u);
  for (std::size_t i = 0; i < rules.seen.size(); ++i) EXPECT_EQ(rules.seen[i], std::to_string(i));
  EXPECT_EQ(dispatcher.in_memory(), 0u);
  erase_finished();
  EXPECT_TRUE(outbox.is_empty());
}

TEST_F(DispatcherTest, RulesThatFinishOutOfOrderStillGetEveryEntryOnce) {
  dispatcher.start();
  for (int i = 0; i < 50; ++i) enqueue(std::to_string(i));

  while (!rules.waiting.empty()) rules.finish(rules.waiting.size() - 1);

  ASSERT_EQ(rules.seen.size(), 50u);
  for (std::size_t i = 0; i < rules.seen.size(); ++i) EXPECT_EQ(rules.seen[i], std::to_string(i));
}

TEST_F(DispatcherTest, WhatNeverFinishesStaysOnDiskAndIsHandedOutByTheNextProcess) {
  dispatcher.start();
  for (int i = 0; i < 6; ++i) enqueue(std::to_string(i));
  rules.finish(1);
  erase_finished();

  Outbox next_outbox(store, 0);
  Rules next_rules;
  next_rules.at_once = true;
  Dispatcher next(store, next_outbox, next_rules, 4);
  next.start();

  EXPECT_THAT(next_rules.seen, ElementsAre("0", "2", "3", "4", "5"));
}

TEST_F(DispatcherTest, AnEntryReadFromDiskBeforeItsTurnIsNotHandedOutTwice) {
  const auto early = message("alice", "0");
  const Sequence sequence = append(store, outbox, early);

  dispatcher.start();  // reads it
  dispatcher.enqueue({sequence, early});

  EXPECT_THAT(rules.seen, ElementsAre("0"));
}

TEST_F(DispatcherTest, ErasuresTravelWithTheNextBatchOrByThemselves) {
  dispatcher.start();
  enqueue("0");
  enqueue("1");
  rules.finish();
  Batch batch;
  dispatcher.take_erasures(batch);
  EXPECT_EQ(batch.ops().size(), 1u);
  store.write(std::move(batch));

  dispatcher.flush();
  EXPECT_TRUE(store.is_idle());  // nothing finished since
  rules.finish();
  erase_finished();

  EXPECT_TRUE(outbox.is_empty());
}

TEST(Dispatcher, TheTimeOfAnEventThatWaitedOnDiskBeginsWithItsTimestamp) {
  ManualStore store;
  Outbox outbox(store, 0);
  append(store, outbox,
         message("a", R"({"timestamp":)" + std::to_string(Timestamp::now().ms - 5'000) + R"(,"eventType":"connected"})"));
  Rules rules;
  rules.at_once = true;
  Dispatcher dispatcher(store, outbox, rules, 10);

  dispatcher.start();
  const auto sequence = append(store, outbox, message("a", "new"));
  dispatcher.enqueue({sequence, message("a", "new"), metrics::now_us() - 2'000'000});

  const metrics::Histogram& time = dispatcher.event_time();
  EXPECT_EQ(time.count(), 2u);
  EXPECT_GE(time.sum_us(), 7'000'000u);
  EXPECT_LT(time.sum_us(), 60'000'000u);
}

}  // namespace croft::presence
