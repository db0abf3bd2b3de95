#include "dynamo/item_copy.h"

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <random>
#include <thread>

#include "dynamo/attribute_encoding.h"
#include "dynamo/backups.h"
#include "dynamo/change_log.h"
#include "dynamo/tables_testing.h"

namespace croft::dynamo {

namespace {

using testing::item_of;

constexpr std::uint32_t source = 7, target = 9;

std::string key(int n) { return table_prefix(source) + "key" + std::to_string(n); }

std::string row(int value) {
  const Item item = item_of("{'n':{'N':'" + std::to_string(value) + "'}}");
  return encode_item(item, counted_bytes(item));
}

// The rows under a number, by what follows it.
std::map<std::string, std::string> rows_of(const StoreView& rows, std::uint32_t number) {
  std::map<std::string, std::string> found;
  const std::string prefix = table_prefix(number);
  rows.visit(Family::items, prefix, end_of_prefix(prefix), false, [&](std::string_view key, std::string_view row) {
    found[std::string(key.substr(prefix.size()))] = row;
    return true;
  });
  return found;
}

template <class Step>
int turns(Step& step) {
  int count = 1;
  while (step.turn()) ++count;
  return count;
}

// Copies what was there at `until`, as a restore does.
std::map<std::string, std::string> past(Store& store, Timestamp until) {
  Batch batch;
  batch.erase_range(Family::items, table_prefix(target), end_of_prefix(table_prefix(target)));
  store.write(std::move(batch));
  const auto rows = store.snapshot();
  CopyItems copy(store, rows, source, target);
  turns(copy);
  UndoChanges undo(store, rows, source, target, until);
  turns(undo);
  return rows_of(store, target);
}

}  // namespace

TEST(CopyItems, CopiesTheRowsOfTheSnapshotInTurns) {
  auto store = Store::open("", Store::Durability::memory).value();
  Batch batch;
  for (int n = 0; n < 2500; ++n) batch.put(Family::items, key(n), row(n));
  batch.put(Family::items, table_prefix(source - 1) + "key", row(1));
  batch.put(Family::items, table_prefix(source + 1) + "key", row(1));
  store->write(std::move(batch));
  const auto rows = store->snapshot();
  const auto then = rows_of(*rows, source);
  Batch later;
  later.put(Family::items, key(1), row(99));
  later.erase(Family::items, key(2));
  store->write(std::move(later));

  CopyItems copy(*store, rows, source, target);
  EXPECT_EQ(turns(copy), 3);

  EXPECT_EQ(rows_of(*store, target), then);
  EXPECT_EQ(copy.numbers().items, 2500);
  std::int64_t bytes = 0;
  for (const auto& [ignored, one] : then) bytes += static_cast<std::int64_t>(counted_bytes_of_row(one));
  EXPECT_EQ(copy.numbers().bytes, bytes);
}

// The log is written here as Tables writes it; the times are those that the log gave.
TEST(UndoChanges, GivesTheRowsOfEveryMoment) {
  auto store = Store::open("", Store::Durability::memory).value();
  ChangeLog log(*store);
  std::mt19937 chance(5);
  std::vector<std::pair<Timestamp, std::map<std::string, std::string>>> states;
  for (int n = 0; n < 3000; ++n) {
    const std::string item = key(static_cast<int>(chance() % 40));
    ItemChange change;
    change.row_key = item;
    change.before = store->get(Family::items, item);
    if (chance() % 3 != 0) change.after = row(n);
    if (!change.before && !change.after) continue;
    Batch batch;
    const Timestamp time = time_of(log.add(batch, source, change));
    if (change.after) batch.put(Family::items, item, *change.after);
    else batch.erase(Family::items, item);
    if (!states.empty() && states.back().first != time && states.size() % 7 == 0)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    store->write(std::move(batch));
    if (states.empty() || states.back().first != time) states.push_back({time, {}});
    states.back().second = rows_of(*store, source);
  }
  ASSERT_GT(states.size(), 5u);

  for (std::size_t n = 0; n < states.size(); n += std::max<std::size_t>(1, states.size() / 12)) {
    EXPECT_EQ(past(*store, states[n].first), states[n].second) << n;
    const Timestamp just_before{states[n].first.ms - 1};
    EXPECT_EQ(past(*store, just_before), n == 0 ? decltype(states[0].second)() : states[n - 1].second) << n;
  }
  EXPECT_EQ(past(*store, Timestamp{states.back().first.ms + 10}), states.back().second);
  EXPECT_TRUE(UndoChanges(*store, store->snapshot(), source, target, states.back().first).has_nothing_to_do());
  EXPECT_FALSE(UndoChanges(*store, store->snapshot(), source, target, states.front().first).has_nothing_to_do());
}

TEST(FillIndexes, MakesTheRowsThatWritersWouldHaveMade) {
  auto store = Store::open("", Store::Durability::memory).value();
  testing::TaskRunner await;
  Tables tables(*store, {});
  TableDefinition wanted = testing::definition("t");
  wanted.attributes.push_back({"g", Type::string});
  wanted.indexes.push_back(testing::index("by_g", true, {{"g", Type::string}, std::nullopt}));
  await(tables.create(wanted));
  for (int n = 0; n < 50; ++n) {
    const std::string g = n % 3 == 0 ? "" : ",'g':{'S':'" + std::to_string(n % 4) + "'}";
    await(tables.put({.table = "t", .item = item_of("{'pk':{'S':'p'},'sk':{'N':'" + std::to_string(n) + "'}" + g + "}")}));
  }
  const TableDefinition table = tables.freeze("t").table->definition;
  const auto made_by_writers = store->scan(Family::indexes, "", "", 1000);
  ASSERT_FALSE(made_by_writers.empty());
  Batch batch;
  batch.erase_range(Family::indexes, table_prefix(table.number), end_of_prefix(table_prefix(table.number)));
  store->write(std::move(batch));

  FillIndexes fill(*store, table);
  turns(fill);

  const auto filled = store->scan(Family::indexes, "", "", 1000);
  ASSERT_EQ(filled.size(), made_by_writers.size());
  for (std::size_t n = 0; n < filled.size(); ++n) {
    EXPECT_EQ(filled[n].key, made_by_writers[n].key);
    EXPECT_EQ(filled[n].value, made_by_writers[n].value);
  }
  EXPECT_EQ(fill.numbers().items, 50);
  EXPECT_EQ(fill.numbers().bytes, tables.describe("t")->numbers.bytes);
}

TEST(RestoredDefinition, TakesSettingsButNotWhatBelongsToTheOldTable) {
  TableDefinition table = testing::definition("old");
  table.on_demand = true;
  table.deletion_protection = true;
  table.tags = {{"a", "b"}};
  table.recovery = Recovery{{1}, 35};
  table.attributes.push_back({"g", Type::string});
  table.indexes.push_back(testing::index("by_g", true, {{"g", Type::string}, std::nullopt}));
  table.indexes.back().backfilling = true;

  const auto restored = restored_definition(table, {.name = "new"});

  ASSERT_TRUE(restored);
  EXPECT_EQ(restored->name, "new");
  EXPECT_TRUE(restored->on_demand);
  EXPECT_FALSE(restored->deletion_protection);
  EXPECT_TRUE(restored->tags.empty());
  EXPECT_FALSE(restored->recovery);
  ASSERT_EQ(restored->indexes.size(), 1u);
  EXPECT_FALSE(restored->indexes[0].backfilling);

  NewTable without{.name = "new", .global_indexes = std::vector<IndexDefinition>()};
  EXPECT_TRUE(restored_definition(table, without)->indexes.empty());
  EXPECT_EQ(restored_definition(table, without)->attributes.size(), 2u);
  NewTable provisioned{.name = "new", .on_demand = false};
  EXPECT_FALSE(restored_definition(table, provisioned));
  provisioned.throughput = Throughput{2, 3};
  EXPECT_EQ(restored_definition(table, provisioned)->throughput, (Throughput{2, 3}));
  EXPECT_EQ(restored_definition(table, provisioned)->indexes[0].throughput, (Throughput{2, 3}));
}

// A table that is being made, and rows of backups, do not make numbers come twice.
TEST(Numbers, AreNotGivenAgainAfterARestart) {
  auto store = Store::open("", Store::Durability::memory).value();
  testing::TaskRunner await;
  std::uint32_t given = 0;
  {
    Tables tables(*store, {});
    given = tables.allot_number();
    Batch batch;
    batch.put(Family::tables, "backup/t/1", json::dump(json::object{{"number", given}}));
    store->write(std::move(batch));
  }
  Tables tables(*store, {});
  EXPECT_GT(tables.allot_number(), given);
  await(tables.create(testing::definition("t")));
  EXPECT_GT(tables.freeze("t").table->definition.number, given);
  EXPECT_EQ(tables.names("", 10), std::vector<std::string>{"t"});
}

TEST(BeingMade, ATableIsDescribedAndTakesNothing) {
  auto store = Store::open("", Store::Durability::memory).value();
  testing::TaskRunner await;
  Tables tables(*store, {});
  ASSERT_TRUE(tables.begin_making(testing::definition("t"), {}));
  EXPECT_EQ(tables.describe("t")->status, "CREATING");
  EXPECT_EQ(await(tables.put({.table = "t", .item = item_of(testing::key1)})).error().code, "ResourceNotFoundException");
  EXPECT_EQ(await(tables.get({.table = "t", .key = item_of(testing::key1)})).error().code, "ResourceNotFoundException");
  EXPECT_EQ(await(tables.remove("t")).error().code, "ResourceInUseException");
  EXPECT_EQ(await(tables.create(testing::definition("t"))).error().code, "ResourceInUseException");
  EXPECT_EQ(Tables(*store, {}).describe("t")->status, "CREATING");

  tables.finish_making("t", {3, 99}, {});

  EXPECT_EQ(tables.describe("t")->status, "ACTIVE");
  EXPECT_EQ(tables.describe("t")->numbers.items, 3);
  EXPECT_TRUE(await(tables.put({.table = "t", .item = item_of(testing::key1)})));
  EXPECT_EQ(tables.describe("t")->numbers.items, 4);
}

}  // namespace croft::dynamo
