#include "dynamo/tables.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <thread>

#include "dynamo/tables_testing.h"

namespace croft::dynamo {

using namespace testing;  // NOLINT
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

TEST_F(TablesTest, WhatIsPutIsFoundAndReplacedWhole) {
  EXPECT_EQ(put("{'pk':{'S':'p'},'sk':{'N':'1'},'a':{'S':'x'}}"), "");
  EXPECT_EQ(get(key1), "{'a':{'S':'x'},'pk':{'S':'p'},'sk':{'N':'1'}}");
  EXPECT_EQ(put("{'pk':{'S':'p'},'sk':{'N':'1.0'},'b':{'S':'y'}}"), "");
  EXPECT_EQ(get(key1), "{'b':{'S':'y'},'pk':{'S':'p'},'sk':{'N':'1'}}");
  EXPECT_EQ(get("{'pk':{'S':'p'},'sk':{'N':'2'}}"), "");
}

TEST_F(TablesTest, ItemsAndKeysAreChecked) {
  EXPECT_EQ(put("{'pk':{'S':'p'}}"), "One or more parameter values were invalid: Missing the key sk in the item");
  EXPECT_EQ(get("{'pk':{'S':'p'}}"), "The provided key element does not match the schema");
  const std::string large(400 * 1024, 'x');
  EXPECT_EQ(put("{'pk':{'S':'p'},'sk':{'N':'1'},'a':{'S':'" + large + "'}}"),
            "Item size has exceeded the maximum allowed size");
  const auto missing = await(tables.get({.table = "none", .key = item_of(key1)}));
  EXPECT_EQ(missing.error().code, "ResourceNotFoundException");
  EXPECT_EQ(missing.error().message, "Requested resource not found");
}

TEST_F(TablesTest, AnItemOfExactlyTheLargestSizeIsTaken) {
  const std::size_t others = counted_bytes(item_of("{'pk':{'S':'p'},'sk':{'N':'1'},'a':{'S':''}}"));
  const auto item = [&](std::size_t bytes) {
    return "{'pk':{'S':'p'},'sk':{'N':'1'},'a':{'S':'" + std::string(bytes - others, 'x') + "'}}";
  };
  EXPECT_EQ(put(item(400 * 1024)), "");
  EXPECT_NE(put(item(400 * 1024 + 1)), "");
}

TEST_F(TablesTest, ConditionsDecideAndMayReturnTheItem) {
  EXPECT_EQ(put("{'pk':{'S':'p'},'sk':{'N':'1'}}", condition("attribute_not_exists(pk)")), "");
  EXPECT_EQ(put("{'pk':{'S':'p'},'sk':{'N':'1'}}", condition("attribute_not_exists(pk)")),
            "The conditional request failed");
  const auto failed = await(tables.erase(
      {.table = "t", .key = item_of(key1), .condition = condition("sk > :seven"), .item_in_failure = true}));
  EXPECT_EQ(failed.error().code, "ConditionalCheckFailedException");
  EXPECT_EQ(failed.error().details, R"({"Item":{"pk":{"S":"p"},"sk":{"N":"1"}}})");
}

TEST_F(TablesTest, EraseReturnsTheOldItemOnce) {
  fill(2);
  const DeleteItem request{.table = "t", .key = item_of(key1), .return_values = ReturnValues::all_old};
  EXPECT_EQ(await(tables.erase(request))->attributes->size(), 3u);
  EXPECT_FALSE(await(tables.erase(request))->attributes);
  EXPECT_EQ(get(key1), "");
}

TEST_F(TablesTest, UpdateMakesAnItemOrChangesIt) {
  EXPECT_FALSE(update(key1, "SET a = :a ADD n :two", ReturnValues::updated_old)->attributes);
  EXPECT_EQ(get(key1), "{'a':{'S':'a'},'n':{'N':'2'},'pk':{'S':'p'},'sk':{'N':'1'}}");
  EXPECT_EQ(text_of(*update(key1, "ADD n :two", ReturnValues::updated_new)->attributes), "{'n':{'N':'4'}}");
  EXPECT_EQ(text_of(*update(key1, "ADD n :two", ReturnValues::updated_old)->attributes), "{'n':{'N':'4'}}");
  EXPECT_EQ(text_of(*update(key1, "REMOVE n", ReturnValues::all_new)->attributes),
            "{'a':{'S':'a'},'pk':{'S':'p'},'sk':{'N':'1'}}");
  EXPECT_EQ(text_of(*update(key1, "SET a = :b", ReturnValues::all_old)->attributes),
            "{'a':{'S':'a'},'pk':{'S':'p'},'sk':{'N':'1'}}");
}

TEST_F(TablesTest, UpdatesTellOnlyTheChangedPartsThatExist) {
  update(key1, "SET a = :a");
  EXPECT_FALSE(update(key1, "REMOVE a", ReturnValues::updated_new)->attributes);
  EXPECT_FALSE(update(key1, "SET b = :b", ReturnValues::updated_old)->attributes);
}

TEST_F(TablesTest, ItemsMadeWithoutJsonMayNotBeTooDeepEither) {
  AttributeValue value{std::string("leaf")};
  for (int i = 0; i < 32; ++i) value = AttributeValue{List{{value}}};
  Item item = item_of(key1);
  item.set("deep", value);
  const auto written = await(tables.put({.table = "t", .item = item}));
  EXPECT_THAT(written.error().message, StartsWith("Nesting Levels have exceeded supported limits"));
}

TEST_F(TablesTest, RemovingFromNothingMakesNothing) {
  EXPECT_TRUE(update(key1, "REMOVE a"));
  EXPECT_EQ(get(key1), "");
}

TEST_F(TablesTest, KeysCannotBeUpdated) {
  EXPECT_EQ(
      update(key1, "SET pk = :a").error().message,
      "One or more parameter values were invalid: Cannot update attribute pk. This attribute is part of the key");
}

TEST_F(TablesTest, QueriesWalkASortedRangeBothWays) {
  fill(12);
  put("{'pk':{'S':'q'},'sk':{'N':'3'}}");
  Query request = query("pk = :p AND sk BETWEEN :two AND :seven");
  EXPECT_THAT(sort_keys(*await(tables.query(request))), ElementsAre("2", "3", "4", "5", "6", "7"));
  request.forward = false;
  request.reading.limit = 3;
  const Page page = *await(tables.query(request));
  EXPECT_THAT(sort_keys(page), ElementsAre("7", "6", "5"));
  EXPECT_EQ(text_of(*page.last_key), "{'pk':{'S':'p'},'sk':{'N':'5'}}");
  request.reading.start_key = page.last_key;
  EXPECT_THAT(sort_keys(*await(tables.query(request))), ElementsAre("4", "3", "2"));
}

TEST_F(TablesTest, EverySortConditionIsARange) {
  fill(12);
  const auto found = [&](std::string_view condition) { return sort_keys(*await(tables.query(query(condition)))); };
  EXPECT_THAT(found("pk = :p AND sk > :seven"), ElementsAre("8", "9", "10", "11"));
  EXPECT_THAT(found("pk = :p AND sk >= :seven"), ElementsAre("7", "8", "9", "10", "11"));
  EXPECT_THAT(found("pk = :p AND sk <= :one"), ElementsAre("0", "1"));
  EXPECT_THAT(found("pk = :p AND sk < :one"), ElementsAre("0"));
  EXPECT_THAT(found("pk = :p AND sk = :two"), ElementsAre("2"));
  EXPECT_THAT(found("pk = :a"), IsEmpty());
}

TEST_F(TablesTest, ALimitThatIsJustReachedStillHasALastKey) {
  fill(3);
  Query request = query("pk = :p");
  request.reading.limit = 3;
  const Page page = *await(tables.query(request));
  ASSERT_TRUE(page.last_key);
  request.reading.start_key = page.last_key;
  const Page next = *await(tables.query(request));
  EXPECT_EQ(next.count, 0u);
  EXPECT_FALSE(next.last_key);
}

TEST_F(TablesTest, FiltersDoNotChangeWhatIsScanned) {
  fill(10);
  Query request = query("pk = :p");
  request.reading.filter = condition("odd = :true");
  request.reading.limit = 5;
  const Page page = *await(tables.query(request));
  EXPECT_EQ(page.scanned, 5u);
  EXPECT_THAT(sort_keys(page), ElementsAre("1", "3"));
  request.reading.count_only = true;
  EXPECT_EQ(await(tables.query(request))->count, 2u);
  EXPECT_THAT(await(tables.query(request))->items, IsEmpty());
  request.reading.filter = condition("sk = :one");
  EXPECT_EQ(await(tables.query(request)).error().message,
            "Filter Expression can only contain non-primary key attributes: Primary key attribute: sk");
}

TEST_F(TablesTest, StartKeysMustLieInTheQuery) {
  fill(3);
  const auto refusal = [&](std::string start) {
    Query request = query("pk = :p AND sk > :one");
    request.reading.start_key = item_of(std::move(start));
    const auto page = await(tables.query(request));
    return page ? "accepted" : page.error().message;
  };
  EXPECT_EQ(refusal("{'pk':{'S':'p'},'sk':{'N':'5'}}"), "accepted");
  EXPECT_EQ(refusal("{'pk':{'S':'p'}}"), "The provided starting key is invalid");
  EXPECT_EQ(refusal("{'pk':{'S':'x'},'sk':{'N':'5'}}"),
            "The provided starting key is outside query boundaries based on provided conditions");
  EXPECT_EQ(refusal("{'pk':{'S':'p'},'sk':{'N':'0'}}"),
            "The provided starting key does not match the range key predicate");
}

TEST_F(TablesTest, APageHoldsAboutAMebibyte) {
  const std::string filler(300 * 1024, 'x');
  for (int i = 0; i < 6; ++i)
    put("{'pk':{'S':'p'},'sk':{'N':'" + std::to_string(i) + "'},'f':{'S':'" + filler + "'}}");
  Scan request{.reading = {.table = "t"}};
  const Page first = *await(tables.scan(request));
  EXPECT_EQ(first.count, 4u);
  request.reading.start_key = first.last_key;
  const Page second = *await(tables.scan(request));
  EXPECT_EQ(second.count, 2u);
  EXPECT_FALSE(second.last_key);
}

TEST_F(TablesTest, SegmentsOfAScanShareTheItemsOut) {
  for (int i = 0; i < 200; ++i) put("{'pk':{'S':'p" + std::to_string(i) + "'},'sk':{'N':'0'}}");
  std::size_t total = 0;
  for (std::uint32_t segment = 0; segment < 7; ++segment) {
    const Page page = *await(tables.scan({.reading = {.table = "t"}, .segment = segment, .segments = 7}));
    EXPECT_GT(page.count, 5u);
    total += page.count;
  }
  EXPECT_EQ(total, 200u);
  const Scan narrow{.reading = {.table = "t"}, .segment = 999'999, .segments = 1'000'000};
  EXPECT_TRUE(await(tables.scan(narrow)));
}

TEST_F(TablesTest, ALongScanGoesOnWhereItStoppedForOthers) {
  for (int i = 0; i < 10'050; i += 25) {
    BatchWrite batch{{{"t", {}}}};
    for (int j = i; j < i + 25; ++j) {
      batch.parts[0].requests.push_back({item_of("{'pk':{'S':'p'},'sk':{'N':'" + std::to_string(j) + "'}}"), {}});
    }
    ASSERT_TRUE(await(tables.batch_write(std::move(batch))));
  }
  EXPECT_EQ(await(tables.scan({.reading = {.table = "t", .count_only = true}}))->count, 10'050u);
}

TEST_F(TablesTest, BatchesReadAndWriteManyAndRefuseDuplicates) {
  const Item one = item_of(key1), two = item_of("{'pk':{'S':'p'},'sk':{'N':'2'}}");
  ASSERT_TRUE(await(tables.batch_write({{{"t", {{one, {}}, {two, {}}}}}})));
  ASSERT_TRUE(await(tables.batch_write({{{"t", {{std::nullopt, one}}}}})));
  EXPECT_EQ(await(tables.batch_get({{{"t", {one, two}}}}))->parts[0].items.size(), 1u);
  EXPECT_EQ(await(tables.batch_write({{{"t", {{one, {}}, {std::nullopt, one}}}}})).error().message,
            "Provided list of item keys contains duplicates");
  EXPECT_EQ(await(tables.batch_get({{{"t", {one, one}}}})).error().message,
            "Provided list of item keys contains duplicates");
  EXPECT_EQ(await(tables.batch_get({{{"none", {one}}}})).error().message, "Requested resource not found");
}

TEST_F(TablesTest, CapacityIsCountedAsAwsDoes) {
  const std::string filler(3000, 'x');
  const Item item = item_of("{'pk':{'S':'p'},'sk':{'N':'1'},'f':{'S':'" + filler + "'}}");
  EXPECT_EQ(await(tables.put({.table = "t", .item = item}))->capacity.total(), 3.0);
  EXPECT_EQ(await(tables.get({.table = "t", .key = item_of(key1)}))->capacity.total(), 0.5);
  EXPECT_EQ(await(tables.get({.table = "t", .key = item_of(key1), .consistent = true}))->capacity.total(), 1.0);
  EXPECT_EQ(await(tables.erase({.table = "t", .key = item_of(key1)}))->capacity.total(), 3.0);
}

TEST_F(TablesTest, ConcurrentUpdatesOfOneItemAllCount) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this] {
      TaskRunner await_here;
      Placeholders p = values();
      const Update add = Update::parse("ADD n :one", p).value();
      for (int j = 0; j < 100; ++j) {
        EXPECT_TRUE(await_here(tables.update({.table = "t", .key = item_of(key1), .update = add})));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(get(key1), "{'n':{'N':'400'},'pk':{'S':'p'},'sk':{'N':'1'}}");
}

TEST_F(TablesTest, TablesAreListedDescribedAndRemoved) {
  await(tables.create(definition("a")));
  EXPECT_THAT(tables.names("", 100), ElementsAre("a", "t"));
  EXPECT_THAT(tables.names("a", 100), ElementsAre("t"));
  EXPECT_EQ(await(tables.create(definition("a"))).error().message, "Table already exists: a");
  put("{'pk':{'S':'p'},'sk':{'N':'1'}}");
  put("{'pk':{'S':'p'},'sk':{'N':'2'}}");
  const TableDescription table = *tables.describe("t");
  EXPECT_EQ(table.status, "ACTIVE");
  EXPECT_EQ(table.arn, "arn:aws:dynamodb:us-east-1:000000000000:table/t");
  EXPECT_EQ(table.numbers.items, 2);
  EXPECT_EQ(table.numbers.bytes, 2 * (2 + 1 + 2 + 2));
  EXPECT_EQ(await(tables.remove("t"))->status, "DELETING");
  EXPECT_EQ(tables.describe("t").error().message, "Requested resource not found: Table: t not found");
  await(tables.create(definition("t")));
  EXPECT_EQ(get(key1), "");
}

TEST_F(TablesTest, ProtectedTablesStay) {
  await(tables.update(UpdateTable{.table = "t", .deletion_protection = true}));
  EXPECT_THAT(await(tables.remove("t")).error().message, StartsWith("Resource cannot be deleted"));
  await(tables.update(UpdateTable{.table = "t", .deletion_protection = false}));
  EXPECT_TRUE(await(tables.remove("t")));
}

TEST(TablesRestart, EverythingAnsweredIsThereAfterReopening) {
  const std::string folder = std::filesystem::temp_directory_path() / ("croft-dynamo-" + std::to_string(getpid()));
  std::filesystem::remove_all(folder);
  TaskRunner await;
  TableDefinition wanted = definition("kept");
  wanted.attributes.push_back({"g", Type::string});
  wanted.indexes.push_back(index("global", true, {{"g", Type::string}, std::nullopt}));
  wanted.tags = {{"team", "iot"}};
  std::string id;
  {
    auto store = Store::open(folder, Store::Durability::fsync).value();
    Tables tables(*store, {});
    id = await(tables.create(wanted))->definition.id;
    await(tables.put({.table = "kept", .item = item_of("{'pk':{'S':'p'},'sk':{'N':'1'},'g':{'S':'a'}}")}));
    await(tables.create(definition("gone")));
    await(tables.remove("gone"));
  }

  {
    auto store = Store::open(folder, Store::Durability::fsync).value();
    Tables tables(*store, {});

    EXPECT_THAT(tables.names("", 10), ElementsAre("kept"));
    const TableDescription table = *tables.describe("kept");
    EXPECT_EQ(table.definition.id, id);
    EXPECT_EQ(table.definition.keys, wanted.keys);
    EXPECT_EQ(table.definition.tags, wanted.tags);
    EXPECT_EQ(table.numbers.items, 1);
    const Query query{.reading = {.table = "kept", .index = "global"}, .key_condition = condition("g = :a")};
    EXPECT_EQ(await(tables.query(query))->count, 1u);
  }
  std::filesystem::remove_all(folder);
}

namespace {

// A store whose process died after some more writes: later ones are lost.
class DyingStore final : public Store {
 public:
  explicit DyingStore(Store& inner) : inner_(inner) {}

  std::size_t writes_left = SIZE_MAX;

  std::optional<std::string> get(Family family, std::string_view key) const override {
    return inner_.get(family, key);
  }
  std::vector<Row> scan(Family family, std::string_view from, std::string_view to, std::size_t limit,
                        bool reverse) const override {
    return inner_.scan(family, from, to, limit, reverse);
  }
  void visit(Family family, std::string_view from, std::string_view to, bool reverse,
             const std::function<bool(std::string_view, std::string_view)>& visit) const override {
    inner_.visit(family, from, to, reverse, visit);
  }
  void write(Batch batch) override {
    if (writes_left == 0) return;
    --writes_left;
    inner_.write(std::move(batch));
  }
  Task<void> durable() override { co_await inner_.durable(); }
  void commit(Batch batch, std::function<void()> done) override { inner_.commit(std::move(batch), std::move(done)); }
  std::shared_ptr<const StoreView> snapshot() const override { return inner_.snapshot(); }
  Result<void> checkpoint(const std::string& folder) const override { return inner_.checkpoint(folder); }
  std::uint64_t size() const override { return inner_.size(); }

 private:
  Store& inner_;
};

}  // namespace

TEST(TablesRestart, AnIndexGoesWithItsRowsWhereverACrashFalls) {
  for (std::size_t writes : {0U, 1U, 2U}) {
    auto store = Store::open("", Store::Durability::os).value();
    TaskRunner await;
    {
      DyingStore dying(*store);
      Tables tables(dying, {});
      TableDefinition wanted = definition("t");
      wanted.attributes.push_back({"g", Type::string});
      wanted.indexes.push_back(index("old", true, {{"g", Type::string}, std::nullopt}));
      await(tables.create(wanted));
      await(tables.put({.table = "t", .item = item_of("{'pk':{'S':'p'},'sk':{'N':'1'},'g':{'S':'a'}}")}));
      dying.writes_left = writes;
      await(tables.update(UpdateTable{.table = "t", .erase_index = "old"}));
    }

    Tables tables(*store, {});

    const std::size_t indexes = tables.describe("t")->definition.indexes.size();
    EXPECT_EQ(indexes, writes == 0 ? 1U : 0U) << writes;
    EXPECT_EQ(store->scan(Family::indexes, "", "", 10).size(), indexes) << writes;
  }
}

TEST(TablesRestart, AnIndexThatACrashLeftHalfMadeIsFinishedInTheBackground) {
  auto store = Store::open("", Store::Durability::os).value();
  TaskRunner await;
  {
    Tables tables(*store, {});
    await(tables.create(definition("t")));
    await(tables.put({.table = "t", .item = item_of("{'pk':{'S':'p'},'sk':{'N':'1'},'g':{'S':'a'}}")}));
    TableDefinition half_made = tables.describe("t")->definition;
    half_made.attributes.push_back({"g", Type::string});
    half_made.indexes.push_back(index("late", true, {{"g", Type::string}, std::nullopt}));
    half_made.indexes[0].number = 1;
    half_made.indexes[0].backfilling = true;
    Batch batch;
    batch.put(Family::tables, "t", json::dump(to_json(half_made)));
    store->write(std::move(batch));
  }

  Tables tables(*store, {});
  const Query query{.reading = {.table = "t", .index = "late"}, .key_condition = condition("g = :a")};
  EXPECT_EQ(await(tables.query(query)).error().message, "Cannot read from backfilling global secondary index: late");
  EXPECT_EQ(await(tables.remove("t")).error().message,
            "Attempt to change a resource which is still in use: "
            "Cannot delete table while indexes are being created, updated, or deleted.");
  Shard shard(1, "fill");
  shard.start();
  tables.start(shard);
  while (tables.describe("t")->definition.indexes[0].backfilling) std::this_thread::yield();

  EXPECT_EQ(await(tables.query(query)).value().count, 1u);
  shard.stop();
}

// Counting begins at some moment between two writes, whoever writes meanwhile.
TEST(TablesRestart, RowsAreCountedExactlyBesideWriters) {
  auto store = Store::open("", Store::Durability::os).value();
  TaskRunner await;
  constexpr int writers = 3, rounds = 30, writes = 40;
  for (int round = 0; round < rounds; ++round) {
    Tables tables(*store, {});
    if (round == 0) await(tables.create(definition("t")));
    std::vector<std::thread> threads;
    for (int w = 0; w < writers; ++w) {
      threads.emplace_back([&tables, w, round] {
        TaskRunner awaits;
        for (int i = 0; i < writes; ++i) {
          const std::string key = "{'pk':{'S':'" + std::to_string(w) + "'},'sk':{'N':'" + std::to_string(i) + "'}";
          if ((i + round) % 3 == 0) awaits(tables.erase({.table = "t", .key = item_of(key + "}")}));
          else awaits(tables.put({.table = "t", .item = item_of(key + ",'v':{'S':'" + std::string(i, 'x') + "'}}")}));
        }
      });
    }
    tables.describe("t");
    for (std::thread& thread : threads) thread.join();

    const TableStatistics::Numbers kept_up = tables.describe("t")->numbers;
    const TableStatistics::Numbers counted = Tables(*store, {}).describe("t")->numbers;

    ASSERT_EQ(kept_up.items, counted.items) << round;
    ASSERT_EQ(kept_up.bytes, counted.bytes) << round;
  }
}

}  // namespace croft::dynamo
