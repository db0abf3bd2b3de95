#include "mqtt/topic.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace croft::mqtt {
namespace {

using namespace std::literals;
using testing::ElementsAre;

std::vector<std::string> levels(std::string_view topic) {
  std::vector<std::string> out;
  Levels rest(topic);
  while (const auto level = rest.next()) out.emplace_back(*level);
  return out;
}

TEST(Topic, StringsAreUtf8WithoutNul) {
  EXPECT_TRUE(is_valid_string(""));
  EXPECT_TRUE(is_valid_string("plain, longer than eight bytes"));
  EXPECT_TRUE(is_valid_string("\xC3\xA4\xF0\x9F\x98\x80"));
  EXPECT_FALSE(is_valid_string("nul \0 inside"sv));
  EXPECT_FALSE(is_valid_string("lone continuation \x80"));
  EXPECT_FALSE(is_valid_string("surrogate \xED\xA0\x80"));
  EXPECT_FALSE(is_valid_string("overlong \xC0\x80"));
}

TEST(Topic, NamesAreNotEmptyAndHaveNoWildcard) {
  for (const auto topic : {"a", "/", "//", "a/b/c", "$aws/things", " ", "a b"})
    EXPECT_TRUE(is_valid_topic(topic)) << topic;
  for (const auto topic : {"", "+", "#", "a/+", "a/#", "a+b", "\xFF"}) EXPECT_FALSE(is_valid_topic(topic)) << topic;
  EXPECT_TRUE(is_valid_topic(std::string(65535, 'a')));
  EXPECT_FALSE(is_valid_topic(std::string(65536, 'a')));
}

TEST(Topic, WildcardsFillTheirLevelAndHashIsLast) {
  for (const auto filter : {"a", "#", "+", "a/#", "+/+", "/+", "+/", "+/a/#", "/#", "$share", "$SYS/#"})
    EXPECT_TRUE(is_valid_filter(filter)) << filter;
  for (const auto filter : {"", "a#", "#/a", "a/#/b", "a+", "+a", "a/b+/c", "##", "++", "a/\xC0\x80", "#/"})
    EXPECT_FALSE(is_valid_filter(filter)) << filter;
}

TEST(Topic, SharedFiltersNeedAGroupAndAFilter) {
  for (const auto filter : {"$share/g/a", "$share/g/#", "$share/g//", "$share/g/+/b"})
    EXPECT_TRUE(is_valid_filter(filter)) << filter;
  for (const auto filter :
       {"$share/", "$share/g", "$share/g/", "$share//a", "$share/+/a", "$share/g#/a", "$share/g/a#"})
    EXPECT_FALSE(is_valid_filter(filter)) << filter;
}

TEST(Topic, SharedFilterIsTakenApart) {
  const auto shared = parse_shared("$share/group/a/+/b");

  ASSERT_TRUE(shared);
  EXPECT_EQ(shared->group, "group");
  EXPECT_EQ(shared->filter, "a/+/b");
  EXPECT_FALSE(parse_shared("share/group/a"));
  EXPECT_FALSE(parse_shared("$share"));
}

TEST(Topic, EmptyLevelsCount) {
  EXPECT_THAT(levels("a//b"), ElementsAre("a", "", "b"));
  EXPECT_THAT(levels("/"), ElementsAre("", ""));
  EXPECT_THAT(levels("a"), ElementsAre("a"));
  EXPECT_EQ(level_count("a//b"), 3u);
  EXPECT_EQ(level_count(std::string(32767, '/')), 32768u);
}

struct MatchCase {
  const char* filter;
  const char* topic;
  bool expected;
};

TEST(Topic, FiltersMatchAsTheSpecificationSays) {
  const MatchCase cases[] = {
      {"a/b", "a/b", true},        {"a/b", "a", false},      {"a", "a/b", false},
      {"a", "A", false},           {"+", "a", true},         {"+", "a/b", false},
      {"+", "/a", false},          {"/+", "/a", true},       {"+/+", "/a", true},
      {"a/+", "a/", true},         {"a/+", "a", false},      {"a/+/c", "a/b/c", true},
      {"a/+/c", "a/b/d/c", false}, {"#", "a", true},         {"#", "/a/b", true},
      {"a/#", "a/", true},         {"a/#", "a/b/c", true},   {"a/#", "ab", false},
      {"#", "$aws/x", false},      {"+/x", "$aws/x", false}, {"$aws/#", "$aws/x", true},
      {"$aws/+", "$aws/x", true},  {"a/$b", "a/$b", true},   {"+/$b", "a/$b", true},
      {"a/b/#", "a/c", false},     {"a//b", "a//b", true},   {"a/+/b", "a//b", true},
      {"a/", "a", false},
  };
  for (const auto& [filter, topic, expected] : cases)
    EXPECT_EQ(matches(filter, topic), expected) << filter << " and " << topic;
}

TEST(Topic, HashMatchesItsParentOnlyWhenAsked) {
  EXPECT_FALSE(matches("a/#", "a"));
  EXPECT_TRUE(matches("a/#", "a", ParentMatch::yes));
  EXPECT_FALSE(matches("a/b/#", "a", ParentMatch::yes));
  EXPECT_TRUE(matches("+/#", "a", ParentMatch::yes));
}

}  // namespace
}  // namespace croft::mqtt
