#include "broker/retained.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace croft::broker {

namespace {

using mqtt::ParentMatch;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr Timestamp now{1'000'000};

MessagePtr message(const std::string& topic, const std::string& payload, std::optional<Timestamp> expires = std::nullopt) {
  return make_message(
      {.topic = topic, .payload = payload, .retain = true, .expires_at = expires});
}

std::vector<std::string> topics(const Retained& retained, std::string_view filter,
                                ParentMatch parent = ParentMatch::no) {
  std::vector<std::string> found;
  for (const MessagePtr& m : retained.match(filter, parent, now)) found.emplace_back(m->topic());
  return found;
}

}  // namespace

TEST(Retained, KeepsTheLastMessageOfATopicUntilAnEmptyOne) {
  Retained retained;
  retained.set(message("a", "1"));
  retained.set(message("a", "2"));

  ASSERT_EQ(retained.size(), 1u);
  EXPECT_EQ(retained.match("a", ParentMatch::no, now)[0]->payload(), "2");
  EXPECT_TRUE(retained.set(message("a", "")));
  EXPECT_EQ(retained.size(), 0u);
  EXPECT_TRUE(retained.set(message("never/there", "")));
}

TEST(Retained, MatchesFiltersInTopicOrder) {
  Retained retained;
  for (const char* topic : {"a", "a/", "a/b", "a/b/c", "ab", "b", "$aws/x", "/a", "a.b"})
    retained.set(message(topic, "x"));

  EXPECT_THAT(topics(retained, "a"), ElementsAre("a"));
  EXPECT_THAT(topics(retained, "a/#"), ElementsAre("a/", "a/b", "a/b/c"));
  EXPECT_THAT(topics(retained, "a/#", ParentMatch::yes), ElementsAre("a", "a/", "a/b", "a/b/c"));
  EXPECT_THAT(topics(retained, "a/+"), ElementsAre("a/", "a/b"));
  EXPECT_THAT(topics(retained, "+/b"), ElementsAre("a/b"));
  EXPECT_THAT(topics(retained, "/+"), ElementsAre("/a"));
  EXPECT_THAT(topics(retained, "+"), ElementsAre("a", "a.b", "ab", "b"));
  EXPECT_THAT(topics(retained, "$aws/#"), ElementsAre("$aws/x"));
  EXPECT_EQ(topics(retained, "#").size(), 8u);
}

TEST(Retained, AnExpiredMessageIsNotFound) {
  Retained retained;
  retained.set(message("a", "x", now));
  retained.set(message("b", "x", Timestamp{now.ms + 1}));

  EXPECT_THAT(topics(retained, "a"), IsEmpty());
  EXPECT_THAT(topics(retained, "#"), ElementsAre("b"));
}

TEST(Retained, OutlivesTheProcessUntilItExpires) {
  auto store = Store::open("", Store::Durability::os).value();
  {
    Retained retained(store.get(), now);
    for (const char* topic : {"kept", "cleared", "replaced"}) retained.set(message(topic, "1"));
    retained.set(message("cleared", ""));
    retained.set(message("replaced", "2"));
    retained.set(message("short", "1", Timestamp{now.ms + 1}));
  }
  Batch damage;
  damage.put(Family::retained, "damaged", "x");
  store->write(std::move(damage));

  EXPECT_THAT(topics(Retained(store.get(), now), "#"), ElementsAre("kept", "replaced", "short"));
  const Retained later(store.get(), Timestamp{now.ms + 2});
  EXPECT_THAT(topics(later, "#"), ElementsAre("kept", "replaced"));
  EXPECT_EQ((later.match("replaced", ParentMatch::no, now)[0])->payload(), "2");
  EXPECT_EQ(store->get(Family::retained, "short"), std::nullopt);
}

}  // namespace croft::broker
