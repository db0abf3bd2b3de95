// The two indexes of filters against brute force.
#include "broker/interest_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "broker/topic_trie.h"

namespace croft::broker {

namespace {

using mqtt::ParentMatch;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

struct Owner {
  int id;
  int value = 0;
  friend bool same_owner(const Owner& a, const Owner& b) { return a.id == b.id; }
};

std::vector<int> match(const TopicTrie<Owner>& trie, std::string_view topic, ParentMatch parent = ParentMatch::no) {
  std::vector<int> found;
  trie.match(topic, parent, [&](const Owner& owner) { found.push_back(owner.id); });
  return found;
}

// Few names, so that filters and topics meet; empty levels and a reserved first level among them.
std::string random_levels(std::mt19937& random, bool filter) {
  static const char* const levels[] = {"a", "b", "", "$aws", "+", "#"};
  std::string text;
  const std::size_t count = 1 + random() % 5;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string_view level = levels[random() % (filter ? 6 : 4)];
    if (i > 0) text += '/';
    text += level;
    if (level == "#") break;
  }
  return text.empty() ? "a" : text;
}

}  // namespace

TEST(TopicTrie, SingleLevelWildcardDoesNotCrossASlash) {
  TopicTrie<Owner> trie;
  trie.insert("plant/+/temperature", {1});

  EXPECT_THAT(match(trie, "plant/a/temperature"), ElementsAre(1));
  EXPECT_THAT(match(trie, "plant/a/b/temperature"), IsEmpty());
  EXPECT_THAT(match(trie, "plant//temperature"), ElementsAre(1));
}

TEST(TopicTrie, TheParentOfAHashMatchesOnlyWhenAskedFor) {
  TopicTrie<Owner> trie;
  trie.insert("a/#", {1});

  EXPECT_THAT(match(trie, "a"), IsEmpty());
  EXPECT_THAT(match(trie, "a", ParentMatch::yes), ElementsAre(1));
  EXPECT_THAT(match(trie, "a/"), ElementsAre(1));
}

TEST(TopicTrie, AnOwnerHasOneValueOfAFilter) {
  TopicTrie<Owner> trie;

  EXPECT_TRUE(trie.insert("a", {1, 10}));
  EXPECT_FALSE(trie.insert("a", {1, 20}));
  EXPECT_TRUE(trie.insert("a", {2}));
  EXPECT_EQ(trie.size(), 2u);
  int value = 0;
  trie.match("a", ParentMatch::no, [&](const Owner& owner) { value = std::max(value, owner.value); });
  EXPECT_EQ(value, 20);

  EXPECT_TRUE(trie.erase("a", {1}));
  EXPECT_FALSE(trie.erase("a", {1}));
  EXPECT_FALSE(trie.erase("b/+/#", {1}));
  EXPECT_THAT(match(trie, "a"), ElementsAre(2));
}

TEST(TopicTrie, AgreesWithBruteForceOnRandomFilters) {
  std::mt19937 random(7);
  TopicTrie<Owner> trie;
  std::set<std::pair<std::string, int>> known;
  for (int step = 0; step < 20'000; ++step) {
    const std::string filter = random_levels(random, true);
    const int owner = static_cast<int>(random() % 4);
    if (random() % 2)
      EXPECT_EQ(trie.insert(filter, {owner}), known.emplace(filter, owner).second);
    else
      EXPECT_EQ(trie.erase(filter, {owner}), known.erase({filter, owner}) == 1);
    if (step % 10 != 0) continue;
    const std::string topic = random_levels(random, false);
    for (ParentMatch parent : {ParentMatch::no, ParentMatch::yes}) {
      std::vector<int> expected;
      for (const auto& [f, o] : known)
        if (mqtt::matches(f, topic, parent)) expected.push_back(o);
      ASSERT_THAT(match(trie, topic, parent), testing::UnorderedElementsAreArray(expected)) << topic;
    }
  }
  for (const auto& [filter, owner] : known) EXPECT_TRUE(trie.erase(filter, {owner}));
  EXPECT_EQ(trie.size(), 0u);
}

TEST(TopicTrie, ATopicOfManyLevelsCostsNoMoreThanItsFilters) {
  TopicTrie<Owner> trie;
  trie.insert("#", {1});
  trie.insert("+/+/+/+/+/+/+/+", {2});
  trie.insert(std::string(7, '/'), {3});

  EXPECT_THAT(match(trie, std::string(32'767, '/')), ElementsAre(1));
  EXPECT_THAT(match(trie, std::string(7, '/')), UnorderedElementsAre(1, 2, 3));
}

TEST(InterestTable, KnowsTheShardsOfAFilter) {
  InterestTable table(3);
  table.add("a/b", 0);
  table.add("a/+", 1);
  table.add("a/+", 1);
  table.add("#", 2);

  EXPECT_EQ(table.shards("a/b"), 0b111u);
  EXPECT_EQ(table.shards("x/y"), 0b100u);
  table.remove("#", 2);
  table.remove("a/+", 1);
  EXPECT_EQ(table.shards("a/b"), 0b011u);
  table.remove("a/+", 1);
  EXPECT_EQ(table.shards("a/b"), 0b001u);
}

TEST(InterestTable, NeverMissesAShardThatHasAMatchingFilter) {
  constexpr std::size_t shards = 64;
  std::mt19937 random(11);
  InterestTable table(shards);
  std::multiset<std::pair<std::string, ShardIndex>> known;
  for (int step = 0; step < 5'000; ++step) {
    const std::string filter = random_levels(random, true);
    const auto shard = static_cast<ShardIndex>(random() % shards);
    const auto found = known.find({filter, shard});
    if (found != known.end() && random() % 2) {
      known.erase(found);
      table.remove(filter, shard);
    } else if (known.size() < 200) {
      known.insert({filter, shard});
      table.add(filter, shard);
    }
    const std::string topic = random_levels(random, false);
    const std::uint64_t told = table.shards(topic);
    for (const auto& [f, s] : known)
      if (mqtt::matches(f, topic, ParentMatch::yes)) ASSERT_TRUE(told >> s & 1) << f << " " << topic;
  }
  for (const auto& [filter, shard] : known) table.remove(filter, shard);
  EXPECT_EQ(table.shards("a/b"), 0u);
}

}  // namespace croft::broker
