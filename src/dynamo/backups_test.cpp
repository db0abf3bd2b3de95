#include "dynamo/backups.h"

#include <gtest/gtest.h>

#include <latch>
#include <thread>

#include "dynamo/limits.h"
#include "dynamo/recovery.h"
#include "dynamo/tables_testing.h"

namespace croft::dynamo {

namespace {

using testing::item_of;

// Tables with backups, whose background work waits for the test.
class BackupsTest : public ::testing::Test {
 protected:
  BackupsTest() {
    shard.start();
    EXPECT_TRUE(await(tables.create(testing::definition("t"))));
    for (int n = 0; n < 5; ++n) put(n);
  }
  ~BackupsTest() override {
    go_on();
    shard.stop();
  }

  void put(int n) {
    EXPECT_TRUE(await(tables.put({.table = "t", .item = item_of("{'pk':{'S':'p'},'sk':{'N':'" + std::to_string(n) + "'}}")})));
  }
  // The pool's only thread does nothing until go_on().
  void hold() {
    held = std::make_shared<std::latch>(1);
    pool.push([held = held] { held->wait(); });
  }
  void go_on() {
    if (held) held->count_down();
    held.reset();
  }
  Backup create(const std::string& name) { return await(backups.create("t", name)).value(); }
  std::string status(const Backup& backup) { return backups.describe(backup.arn).value().status; }
  Backup available(const std::string& name) {
    const Backup backup = create(name);
    for (int turn = 0; turn < 5000 && status(backup) != "AVAILABLE"; ++turn) wait();
    return backups.describe(backup.arn).value();
  }
  void until_active(const std::string& table) {
    for (int turn = 0; turn < 5000 && tables.describe(table)->status != "ACTIVE"; ++turn) wait();
    EXPECT_EQ(tables.describe(table)->status, "ACTIVE");
  }
  static void wait() { std::this_thread::sleep_for(std::chrono::milliseconds(1)); }
  Result<TableDescription> restore(const Backup& backup, const std::string& name) {
    return await(backups.restore(backup.arn, {.name = name}));
  }
  std::string code(const Result<TableDescription>& result) { return result ? "" : result.error().code; }

