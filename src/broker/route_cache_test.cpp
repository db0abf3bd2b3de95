#include "broker/route_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace croft::broker {

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Counts how often the tables were asked.
struct Tables {
  RouteCache<int> cache;
  int asked = 0;
  std::vector<int> answer{1, 2};

  const RouteCache<int>::Route& get(std::string_view topic, std::uint64_t version) {
    return cache.get(topic, version, [&](RouteCache<int>::Route& route) {
      ++asked;
      route.here.insert(route.here.end(), answer.begin(), answer.end());
      route.reach.rules = !answer.empty();
    });
  }
};

}  // namespace

TEST(RouteCache, TablesAreAskedOnceForATopic) {
  Tables tables;
  EXPECT_THAT(tables.get("a/b", 1).here, ElementsAre(1, 2));
  EXPECT_THAT(tables.get("a/b", 1).here, ElementsAre(1, 2));
  EXPECT_TRUE(tables.get("a/b", 1).reach.is_further());
  EXPECT_EQ(tables.asked, 1);
}

TEST(RouteCache, TheyAreAskedAgainWhenTheyChanged) {
  Tables tables;
  (void)tables.get("a", 1);
  tables.answer = {3};

  EXPECT_THAT(tables.get("a", 2).here, ElementsAre(3)) << "nothing of the old answer stays";
  tables.answer = {};
  EXPECT_THAT(tables.get("a", 3).here, IsEmpty());
  EXPECT_FALSE(tables.get("a", 3).reach.is_further());
  EXPECT_EQ(tables.asked, 3);
}

// More topics than places: some share one, and none may get another's answer.
TEST(RouteCache, EachTopicHasItsOwnAnswer) {
  Tables tables;
  for (int round = 0; round < 2; ++round) {
    for (int n = 0; n < 5000; ++n) {
      tables.answer = {n};
      const auto& route = tables.get("topic/" + std::to_string(n), 1);
      ASSERT_EQ(route.topic.view(), "topic/" + std::to_string(n));
      ASSERT_THAT(route.here, ElementsAre(n));
    }
  }
}

TEST(RouteCache, TopicsThatWantTheSamePlaceMakeRoomForEachOther) {
  Tables tables;
  const auto round = [&] {
    const int before = tables.asked;
    for (int n = 0; n < 6000; ++n) (void)tables.get("sensors/" + std::to_string(n) + "/temperature/of/a/room/with/a/long/name", 1);
    return tables.asked - before;
  };
  while (tables.cache.places() < 16'384) (void)round();
  (void)round();

  EXPECT_LT(round(), 120) << "of 6,000";
}

TEST(RouteCache, AnAnswerThatWasLargeGivesItsMemoryBack) {
  Tables tables;
  tables.answer.assign(100'000, 7);
  EXPECT_EQ(tables.get("a", 1).here.size(), 100'000u);
  tables.answer = {1};

  EXPECT_LE(tables.get("a", 2).here.capacity(), 4096u);
}

}  // namespace croft::broker
