#include "app/refusals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace croft::app {

using testing::ElementsAre;
using testing::IsEmpty;

namespace {

Refusal publish_to(const std::string& topic) {
  return {.action = "iot:Publish", .resource = topic, .decision = Refusal::Decision::implicit_deny};
}

std::vector<std::string> resources(const Refusals& refusals, std::string_view subject) {
  std::vector<std::string> out;
  for (const Refusal& refusal : refusals.of(subject)) out.push_back(refusal.resource);
  return out;
}

}  // namespace

TEST(Refusals, KeepsTheLatestOfEachClient) {
  Refusals refusals(10, 2);

  for (const char* topic : {"a", "b", "c"}) refusals.add("alice", publish_to(topic));
  refusals.add("bob", publish_to("x"));

  EXPECT_THAT(resources(refusals, "alice"), ElementsAre("b", "c"));
  EXPECT_THAT(resources(refusals, "bob"), ElementsAre("x"));
  EXPECT_THAT(resources(refusals, "carol"), IsEmpty());
}

TEST(Refusals, CountsWhatHappensAgainAtOnce) {
  Refusals refusals(10);

  EXPECT_TRUE(refusals.add("alice", publish_to("a")));
  EXPECT_FALSE(refusals.add("alice", publish_to("a")));
  EXPECT_TRUE(refusals.add("alice", publish_to("b")));
  EXPECT_TRUE(refusals.add("alice", publish_to("a")));

  ASSERT_THAT(resources(refusals, "alice"), ElementsAre("a", "b", "a"));
  EXPECT_EQ(refusals.of("alice").front().count, 2u);
}

TEST(Refusals, TheClientRefusedLongestAgoMakesRoom) {
  Refusals refusals(2);

  refusals.add("alice", publish_to("a"));
  refusals.add("bob", publish_to("a"));
  refusals.add("alice", publish_to("b"));
  refusals.add("carol", publish_to("a"));

  EXPECT_THAT(resources(refusals, "bob"), IsEmpty());
  EXPECT_THAT(resources(refusals, "alice"), ElementsAre("a", "b"));
  EXPECT_EQ(refusals.subjects(), 2u);
}

TEST(Refusals, TellsWhoWasRefusedLatelyWithTheLastRefusal) {
  Refusals refusals(10);
  refusals.add("alice", publish_to("a"));
  refusals.add("bob", publish_to("b"));
  refusals.add("alice", publish_to("c"));

  const auto latest = refusals.latest(10);

  ASSERT_EQ(latest.size(), 2u);
  EXPECT_EQ(latest[0].first + ' ' + latest[0].second.resource, "alice c");
  EXPECT_EQ(latest[1].first + ' ' + latest[1].second.resource, "bob b");
  EXPECT_EQ(refusals.latest(1).size(), 1u);
}

TEST(Refusals, BoundsWhatOneCanCost) {
  Refusals refusals(1);
  Refusal huge = publish_to(std::string(100'000, 'x'));
  huge.looked_at.assign(1'000, std::string(10'000, 'p'));

  refusals.add("alice", huge);

  const Refusal kept = refusals.of("alice").front();
  EXPECT_EQ(kept.resource.size(), 512u);
  EXPECT_EQ(kept.looked_at.size(), 20u);
  EXPECT_EQ(kept.looked_at.front().size(), 512u);
}

TEST(Refusal, SaysWhichStatementDenies) {
  Refusal refusal{
      .action = "iot:Publish", .decision = Refusal::Decision::explicit_deny, .policy = "sensors", .sid = "NoA", .statement = 2};

  EXPECT_EQ(refusal.sentence(), "statement 2 (\"NoA\") of policy sensors denies it");
  refusal.sid.clear();
  EXPECT_EQ(refusal.sentence(), "statement 2 of policy sensors denies it");
}

TEST(Refusal, SaysWhatWasLookedAtWhenNothingAllows) {
  Refusal refusal = publish_to("a");

  EXPECT_EQ(refusal.sentence(), "no policy is attached to the principal");
  refusal.looked_at = {"one", "two"};
  EXPECT_EQ(refusal.sentence(), "no statement allows it; policies looked at: one, two");
}

}  // namespace croft::app