  std::unique_ptr<Store> store = Store::open("", Store::Durability::memory).value();
  Shard shard{1, "backups"};
  Pool pool{1};
  Tables tables{*store, {}};
  Restores restores{tables, *store, shard, pool};
  Backups backups{tables, *store, shard, pool, restores, {}};
  PointInTime past{tables, tables.changes(), restores, {}};
  std::shared_ptr<std::latch> held;
  testing::TaskRunner await;
};

}  // namespace

TEST_F(BackupsTest, ABackupThatIsBeingMadeIsInUse) {
  hold();
  const Backup backup = create("one");

  EXPECT_EQ(status(backup), "CREATING");
  EXPECT_EQ(code(restore(backup, "other")), "BackupInUseException");
  EXPECT_EQ(await(backups.erase(backup.arn)).error().code, "BackupInUseException");
  put(99);  // is not in it

  go_on();
  for (int turn = 0; turn < 5000 && status(backup) != "AVAILABLE"; ++turn) wait();
  EXPECT_EQ(backups.describe(backup.arn)->numbers.items, 5);
  ASSERT_TRUE(restore(backup, "other"));
  until_active("other");
  EXPECT_EQ(tables.describe("other")->numbers.items, 5);
  EXPECT_EQ(tables.describe("t")->numbers.items, 6);
}

TEST_F(BackupsTest, ATableThatIsBeingRestoredIsInUseAndSoIsItsBackup) {
  const Backup backup = available("one");
  hold();
  ASSERT_TRUE(restore(backup, "made"));

  EXPECT_EQ(tables.describe("made")->status, "CREATING");
  EXPECT_EQ(code(restore(backup, "made")), "TableInUseException");
  EXPECT_EQ(code(restore(backup, "t")), "TableAlreadyExistsException");
  EXPECT_EQ(await(backups.create("made", "x")).error().code, "TableInUseException");
  EXPECT_EQ(await(backups.erase(backup.arn)).error().code, "BackupInUseException");
  EXPECT_EQ(await(tables.remove("made")).error().code, "ResourceInUseException");

  go_on();
  until_active("made");
  EXPECT_EQ(await(backups.erase(backup.arn))->status, "DELETED");
  EXPECT_EQ(backups.describe(backup.arn).error().code, "BackupNotFoundException");
  EXPECT_EQ(tables.describe("made")->numbers.items, 5);
}

TEST_F(BackupsTest, OnlySoManyAreMadeAtATime) {
  const Backup backup = available("one");
  hold();
  for (std::size_t n = 0; n < limits::restores_max; ++n) {
    create("b" + std::to_string(n));
    ASSERT_TRUE(restore(backup, "table" + std::to_string(n)));
  }
  EXPECT_EQ(await(backups.create("t", "one-more")).error().code, "LimitExceededException");
  EXPECT_EQ(code(restore(backup, "one-more")), "LimitExceededException");
  go_on();
  for (std::size_t n = 0; n < limits::restores_max; ++n) until_active("table" + std::to_string(n));
  EXPECT_TRUE(restore(backup, "one-more"));
}

TEST_F(BackupsTest, WhatACrashInterruptedGoesOnOrGoes) {
  const Backup backup = available("whole");
  hold();
  const Backup half = create("half");
  ASSERT_TRUE(restore(backup, "made"));
  Batch leftover;  // some items were copied already
  leftover.put(Family::items, table_prefix(tables.describe("made")->definition.number) + "x", "rubbish");
  leftover.put(Family::items, table_prefix(half.number) + "x", "rubbish");
  store->write(std::move(leftover));

  // Another process on the same rows.
  Pool other_pool{1};
  Tables again(*store, {});
  Shard other_shard{2, "again"};
  Restores other_restores(again, *store, other_shard, other_pool);
  Backups other(again, *store, other_shard, other_pool, other_restores, {});
  other_restores.start();
  other.start();
  other_shard.start();
  for (int turn = 0; turn < 5000 && again.describe("made")->status != "ACTIVE"; ++turn) wait();

  EXPECT_EQ(again.describe("made")->numbers.items, 5);
  EXPECT_EQ(other.describe(half.arn).error().code, "BackupNotFoundException");
  EXPECT_TRUE(store->scan(Family::items, table_prefix(half.number), table_prefix(half.number + 1), 1).empty());
  EXPECT_EQ(other.list({}).backups.size(), 1u);
  other_shard.stop();
}

TEST_F(BackupsTest, ARestoreWhoseSourceIsGoneAfterACrashGoesToo) {
  hold();
  ASSERT_TRUE(await(past.set("t", 35)));
  wait(), wait();
  ASSERT_TRUE(await(past.restore("t", {.name = "made"}, std::nullopt)));
  ASSERT_TRUE(await(past.set("t", std::nullopt)));  // its log is not kept any more

  Pool other_pool{1};
  Tables again(*store, {});
  Shard other_shard{2, "again"};
  Restores other_restores(again, *store, other_shard, other_pool);
  other_restores.start();

  EXPECT_FALSE(again.describe("made"));
  EXPECT_TRUE(store->scan(Family::tables, "restore/", "restore0", 1).empty());
}

TEST_F(BackupsTest, BackupsOfTheSystemEnd) {
  ASSERT_TRUE(await(past.set("t", 35)));
  ASSERT_TRUE(await(tables.remove("t")));
  const BackupPage page = backups.list({.is_system = true});
  ASSERT_EQ(page.backups.size(), 1u);
  const Backup& backup = page.backups[0];
  EXPECT_EQ(backup.expires->ms - backup.created.ms, 35LL * 86'400'000);
  EXPECT_EQ(backup.numbers.items, 5);

  const std::string key = "backup/t/" + backup.id;
  json::object row = json::parse(*store->get(Family::tables, key)).value().as_object();
  row["expires"] = Timestamp::now().ms - 1;
  Batch batch;
  batch.put(Family::tables, key, json::dump(row));
  store->write(std::move(batch));

  EXPECT_TRUE(backups.list({.is_system = true}).backups.empty());
  EXPECT_EQ(backups.describe(backup.arn).error().code, "BackupNotFoundException");
  backups.start();
  EXPECT_EQ(store->get(Family::tables, key), std::nullopt);
  EXPECT_TRUE(store->scan(Family::items, table_prefix(backup.number), table_prefix(backup.number + 1), 1).empty());
}

}  // namespace croft::dynamo
