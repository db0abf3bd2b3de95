#include "dynamo/page.h"

#include <gtest/gtest.h>

#include "dynamo/tables_testing.h"

namespace croft::dynamo {

using namespace testing;  // NOLINT

class PageTest : public TablesTest {
 protected:
  PageReader reader(Query request) { return PageReader::of(tables.open("t"), std::move(request)).value(); }

  // The page, read in turns of so many rows or so much time; counts the turns.
  Page page(Query request, std::size_t rows_max, std::chrono::microseconds turn, int& turns) {
    PageReader reading = reader(std::move(request));
    for (turns = 1; reading.read(*store, rows_max, turn); ++turns) {
    }
    return reading.take();
  }
};

TEST_F(PageTest, IsTheSameInTurnsOfAnyLength) {
  fill(100);
  Query request = query("pk = :p");
  for (const bool forward : {true, false}) {
    request.forward = forward;
    int turns = 0;
    const Page whole = page(request, 1000, std::chrono::hours(1), turns);
    EXPECT_EQ(turns, 1);
    EXPECT_EQ(whole.count, 100u);
    EXPECT_EQ(sort_keys(page(request, 7, std::chrono::hours(1), turns)), sort_keys(whole));
    EXPECT_EQ(turns, 15);
    EXPECT_EQ(sort_keys(page(request, 1000, std::chrono::microseconds(0), turns)), sort_keys(whole));
    EXPECT_EQ(turns, 7);
  }
}

TEST_F(PageTest, ThatIsFullAtTheEndOfATurnIsComplete) {
  fill(40);
  Query request = query("pk = :p");
  request.reading.limit = 16;
  int turns = 0;

  const Page read = page(request, 16, std::chrono::microseconds(0), turns);

  EXPECT_EQ(turns, 1);
  EXPECT_EQ(read.count, 16u);
  EXPECT_EQ(text_of(*read.last_key), "{'pk':{'S':'p'},'sk':{'N':'15'}}");
}

TEST_F(PageTest, EndsWithoutALastKeyWhenTheRowsEndWithItsTurn) {
  fill(32);
  int turns = 0;

  const Page read = page(query("pk = :p"), 16, std::chrono::hours(1), turns);

  EXPECT_EQ(turns, 3);
  EXPECT_EQ(read.count, 32u);
  EXPECT_FALSE(read.last_key);
}

TEST_F(PageTest, CountsItemsThatItFetchesOneByOne) {
  TableDefinition wanted = definition("local");
  wanted.attributes.push_back({"l", Type::string});
  wanted.indexes = {index("by-l", false, {{"pk", Type::string}, KeyAttribute{"l", Type::string}},
                          {IndexProjection::Kind::keys_only, {}})};
  ASSERT_TRUE(await(tables.create(std::move(wanted))));
  const std::string text(5000, 'x');
  for (const char* n : {"1", "2", "3"}) {
    const std::string key = "'pk':{'S':'p'},'sk':{'N':'" + std::string(n) + "'},'l':{'S':'" + n + "'}";
    ASSERT_TRUE(await(tables.put({.table = "local", .item = item_of("{" + key + ",'t':{'S':'" + text + "'}}")})));
  }
  Query request{.reading = {.table = "local", .index = "by-l", .all_attributes = true, .consistent = true},
                .key_condition = condition("pk = :p")};

  const Page read = await(tables.query(std::move(request))).value();

  EXPECT_EQ(read.count, 3u);
  EXPECT_EQ(read.capacity.table, 6);
  ASSERT_EQ(read.capacity.local_indexes.size(), 1u);
  EXPECT_EQ(read.capacity.local_indexes[0].second, 1);
}

}  // namespace croft::dynamo
