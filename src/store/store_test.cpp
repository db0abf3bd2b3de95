#include "store/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <future>

#include "shard/shard.h"

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

}  // namespace croft
