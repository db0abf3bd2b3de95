#include "console/item_changes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "console/limits.h"
#include "dynamo/testing.h"

namespace croft::console {
namespace {

using dynamo::testing::item_of;

// What was told, without its time.
std::vector<std::string> rows(const ChangeLog& log) {
  std::vector<std::string> out;
  for (const auto& row : log.read(0, 1'000).rows) out.push_back(row->substr(row->find(",\"k\"")));
  return out;
}

class ItemChangesTest : public testing::Test {
 protected:
  void change(const std::string& before, const std::string& after, bool by_ttl = false) {
    const dynamo::Item old = item_of(before.empty() ? "{}" : before), now = item_of(after.empty() ? "{}" : after);
    changes.changed({table, before.empty() ? nullptr : &old, after.empty() ? nullptr : &now, by_ttl});
  }

  dynamo::TableDefinition table{.name = "status", .keys = {.partition = {.name = "id"}, .sort = {}}};
  ItemChanges changes;
};

TEST_F(ItemChangesTest, NothingIsWantedUntilSomebodyLooks) {
  EXPECT_FALSE(changes.wants("status"));
  auto log = changes.watch("status");
  EXPECT_TRUE(changes.wants("status"));
  EXPECT_FALSE(changes.wants("other"));
  auto second = changes.watch("status");
  EXPECT_EQ(log, second);
  log.reset();
  EXPECT_TRUE(changes.wants("status"));
  second.reset();
  EXPECT_FALSE(changes.wants("status"));
}

TEST_F(ItemChangesTest, ALogMayOutliveTheObject) {
  auto other = std::make_unique<ItemChanges>();
  auto log = other->watch("status");
  other.reset();
  log.reset();
}

TEST_F(ItemChangesTest, OnlyWhatCanBeATableIsWatched) {
  for (const char* name : {"", "ab", "a b c", "a,b", "tab\nle", "täble", "a/b/c"})
    EXPECT_EQ(changes.watch(name), nullptr) << name;
  EXPECT_EQ(changes.watch(std::string(256, 'a')), nullptr);
  EXPECT_NE(changes.watch(std::string(255, 'a')), nullptr);
}

TEST_F(ItemChangesTest, SoManyTablesAreWatchedAndNotOneMore) {
  std::vector<std::shared_ptr<const ChangeLog>> held;
  for (std::size_t n = 0; n < limits::watched_tables_max; ++n)
    held.push_back(changes.watch("table-" + std::to_string(n)));

  EXPECT_EQ(changes.watch("one-more"), nullptr);
  EXPECT_EQ(changes.watch("table-0"), held[0]);
  held.pop_back();
  EXPECT_NE(changes.watch("one-more"), nullptr);
}

TEST_F(ItemChangesTest, ARowHasTheKeyAndTheItemBeforeAndAfter) {
  const auto log = changes.watch("status");
  int told = 0;
  changes.tell([&] { ++told; });
  const std::string key = "{'id':{'S':'pump'}", on = key + ",'on':{'BOOL':true}}";

  change("", on);
  EXPECT_THAT(rows(*log), testing::ElementsAre(
                              R"(,"k":{"id":{"S":"pump"}},"o":null,"n":{"id":{"S":"pump"},"on":{"BOOL":true}}})"));
  change(on, "", true);
  EXPECT_THAT(rows(*log),
              testing::ElementsAre(
                  R"(,"k":{"id":{"S":"pump"}},"o":{"id":{"S":"pump"},"on":{"BOOL":true}},"n":null,"ttl":true})"));
  EXPECT_EQ(told, 2);
}

TEST_F(ItemChangesTest, OfALargeItemIsToldThatItIsThere) {
  const auto log = changes.watch("status");
  const std::string key = "{'id':{'S':'pump'}";

  change(key + "}", key + ",'text':{'S':'" + std::string(limits::item_told_bytes_max, 'x') + "'}}");
  EXPECT_THAT(rows(*log), testing::ElementsAre(testing::EndsWith(R"(,"o":{"id":{"S":"pump"}},"n":true})")));
}

TEST_F(ItemChangesTest, WhoIsBehindIsToldTheNewestChangeOfEachItem) {
  const auto log = changes.watch("status");
  for (const std::string value : {"1", "2", "3"}) change("", std::string("{'id':{'S':'pump'},'n':{'N':'") + value + "'}}");

  EXPECT_THAT(rows(*log), testing::ElementsAre(testing::HasSubstr(R"("N":"3")")));
}

}  // namespace
}  // namespace croft::console
