#include "broker/rule_rows.h"

#include <gtest/gtest.h>

namespace croft::broker {

static MessagePtr numbered(unsigned number, unsigned hops) {
  return make_message({.topic = "a",
                       .payload = std::to_string(number),
                       .qos = mqtt::QoS::at_least_once,
                       .source = make_source("alice", "p", "192.0.2.1"),
                       .republish_hops = hops});
}

TEST(RuleRows, AreReadInTheOrderOfTheirNumbers) {
  const auto store = Store::open("", Store::Durability::os).value();
  Batch batch;
  for (const unsigned number : {300u, 2u, 255u, 256u}) rule_rows::put(batch, number, *numbered(number, number % 7));
  store->write(std::move(batch));

  const std::vector<rule_rows::Row> rows = rule_rows::load(*store);

  ASSERT_EQ(rows.size(), 4u);
  for (std::size_t i = 0; const unsigned number : {2u, 255u, 256u, 300u}) {
    EXPECT_EQ(rows[i].number, number);
    EXPECT_EQ(rows[i].message->payload(), std::to_string(number));
    EXPECT_EQ(rows[i].message->republish_hops(), number % 7);
    EXPECT_EQ(rows[i].message->client_id(), "alice");
    ++i;
  }
}

TEST(RuleRows, AWillIsStillOne) {
  const auto store = Store::open("", Store::Durability::os).value();
  Batch batch;
  rule_rows::put(batch, 1, *make_message({.topic = "a", .republish_hops = 7, .will = true}));
  rule_rows::put(batch, 2, *numbered(2, 7));
  store->write(std::move(batch));

  const std::vector<rule_rows::Row> rows = rule_rows::load(*store);

  ASSERT_EQ(rows.size(), 2u);
  EXPECT_TRUE(rows[0].message->is_will());
  EXPECT_FALSE(rows[1].message->is_will());
  for (const rule_rows::Row& row : rows) EXPECT_EQ(row.message->republish_hops(), 7u);
}

TEST(RuleRows, AnErasedAndADamagedOneAreGone) {
  const auto store = Store::open("", Store::Durability::os).value();
  Batch batch;
  for (const unsigned number : {1u, 2u, 3u}) rule_rows::put(batch, number, *numbered(number, 0));
  rule_rows::erase(batch, 2);
  batch.put(Family::queued, "r/short", "x");
  batch.put(Family::queued, "r/12345678", "");
  batch.put(Family::queued, "m/another", "kind of row");
  store->write(std::move(batch));

  EXPECT_EQ(rule_rows::load(*store).size(), 2u);

  EXPECT_FALSE(store->get(Family::queued, "r/short"));
  EXPECT_FALSE(store->get(Family::queued, "r/12345678"));
  EXPECT_TRUE(store->get(Family::queued, "m/another"));
}

}  // namespace croft::broker
