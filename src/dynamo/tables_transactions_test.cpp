#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "dynamo/errors.h"
#include "dynamo/tables_testing.h"
#include "dynamo/transaction_tokens.h"

namespace croft::dynamo {

using namespace testing;

namespace {

constexpr Timestamp start{1'700'000'000'000};
constexpr std::int64_t ten_minutes = 600'000;

Timestamp after(std::int64_t ms) { return {start.ms + ms}; }

std::size_t rows_of(const Store& store) { return store.scan(Family::indexes, "", "", 100).size(); }

class Transactions : public TablesTest {
 protected:
  static std::string key(int n) { return "{'pk':{'S':'p'},'sk':{'N':'" + std::to_string(n) + "'}}"; }
  static PutItem put_of(int n) { return {.table = "t", .item = item_of(key(n))}; }
  static ConditionCheck check_of(int n, std::string_view text) {
    return {.table = "t", .key = item_of(key(n)), .condition = condition(text)};
  }
  static UpdateItem add(int n) {
    Placeholders p = values();
    UpdateItem update{.table = "t", .key = item_of(key(n))};
    update.update = Update::parse("ADD n :one", p).value();
    return update;
  }
  Result<TransactWritten> write(TransactWrite request) { return await(tables.transact_write(std::move(request))); }
};

}  // namespace

TEST(TransactionTokens, CountForTenMinutes) {
  auto store = Store::open("", Store::Durability::os).value();
  TransactionTokens tokens;
  Batch batch;
  tokens.remember(batch, "token", "print", start);
  store->write(std::move(batch));

  EXPECT_EQ(tokens.find(*store, "token", start), "print");
  EXPECT_EQ(TransactionTokens().find(*store, "token", after(ten_minutes - 1)), "print");  // after a restart too
  EXPECT_EQ(tokens.find(*store, "token", after(ten_minutes)), std::nullopt);
  EXPECT_EQ(tokens.find(*store, "toke", start), std::nullopt);
  EXPECT_EQ(tokens.find(*store, "token2", start), std::nullopt);
}

TEST(TransactionTokens, OldOnesAreErasedByNewOnes) {
  auto store = Store::open("", Store::Durability::os).value();
  TransactionTokens tokens;
  for (int n = 0; n < 10; ++n) {
    Batch batch;
    tokens.remember(batch, "token" + std::to_string(n), "", after(n * ten_minutes));
    store->write(std::move(batch));
  }

  EXPECT_EQ(rows_of(*store), 2u);
  EXPECT_EQ(tokens.find(*store, "token9", after(9 * ten_minutes)), "");
}

TEST_F(Transactions, ChangeNothingWhenOneActionFails) {
  const auto refused = write({.actions = {put_of(1), check_of(2, "attribute_exists(pk)"), put_of(3)}});

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "TransactionCanceledException");
  EXPECT_EQ(refused.error().message,
            "Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed, None]");
  EXPECT_EQ(refused.error().details,
            "{\"CancellationReasons\":[{\"Code\":\"None\"},{\"Code\":\"ConditionalCheckFailed\",\"Message\":\"The conditional "
            "request failed\"},{\"Code\":\"None\"}]}");
  EXPECT_EQ(get(key(1)) + get(key(3)), "");
  EXPECT_EQ(tables.describe("t")->numbers.items, 0);
}

TEST_F(Transactions, AreRepeatedByTheirToken) {
  TransactWrite request{.actions = {add(1)}, .token = "token", .fingerprint = "one"};
  const auto first = write(request), second = write(request);
  request.fingerprint = "other";

  EXPECT_FALSE(first->repeated);
  EXPECT_TRUE(second->repeated);
  EXPECT_EQ(write(request).error(), token_mismatch());
  EXPECT_EQ(get(key(1)), "{'n':{'N':'1'},'pk':{'S':'p'},'sk':{'N':'1'}}");
}

TEST_F(Transactions, OneWriteIsAllOfIt) {
  TransactWrite request;
  for (int n = 0; n < 100; ++n) request.actions.emplace_back(put_of(n));
  request.token = "token";
  const std::size_t before = rows_of(*store);

  EXPECT_TRUE(write(std::move(request)));

  EXPECT_EQ(store->scan(Family::items, "", "", 1000).size(), 100u);
  EXPECT_EQ(rows_of(*store), before + 1);  // the token
}

