#include "store/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <future>
#include <thread>

#include "shard/shard.h"
#include "store/manual_store.h"

namespace croft {

namespace {

struct Folder {
  std::string path = std::filesystem::temp_directory_path() / ("croft-store-" + std::to_string(getpid()));
  Folder() { std::filesystem::remove_all(path); }
  ~Folder() { std::filesystem::remove_all(path); }
};

Batch put(std::string_view key, std::string_view value) {
  Batch batch;
  batch.put(Family::items, key, value);
  return batch;
}

Task<void> wait_durable(Store& store, std::promise<void>& done) {
  co_await store.durable();
  done.set_value();
}

}  // namespace

TEST(Store, WhatWasCommittedIsThereAfterReopening) {
  Folder folder;
  {
    auto store = Store::open(folder.path, Store::Durability::fsync).value();
    std::promise<void> done;
    store->commit(put("a", "1"), [&] { done.set_value(); });
    done.get_future().wait();
  }

  auto store = Store::open(folder.path, Store::Durability::fsync).value();

  EXPECT_EQ(store->get(Family::items, "a"), "1");
  EXPECT_EQ(store->get(Family::sessions, "a"), std::nullopt);
}

TEST(Store, ASecondProcessIsToldThatTheFolderIsInUse) {
  Folder folder;
  auto first = Store::open(folder.path, Store::Durability::os).value();

  auto second = Store::open(folder.path, Store::Durability::os);

  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, "StoreLocked");
}

TEST(Store, ScansARangeInBothDirections) {
  auto store = Store::open("", Store::Durability::os).value();
  for (const char* key : {"a", "b", "c", "d"}) store->write(put(key, key));

  auto keys = [](const std::vector<Row>& rows) {
    std::string all;
    for (const Row& row : rows) all += row.key;
    return all;
  };
  EXPECT_EQ(keys(store->scan(Family::items, "b", "d", 10)), "bc");
  EXPECT_EQ(keys(store->scan(Family::items, "", "", 10, true)), "dcba");
  EXPECT_EQ(keys(store->scan(Family::items, "b", "", 2)), "bc");
}

TEST(Store, CompletionsComeInTheOrderOfTheCommits) {
  Folder folder;
  auto store = Store::open(folder.path, Store::Durability::fsync).value();
  std::vector<int> order;
  std::promise<void> last;

  for (int i = 0; i < 100; ++i) {
    store->commit(put("k", std::to_string(i)), [&order, &last, i] {
      order.push_back(i);
      if (i == 99) last.set_value();
    });
  }
  last.get_future().wait();

  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
  EXPECT_EQ(order.size(), 100u);
  EXPECT_EQ(store->get(Family::items, "k"), "99");
}

TEST(Store, DurableResumesTheCoroutineOnItsShard) {
  Folder folder;
  Shard shard(0, "test");  // outlives the store, whose thread posts to it
  auto store = Store::open(folder.path, Store::Durability::fsync).value();
  shard.start();
  std::promise<void> done;

  store->write(put("x", "y"));
  shard.spawn(wait_durable(*store, done));

  EXPECT_EQ(done.get_future().wait_for(std::chrono::seconds(5)), std::future_status::ready);
}

namespace {

std::string values_in(const StoreView& rows) {
  std::string all;
  rows.visit(Family::items, "", "", false, [&](std::string_view key, std::string_view value) {
    all += std::string(key) + '=' + std::string(value) + ' ';
    return true;
  });
  return all;
}

void check_snapshot(Store& store, const std::function<void()>& apply) {
  store.write(put("a", "1"));
  store.write(put("b", "1"));

  const auto before = store.snapshot();
  Batch change = put("a", "2");
  change.erase(Family::items, "b");
  change.put(Family::items, "c", "2");
  store.write(std::move(change));
  apply();

  EXPECT_EQ(values_in(*before), "a=1 b=1 ");
  EXPECT_EQ(before->get(Family::items, "b"), "1");
  EXPECT_EQ(before->get(Family::items, "c"), std::nullopt);
  ASSERT_EQ(before->scan(Family::items, "", "", 1, true).size(), 1u);
  EXPECT_EQ(before->scan(Family::items, "", "", 1, true)[0].key, "b");
  EXPECT_EQ(values_in(store), "a=2 c=2 ");
  Batch gone;
  gone.erase_range(Family::items, "a", "z");
  store.write(std::move(gone));
  EXPECT_EQ(values_in(*before), "a=1 b=1 ");
}

}  // namespace

TEST(Store, ASnapshotShowsTheRowsOfItsMoment) {
  auto store = Store::open("", Store::Durability::os).value();
  check_snapshot(*store, [] {});
  ManualStore manual;
  check_snapshot(manual, [] {});
}

// Two families are written by one batch each time: a copy in which they differ is of no moment.
TEST(Store, ACheckpointDuringWritesIsOfOneMomentAndOpens) {
  Folder folder;
  auto store = Store::open(folder.path, Store::Durability::os).value();
  std::atomic<bool> stop{false};
  std::atomic<int> written{0};
  std::thread writer([&] {
    for (int n = 1; !stop; ++n) {
      Batch batch;
      batch.put(Family::items, "n", std::to_string(n));
      batch.put(Family::indexes, "n", std::to_string(n));
      store->write(std::move(batch));
      written = n;
    }
  });
  while (written < 100) std::this_thread::yield();
  const int before = written;

  const auto made = store->checkpoint(folder.path + "/copy");
  stop = true;
  writer.join();

  ASSERT_TRUE(made) << made.error().message;
  auto copy = Store::open(folder.path + "/copy", Store::Durability::fsync).value();
  EXPECT_EQ(copy->get(Family::items, "n"), copy->get(Family::indexes, "n"));
  EXPECT_GE(std::stoi(copy->get(Family::items, "n").value()), before);
  EXPECT_LE(std::stoi(copy->get(Family::items, "n").value()), written.load());
  EXPECT_EQ(copy->get(Family::meta, "format"), "1");
}

TEST(Store, ACheckpointIsRefusedWhereItCannotBe) {
  Folder folder;
  auto store = Store::open(folder.path, Store::Durability::os).value();
  EXPECT_EQ(store->checkpoint(folder.path + "/no/parent").error().code, "StoreFailure");
  EXPECT_EQ(store->checkpoint(folder.path + "/db").error().code, "StoreFailure");
  EXPECT_EQ(Store::open("", Store::Durability::fsync).value()->checkpoint(folder.path + "/x").error().code, "StoreFailure");
}

TEST(Store, OsOutlivesTheStoreAndMemoryDoesNot) {
  Folder folder;
  for (const auto durability : {Store::Durability::os, Store::Durability::fsync}) {
    Store::open(folder.path, durability).value()->write(put("kept", "yes"));
    EXPECT_EQ(Store::open(folder.path, durability).value()->get(Family::items, "kept"), "yes");
  }

  std::filesystem::remove_all(folder.path);
  Store::open(folder.path, Store::Durability::memory).value()->write(put("kept", "no"));

  EXPECT_FALSE(std::filesystem::exists(folder.path));
}

}  // namespace croft
