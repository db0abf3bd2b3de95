#include "dynamo/index_rows.h"

#include <gmock/gmock.h>

#include "dynamo/tables_testing.h"

namespace croft::dynamo {

using namespace testing;  // NOLINT
using ::testing::ElementsAre;
using ::testing::IsEmpty;

namespace {

class IndexTest : public TablesTest {
 protected:
  IndexTest() {
    TableDefinition table = definition("i");
    table.attributes.push_back({"g", Type::string});
    table.attributes.push_back({"l", Type::string});
    table.indexes.push_back(index("global", true, {{"g", Type::string}, KeyAttribute{"l", Type::string}},
                                  {IndexProjection::Kind::include, {"kept"}}));
    table.indexes.push_back(index("local", false, {{"pk", Type::string}, KeyAttribute{"l", Type::string}},
                                  {IndexProjection::Kind::keys_only, {}}));
    EXPECT_TRUE(check(table));
    EXPECT_TRUE(await(tables.create(table)));
  }
  std::string put_in(std::string item) {
    const auto written = await(tables.put({.table = "i", .item = item_of(std::move(item))}));
    return written ? "" : written.error().message;
  }
  Query of_index(const char* name, std::string_view key_condition) {
    return {.reading = {.table = "i", .index = name}, .key_condition = condition(key_condition)};
  }
};

}  // namespace

TEST_F(IndexTest, GlobalIndexesFollowTheirItems) {
  put_in("{'pk':{'S':'p'},'sk':{'N':'1'},'g':{'S':'a'},'l':{'S':'x'},'kept':{'S':'k'},'rest':{'S':'r'}}");
  put_in("{'pk':{'S':'p'},'sk':{'N':'2'},'g':{'S':'a'},'l':{'S':'x'}}");
  put_in("{'pk':{'S':'p'},'sk':{'N':'3'},'g':{'S':'a'}}");  // no key in the index: not there

  const Page page = *await(tables.query(of_index("global", "g = :a")));

  EXPECT_THAT(sort_keys(page), ElementsAre("1", "2"));
  EXPECT_EQ(text_of(page.items[0]), "{'g':{'S':'a'},'kept':{'S':'k'},'l':{'S':'x'},'pk':{'S':'p'},'sk':{'N':'1'}}");
  put_in("{'pk':{'S':'p'},'sk':{'N':'1'},'g':{'S':'b'},'l':{'S':'x'}}");
  EXPECT_THAT(sort_keys(*await(tables.query(of_index("global", "g = :a")))), ElementsAre("2"));
  EXPECT_THAT(sort_keys(*await(tables.query(of_index("global", "g = :b")))), ElementsAre("1"));
  await(tables.erase({.table = "i", .key = item_of(key1)}));
  EXPECT_THAT(sort_keys(*await(tables.query(of_index("global", "g = :b")))), IsEmpty());
}

TEST_F(IndexTest, PagesOfAnIndexGoOnBetweenEqualIndexKeys) {
  for (int i = 0; i < 5; ++i) {
    put_in("{'pk':{'S':'p'},'sk':{'N':'" + std::to_string(i) + "'},'g':{'S':'a'},'l':{'S':'x'}}");
  }
  Query request = of_index("global", "g = :a");
  request.reading.limit = 2;
  std::vector<std::string> seen;
  for (int pages = 0; pages < 10; ++pages) {
    const Page page = *await(tables.query(request));
    for (std::string& key : sort_keys(page)) seen.push_back(std::move(key));
    if (!page.last_key) break;
    EXPECT_EQ(page.last_key->size(), 4u);
    request.reading.start_key = page.last_key;
  }
  EXPECT_THAT(seen, ElementsAre("0", "1", "2", "3", "4"));
}

TEST_F(IndexTest, LocalIndexesFetchWhatTheyDoNotHold) {
  put_in("{'pk':{'S':'p'},'sk':{'N':'1'},'l':{'S':'x'},'rest':{'S':'r'}}");
  Query request = of_index("local", "pk = :p");
  EXPECT_EQ(text_of(await(tables.query(request))->items[0]), "{'l':{'S':'x'},'pk':{'S':'p'},'sk':{'N':'1'}}");
  request.reading.all_attributes = true;
  EXPECT_EQ(text_of(await(tables.query(request))->items[0]),
            "{'l':{'S':'x'},'pk':{'S':'p'},'rest':{'S':'r'},'sk':{'N':'1'}}");
  request.reading.all_attributes = false;
  request.reading.projection = Projection::of_attributes({"rest"});
  EXPECT_EQ(text_of(await(tables.query(request))->items[0]), "{'rest':{'S':'r'}}");
}

TEST_F(IndexTest, GlobalIndexesRefuseWhatTheyCannotGive) {
  Query request = of_index("global", "g = :a");
  request.reading.projection = Projection::of_attributes({"rest"});
  EXPECT_EQ(await(tables.query(request)).error().message,
            "One or more parameter values were invalid: Global secondary index global does not project [rest]");
  request = of_index("global", "g = :a");
  request.reading.consistent = true;
  EXPECT_EQ(await(tables.query(request)).error().message,
            "Consistent reads are not supported on global secondary indexes");
  EXPECT_EQ(await(tables.query(of_index("none", "g = :a"))).error().message,
            "The table does not have the specified index: none");
}

TEST_F(IndexTest, IndexKeysMustHaveTheirTypes) {
  EXPECT_EQ(
      put_in("{'pk':{'S':'p'},'sk':{'N':'1'},'g':{'N':'1'}}"),
      "One or more parameter values were invalid: Type mismatch for Index Key g Expected: S Actual: N IndexName: "
      "global");
  EXPECT_EQ(
      put_in("{'pk':{'S':'p'},'sk':{'N':'1'},'g':{'S':''}}"),
      "One or more parameter values are not valid. A value specified for a secondary index key is not supported. The "
      "AttributeValue for a key attribute cannot contain an empty string value. IndexName: global, IndexKey: g");
}

TEST_F(IndexTest, ScansOfAnIndexSeeOnlyItsItems) {
  put_in("{'pk':{'S':'p'},'sk':{'N':'1'},'g':{'S':'a'},'l':{'S':'x'}}");
  put_in("{'pk':{'S':'p'},'sk':{'N':'2'}}");
  EXPECT_EQ(await(tables.scan({.reading = {.table = "i", .index = "global"}}))->count, 1u);
  EXPECT_EQ(await(tables.scan({.reading = {.table = "i"}}))->count, 2u);
}

TEST_F(IndexTest, WritesToAnIndexCostOnlyWhatChanges) {
  const auto units = [&](std::string item) {
    return await(tables.put({.table = "i", .item = item_of(std::move(item))}))->capacity.global_indexes;
  };
  const std::string first = "{'pk':{'S':'p'},'sk':{'N':'1'},'g':{'S':'a'},'l':{'S':'x'}}";
  EXPECT_THAT(units(first), ElementsAre(std::pair<std::string, double>("global", 1)));
  EXPECT_THAT(units(first), IsEmpty());
  EXPECT_THAT(units("{'pk':{'S':'p'},'sk':{'N':'1'},'g':{'S':'b'},'l':{'S':'x'}}"),
              ElementsAre(std::pair<std::string, double>("global", 2)));
}

TEST_F(TablesTest, AnIndexAddedLaterIsFilledAndAnErasedOneIsGone) {
  fill(5);
  put("{'pk':{'S':'p'},'sk':{'N':'9'},'g':{'S':'a'}}");
  UpdateTable add{.table = "t", .attributes = {{"g", Type::string}}};
  add.create_index = index("late", true, {{"g", Type::string}, std::nullopt});
  const auto updated = await(tables.update(add));
  ASSERT_TRUE(updated);
  EXPECT_FALSE(updated->definition.indexes[0].backfilling);
  const Query request{.reading = {.table = "t", .index = "late"}, .key_condition = condition("g = :a")};
  EXPECT_THAT(sort_keys(*await(tables.query(request))), ElementsAre("9"));

  const auto erased = await(tables.update(UpdateTable{.table = "t", .erase_index = "late"}));
  EXPECT_EQ(erased->index_status, "DELETING");  // shown once more
  EXPECT_EQ(tables.describe("t")->definition.attributes.size(), 2u);
  EXPECT_EQ(await(tables.query(request)).error().message, "The table does not have the specified index: late");
}

TEST(TableDefinition, RulesOverSeveralMembersAreChecked) {
  const auto refusal = [](const TableDefinition& table) {
    const auto checked = check(table);
    return checked ? "accepted" : checked.error().message;
  };
  const std::string invalid = "One or more parameter values were invalid: ";
  TableDefinition table = definition("t");
  EXPECT_EQ(refusal(table), "accepted");
  table.attributes.push_back({"extra", Type::string});
  EXPECT_EQ(refusal(table),
            invalid +
                "Number of attributes in KeySchema does not exactly match number of attributes defined in "
                "AttributeDefinitions");
  const IndexDefinition global = index("x", true, {{"extra", Type::string}, std::nullopt});
  table.indexes = {global, global};
  EXPECT_EQ(refusal(table), invalid + "Duplicate index name: x");
  table.indexes = {index("x", false, {{"extra", Type::string}, KeyAttribute{"sk", Type::number}})};
  EXPECT_EQ(refusal(table),
            invalid +
                "Index KeySchema does not have the same leading hash key as table KeySchema for index: x. "
                "index hash key: extra, table hash key: pk");
  table.indexes = {index("x", true, {{"extra", Type::string}, std::nullopt}, {IndexProjection::Kind::all, {"y"}})};
  EXPECT_EQ(refusal(table), invalid + "ProjectionType is ALL, but NonKeyAttributes is specified");
  table.indexes.assign(21, global);
  EXPECT_EQ(refusal(table), invalid + "GlobalSecondaryIndex count exceeds the per-table limit of 20");
}

}  // namespace croft::dynamo