TEST_F(Transactions, AreSerializable) {
  for (int n = 0; n < 4; ++n) write({.actions = {add(n)}});
  std::atomic<bool> stopping = false, torn = false;
  const auto sum = [&] {
    TransactGet request;
    for (int n = 0; n < 4; ++n) request.gets.push_back({.table = "t", .key = item_of(key(n))});
    TaskRunner run;
    std::int64_t total = 0;
    const auto got = run(tables.transact_get(std::move(request)));
    for (const auto& item : got->items) total += std::stoll(item->find("n")->get<Number>()->text());
    return total;
  };
  const auto move_between = [&](int from, int to) {
    Placeholders p = values();
    UpdateItem take{.table = "t", .key = item_of(key(from))};
    take.update = Update::parse("SET n = n - :one", p).value();
    TransactWrite request{.actions = {std::move(take), add(to)}};
    TaskRunner run;
    EXPECT_TRUE(run(tables.transact_write(std::move(request))));
  };

  std::vector<std::thread> threads;
  for (int n = 0; n < 4; ++n) {
    threads.emplace_back([&, n] {
      for (int turn = 0; turn < 50; ++turn) move_between(n, (n + 1 + turn % 3) % 4);
    });
  }
  std::thread reader([&] {
    while (!stopping) torn = torn || sum() != 4;
  });
  for (std::thread& thread : threads) thread.join();
  stopping = true;
  reader.join();

  EXPECT_FALSE(torn);
  EXPECT_EQ(sum(), 4);
}

TEST_F(Transactions, ACollectionHasTheRowsOfItsItemsAndLocalIndexes) {
  TableDefinition local = definition("local");
  local.attributes.push_back({"l", Type::string});
  local.indexes = {index("byl", false, {{"pk", Type::string}, KeyAttribute{"l", Type::string}})};
  ASSERT_TRUE(await(tables.create(std::move(local))));
  const auto bytes = [&] { return await(tables.collection("local", item_of("{'pk':{'S':'p'}}")))->bytes; };

  EXPECT_EQ(bytes(), 0u);
  const Item item = item_of("{'pk':{'S':'p'},'sk':{'N':'1'},'l':{'S':'x'}}");
  await(tables.put({.table = "local", .item = item}));
  EXPECT_EQ(bytes(), 2 * counted_bytes(item));
  await(tables.put({.table = "local", .item = item_of("{'pk':{'S':'p2'},'sk':{'N':'1'}}")}));
  EXPECT_EQ(bytes(), 2 * counted_bytes(item));
  EXPECT_EQ(await(tables.collection("t", item_of("{'pk':{'S':'p'}}"))).has_value(), false);
}

TEST_F(Transactions, RowsOfIndexesAreCounted) {
  TableDefinition indexed = definition("indexed");
  indexed.attributes.push_back({"g", Type::string});
  indexed.indexes = {index("byg", true, {{"g", Type::string}, std::nullopt})};
  ASSERT_TRUE(await(tables.create(std::move(indexed))));
  const auto numbers = [](const Tables& of) { return of.describe("indexed")->index_numbers.at(0); };
  const Item item = item_of("{'pk':{'S':'p'},'sk':{'N':'1'},'g':{'S':'x'}}");
  await(tables.put({.table = "indexed", .item = item}));
  await(tables.put({.table = "indexed", .item = item_of("{'pk':{'S':'p'},'sk':{'N':'2'}}")}));

  EXPECT_EQ(numbers(tables).items, 1);
  EXPECT_EQ(numbers(tables).bytes, static_cast<std::int64_t>(counted_bytes(item)));
  EXPECT_EQ(numbers(Tables(*store, {})).items, 1);  // after a restart
  await(tables.erase({.table = "indexed", .key = item_of("{'pk':{'S':'p'},'sk':{'N':'1'}}")}));
  EXPECT_EQ(numbers(tables).items, 0);
  EXPECT_EQ(numbers(tables).bytes, 0);
}

}  // namespace croft::dynamo
