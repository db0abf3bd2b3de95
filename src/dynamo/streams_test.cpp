#include "dynamo/streams.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dynamo/attribute_encoding.h"
#include "dynamo/expiry.h"
#include "dynamo/key.h"
#include "store/manual_store.h"

namespace croft::dynamo {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

constexpr std::int64_t day_ms = 86'400'000;

Stream stream_at(std::int64_t ms) {
  return {.table = "t",
          .label = "2024-01-01T00:00:00.000",
          .number = 1,
          .keys = {{"p", Type::string}, std::nullopt},
          .view = StreamView::new_and_old_images,
          .created = {ms},
          .shard_ms = 1000,
          .first = first_sequence_at({ms}) + 5};
}

std::vector<StreamShard> shards(const Stream& stream, std::int64_t now_ms, std::int64_t horizon_ms = 0,
                                std::string_view after = {}, std::size_t limit = 1000) {
  return shards_of(stream, first_sequence_at({now_ms}) - 1, first_sequence_at({horizon_ms}), after, limit);
}

TEST(Streams, AShardFollowsAnotherWithoutAGap) {
  const Stream stream = stream_at(10'000);

  const std::vector<StreamShard> found = shards(stream, 12'500);

  ASSERT_THAT(found, SizeIs(3));
  EXPECT_EQ(found[0].first, stream.first);
  EXPECT_EQ(found[0].parent, "");
  for (std::size_t n = 1; n < 3; ++n) {
    EXPECT_EQ(found[n].first, *found[n - 1].last + 1);
    EXPECT_EQ(found[n].parent, found[n - 1].id);
    EXPECT_EQ(found[n].first, first_sequence_at({10'000 + static_cast<std::int64_t>(n) * 1000}));
  }
  EXPECT_EQ(found[2].last, std::nullopt);
}

TEST(Streams, AShardIsOpenUntilNothingCanComeIntoIt) {
  const Stream stream = stream_at(10'000);
  const ChangeSequence border = first_sequence_at({11'000});

  EXPECT_THAT(shards_of(stream, border - 2, 0, {}, 10), SizeIs(1));
  EXPECT_EQ(shards_of(stream, border - 2, 0, {}, 10)[0].last, std::nullopt);
  EXPECT_THAT(shards_of(stream, border - 1, 0, {}, 10), SizeIs(2));
  EXPECT_EQ(shards_of(stream, border - 1, 0, {}, 10)[0].last, border - 1);
}

TEST(Streams, ShardsBeforeTheHorizonAreNotThere) {
  const Stream stream = stream_at(10'000);

  const std::vector<StreamShard> found = shards(stream, 20'000, 18'000);

  ASSERT_THAT(found, SizeIs(3));
  EXPECT_EQ(found[0].first, first_sequence_at({18'000}));
  EXPECT_NE(found[0].parent, "");
}

TEST(Streams, ShardsComeInPages) {
  const Stream stream = stream_at(10'000);
  const std::vector<StreamShard> all = shards(stream, 17'000);

  std::vector<std::string> paged;
  std::string after;
  for (;;) {
    const std::vector<StreamShard> page = shards(stream, 17'000, 0, after, 3);
    if (page.empty()) break;
    EXPECT_LE(page.size(), 3u);
    for (const StreamShard& shard : page) paged.push_back(shard.id);
    after = paged.back();
  }
  ASSERT_EQ(paged.size(), all.size());
  for (std::size_t n = 0; n < all.size(); ++n) EXPECT_EQ(paged[n], all[n].id);
}

TEST(Streams, AStreamThatIsOverHasNoOpenShard) {
  Stream stream = stream_at(10'000);
  stream.last = first_sequence_at({11'200}) + 3;

  const std::vector<StreamShard> found = shards(stream, 50'000);

  ASSERT_THAT(found, SizeIs(2));
  EXPECT_EQ(found[1].last, stream.last);
  EXPECT_THAT(shards(stream, 50'000, 12'000), IsEmpty());
}

TEST(Streams, SequencesAsTextHaveTheirOrder) {
  EXPECT_EQ(shown(7), "100000000000000000007");
  EXPECT_EQ(shown(UINT64_MAX), "118446744073709551615");
  EXPECT_EQ(shown_sequence(shown(UINT64_MAX)), UINT64_MAX);
  EXPECT_EQ(shown_sequence("118446744073709551616"), std::nullopt);
  EXPECT_EQ(shown_sequence("218446744073709551615"), std::nullopt);
  EXPECT_EQ(shown_sequence("10000000000000000000x"), std::nullopt);
  EXPECT_EQ(shown_sequence("1"), std::nullopt);
}

TEST(Streams, StreamsSurviveARestartAndAreForgottenWhenTheyAreOld) {
  ManualStore store;
  TableDefinition table;
  table.name = "t";
  table.number = 4;
  table.keys = {{"p", Type::string}, KeyAttribute{"s", Type::number}};
  std::string first, second;
  {
    ChangeLog log(store);
    Streams streams(store, log);
    streams.set({.shard_ms = 77, .kept_ms = day_ms});
    Batch batch;
    first = streams.begin(batch, table, StreamView::old_image);
    table.stream_label = first;
    streams.end(batch, table);
    second = streams.begin(batch, table, StreamView::keys_only);
    store.write(std::move(batch));
    EXPECT_LT(first, second);
  }
  ChangeLog log(store);
  Streams streams(store, log);
  const auto over = streams.find("t", first), open = streams.find("t", second);
  ASSERT_TRUE(over && open);
  EXPECT_FALSE(over->is_enabled());
  EXPECT_TRUE(open->is_enabled());
  EXPECT_EQ(over->view, StreamView::old_image);
  EXPECT_EQ(over->keys, table.keys);
  EXPECT_EQ(over->number, 4u);
  EXPECT_EQ(over->shard_ms, 77);
  EXPECT_GT(open->first, *over->last);

  streams.set({.shard_ms = 77, .kept_ms = -1000});
  streams.forget_old();
  EXPECT_FALSE(streams.find("t", first));
  EXPECT_TRUE(streams.find("t", second));
  EXPECT_THAT(store.scan(Family::changes, {}, {}, 10, false), SizeIs(1));
}

TEST(Streams, ADefinitionOfAnOlderVersionHasNone) {
  TableDefinition table;
  table.name = "t";
  table.number = 4;
  table.keys = {{"p", Type::string}, std::nullopt};
  table.stream = StreamView::new_image;
  table.stream_label = "label";
  table.ttl_attribute = "until";
  table.ttl_filling = true;
  json::object row = to_json(table);

  const TableDefinition read = table_from_json(row);
  EXPECT_EQ(read.stream, StreamView::new_image);
  EXPECT_EQ(read.stream_label, "label");
  EXPECT_EQ(read.ttl_attribute, "until");
  EXPECT_TRUE(read.ttl_filling);

  for (const char* name : {"stream", "stream_label", "ttl", "ttl_filling"}) row.erase(name);
  const TableDefinition older = table_from_json(row);
  EXPECT_EQ(older.stream, std::nullopt);
  EXPECT_EQ(older.stream_label, "");
  EXPECT_EQ(older.ttl_attribute, "");
  EXPECT_FALSE(older.ttl_filling);
  EXPECT_FALSE(older.needs_upkeep());
}

TEST(Expiry, SecondsOfAnItem) {
  const auto second = [](AttributeValue value) {
    const Item item{{"t", std::move(value)}};
    return expiry_second(&item, "t");
  };
  const auto number = [&](std::string_view text) { return second({Number::parse(text).value()}); };

  EXPECT_EQ(number("1700000000"), 1'700'000'000);
  EXPECT_EQ(number("1700000000.9"), 1'700'000'000);
  EXPECT_EQ(number("0"), 0);
  EXPECT_EQ(number("1.7E9"), 1'700'000'000);
  EXPECT_EQ(number("-1"), std::nullopt);
  EXPECT_EQ(number("1E30"), std::nullopt);
  EXPECT_EQ(second({std::string("1700000000")}), std::nullopt);
  const Item other{{"x", {Number(1)}}};
  EXPECT_EQ(expiry_second(&other, "t"), std::nullopt);
  EXPECT_EQ(expiry_second(nullptr, "t"), std::nullopt);
}

TEST(Expiry, RowsAreInTheOrderOfTheirSecondsAndNameTheirItem) {
  const std::string item_key = table_prefix(3) + "rest";
  const std::string early = expiry_key(3, 9, item_key), late = expiry_key(3, 256, item_key);

  EXPECT_LT(early, late);
  EXPECT_LT(early, expiry_border(3, 10));
  EXPECT_LT(expiry_border(3, 9), early);
  EXPECT_EQ(decode_expiry_key(late).second, 256);
  EXPECT_EQ(decode_expiry_key(late).item_key, item_key);
}

}  // namespace
}  // namespace croft::dynamo
