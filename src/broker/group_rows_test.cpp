#include "broker/group_rows.h"

#include <gtest/gtest.h>

namespace croft::broker {

static MessagePtr numbered(unsigned number) {
  return make_message({.topic = "a", .payload = std::to_string(number), .qos = mqtt::QoS::at_least_once});
}

TEST(GroupRows, AreReadInTheOrderOfTheirNumbers) {
  const auto store = Store::open("", Store::Durability::os).value();
  Batch batch;
  for (const unsigned number : {300u, 2u, 255u, 256u, 7u})
    group_rows::put(batch, number, "$share/g/" + std::string(number, 'f'), *numbered(number));
  group_rows::erase(batch, 7);
  store->write(std::move(batch));

  const std::vector<group_rows::Row> rows = group_rows::load(*store);

  ASSERT_EQ(rows.size(), 4u);
  for (std::size_t i = 0; const unsigned number : {2u, 255u, 256u, 300u}) {
    EXPECT_EQ(rows[i].number, number);
    EXPECT_EQ(rows[i].filter, "$share/g/" + std::string(number, 'f'));
    EXPECT_EQ(rows[i].message->payload(), std::to_string(number));
    ++i;
  }
}

TEST(GroupRows, DamagedOnesAreErased) {
  const auto store = Store::open("", Store::Durability::os).value();
  Batch batch;
  group_rows::put(batch, 1, "$share/g/a", *numbered(1));
  store->write(std::exchange(batch, {}));
  const std::string whole = *store->get(Family::queued, std::string("g/\0\0\0\0\0\0\0\1", 10));
  batch.put(Family::queued, "g/short", whole);
  batch.put(Family::queued, "g/12345678", "");
  batch.put(Family::queued, "g/12345679", whole.substr(0, 8));
  batch.put(Family::queued, "g/12345680", whole.substr(0, whole.size() - 1));
  batch.put(Family::queued, "m/another", "kind of row");
  store->write(std::move(batch));

  EXPECT_EQ(group_rows::load(*store).size(), 1u);

  for (const char* key : {"g/short", "g/12345678", "g/12345679", "g/12345680"})
    EXPECT_FALSE(store->get(Family::queued, key)) << key;
  EXPECT_TRUE(store->get(Family::queued, "m/another"));
}

}  // namespace croft::broker
