#include "dynamo/change_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "store/manual_store.h"

namespace croft::dynamo {
namespace {

using testing::ElementsAre;

ItemChange change(const std::string& key) { return {.row_key = key, .before = std::nullopt, .after = "new " + key}; }

std::vector<std::string> keys(const ChangeLog& log, std::uint32_t table, ChangeSequence from, ChangeSequence to) {
  std::vector<std::string> out;
  log.visit(table, from, to, [&](const ItemChange& one) {
    out.push_back(one.row_key);
    return true;
  });
  return out;
}

constexpr ChangeSequence everything = UINT64_MAX - 1;

TEST(ChangeLog, ARowReadsBackAsItWasWritten) {
  ManualStore store;
  ChangeLog log(store);
  Batch batch;
  const ChangeSequence first = log.add(batch, 7, {.by_ttl = true, .row_key = std::string("k\0y", 3), .before = "old"});
  const ChangeSequence second = log.add(batch, 7, {.row_key = "b", .before = "", .after = "new"});
  store.write(std::move(batch));

  std::vector<ItemChange> found;
  log.visit(7, 0, everything, [&](const ItemChange& one) {
    found.push_back(one);
    return true;
  });
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].sequence, first);
  EXPECT_TRUE(found[0].by_ttl);
  EXPECT_EQ(found[0].row_key, std::string("k\0y", 3));
  EXPECT_EQ(found[0].before, "old");
  EXPECT_EQ(found[0].after, std::nullopt);
  EXPECT_EQ(found[1].sequence, second);
  EXPECT_FALSE(found[1].by_ttl);
  EXPECT_EQ(found[1].before, "");
  EXPECT_EQ(found[1].after, "new");
}

TEST(ChangeLog, AReaderDoesNotPassABatchThatIsNotWritten) {
  ManualStore store;
  ChangeLog log(store);
  Batch slow, quick;
  const ChangeSequence early = log.add(slow, 1, change("early"));
  const ChangeSequence late = log.add(quick, 1, change("late"));
  store.write(std::move(quick));
  quick = Batch();

  EXPECT_LT(early, late);
  EXPECT_LT(log.settled(), early);
  store.write(std::exchange(slow, Batch()));
  EXPECT_GE(log.settled(), late);
  EXPECT_THAT(keys(log, 1, 0, log.settled()), ElementsAre("early", "late"));
}

TEST(ChangeLog, ABatchThatIsDroppedHoldsNobodyUp) {
  ManualStore store;
  ChangeLog log(store);
  ChangeSequence dropped;
  {
    Batch batch;
    dropped = log.add(batch, 1, change("dropped"));
    EXPECT_LT(log.settled(), dropped);
  }
  EXPECT_GE(log.settled(), dropped);
}

TEST(ChangeLog, ChangesOfABatchHaveOneTimeHoweverManyWriteBeside) {
  ManualStore store;
  ChangeLog log(store);
  Batch batch;
  std::vector<ChangeSequence> given;
  for (int n = 0; n < 100; ++n) {
    given.push_back(log.add(batch, 1, change(std::to_string(n))));
    Batch other;
    log.add(other, 2, change("other"));
    if (n == 50) std::this_thread::sleep_for(std::chrono::milliseconds(3));
  }

  for (std::size_t n = 1; n < given.size(); ++n) {
    EXPECT_EQ(given[n], given[n - 1] + 1);
    EXPECT_EQ(time_of(given[n]), time_of(given[0]));
  }
}

TEST(ChangeLog, ABatchMayHaveMoreChangesThanOnePlaceHas) {
  ManualStore store;
  ChangeLog log(store);
  Batch batch;
  const ChangeSequence first = log.add(batch, 1, change("0"));
  ChangeSequence last = first;
  for (int n = 1; n < 300; ++n) {
    const ChangeSequence next = log.add(batch, 1, change(std::to_string(n)));
    EXPECT_GT(next, last);
    last = next;
  }
  EXPECT_LT(log.settled(), first);
  store.write(std::exchange(batch, Batch()));
  EXPECT_GE(log.settled(), last);
  EXPECT_EQ(keys(log, 1, 0, everything).size(), 300u);
}

TEST(ChangeLog, GoesOnAboveWhatTheStoreHas) {
  ManualStore store;
  const ChangeSequence future = first_sequence_at({Timestamp::now().ms + 3'600'000});
  {
    Batch batch;
    batch.put(Family::changes, change_key(3, 5), std::string(5, '\0'));
    batch.put(Family::changes, change_key(9, future), std::string(5, '\0'));
    batch.put(Family::changes, change_key(70'000, 6), std::string(5, '\0'));
    batch.put(Family::changes, std::string(4, '\0') + "table/label", "{}");  // a stream
    store.write(std::move(batch));
  }
  ChangeLog log(store);
  Batch batch;
  EXPECT_GT(log.add(batch, 1, change("a")), future);
}

TEST(ChangeLog, TrimsOneTableUpToASequence) {
  ManualStore store;
  ChangeLog log(store);
  Batch batch;
  log.add(batch, 1, change("a"));
  const ChangeSequence second = log.add(batch, 1, change("b"));
  log.add(batch, 2, change("c"));
  store.write(std::move(batch));

  log.trim(1, second);

  EXPECT_THAT(keys(log, 1, 0, everything), ElementsAre("b"));
  EXPECT_THAT(keys(log, 2, 0, everything), ElementsAre("c"));
}

TEST(ChangeLog, ManyWritersGetDifferentSequences) {
  ManualStore store;
  ChangeLog log(store);
  std::vector<std::vector<ChangeSequence>> given(4);
  std::vector<std::thread> threads;
  for (auto& mine : given) {
    threads.emplace_back([&log, &mine] {
      for (int n = 0; n < 2000; ++n) {
        Batch batch;
        mine.push_back(log.add(batch, 1, {.row_key = "k", .after = "v"}));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();

  std::vector<ChangeSequence> all;
  for (const auto& mine : given) {
    EXPECT_TRUE(std::is_sorted(mine.begin(), mine.end()));
    all.insert(all.end(), mine.begin(), mine.end());
  }
  std::sort(all.begin(), all.end());
  EXPECT_EQ(std::adjacent_find(all.begin(), all.end()), all.end());
  EXPECT_GE(log.settled(), all.back());
}

}  // namespace
}  // namespace croft::dynamo
