#include "things/shadow_document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/shadow_topic.h"
#include "things/limits.h"
#include "things/shadows.h"

namespace croft::things {

namespace {

using testing::ElementsAre;

constexpr Timestamp noon{1'000'000}, later{2'000'000};

ShadowUpdate update_of(std::string_view state) { return read_shadow_update(R"({"state":)" + std::string(state) + "}").value(); }

Shadow after(const Shadow& before, std::string_view state, Timestamp now) {
  return updated(before, update_of(state), now).value();
}

std::string text(const json::object& document) { return json::dump(document); }

}  // namespace

TEST(ShadowDocument, AnUpdateIsMergedAndStampedMemberByMember) {
  const Shadow first = after({}, R"({"reported":{"a":1,"b":{"c":[1,{"d":2}],"e":"x"}}})", noon);
  const Shadow second = after(first, R"({"reported":{"b":{"e":null,"f":true}}})", later);

  EXPECT_EQ(text(second.reported.state), R"({"a":1,"b":{"c":[1,{"d":2}],"f":true}})");
  EXPECT_EQ(text(second.reported.metadata),
            R"({"a":{"timestamp":1000},"b":{"c":[{"timestamp":1000},{"d":{"timestamp":1000}}],"f":{"timestamp":2000}}})");
  EXPECT_EQ(second.version, 2);
}

TEST(ShadowDocument, AMemberNamedTimestampIsAMember) {
  const Shadow first = after({}, R"({"desired":{"at":{"timestamp":5}}})", noon);
  const Shadow second = after(first, R"({"desired":{"at":{"timestamp":6}}})", later);

  EXPECT_EQ(text(second.desired.state), R"({"at":{"timestamp":6}})");
  EXPECT_EQ(text(second.desired.metadata), R"({"at":{"timestamp":{"timestamp":2000}}})");
}

TEST(ShadowDocument, WhatBecomesEmptyGoes) {
  const Shadow first = after({}, R"({"desired":{"a":{"b":{"c":1}},"d":1}})", noon);

  EXPECT_EQ(text(after(first, R"({"desired":{"a":{"b":{"c":null}}}})", later).desired.state), R"({"d":1})");
  EXPECT_EQ(text(after(first, R"({"desired":{"a":{}}})", later).desired.state), R"({"d":1})");
  EXPECT_EQ(text(shadow_document(after(first, R"({"desired":null})", later), {}, later)),
            R"({"state":{},"metadata":{},"version":2,"timestamp":2000})");
}

TEST(ShadowDocument, TheDeltaHasWhatReportedHasNot) {
  const Shadow desired =
      after({}, R"({"desired":{"same":1,"float":2,"other":{"x":1,"y":2},"list":[1],"only":"d","kind":{"a":1}}})", noon);
  const Shadow shadow =
      after(desired, R"({"reported":{"same":1,"float":2.0,"other":{"x":1,"y":3,"z":4},"list":[2],"mine":1,"kind":1}})", later);

  EXPECT_EQ(text(shadow_delta(shadow).state), R"({"other":{"y":2},"list":[1],"only":"d","kind":{"a":1}})");
  EXPECT_EQ(text(shadow_delta(shadow).metadata),
            R"({"other":{"y":{"timestamp":1000}},"list":[{"timestamp":1000}],"only":{"timestamp":1000},)"
            R"("kind":{"a":{"timestamp":1000}}})");
}

TEST(ShadowDocument, ARowReadsBackAsItWas) {
  const Shadow shadow =
      after({}, R"({"desired":{"a":[1,"x",true,1.5,{"b":{}}]},"reported":{"big":9223372036854775807}})", noon);
  const Shadow again = shadow_from(row(shadow)).value();

  EXPECT_EQ(text(shadow_document(again, {}, noon)), text(shadow_document(shadow, {}, noon)));
  EXPECT_EQ(row(again), row(shadow));
  EXPECT_FALSE(shadow_from("[]"));
}

TEST(ShadowDocument, LevelsAreCountedInObjectsAndArrays) {
  const auto nested = [](std::string_view open, std::string_view close, std::size_t depth) {
    std::string body = R"({"state":{"desired":)";
    for (std::size_t i = 0; i < depth; ++i) body += open;
    body += "1";
    for (std::size_t i = 0; i < depth; ++i) body += close;
    return body + "}}";
  };
  EXPECT_TRUE(read_shadow_update(nested(R"({"a":)", "}", limits::shadow_levels_max)));
  EXPECT_FALSE(read_shadow_update(nested(R"({"a":)", "}", limits::shadow_levels_max + 1)));
  EXPECT_TRUE(read_shadow_update(R"({"state":{"desired":{"a":[[[[[[[1]]]]]]]}}})"));
  EXPECT_FALSE(read_shadow_update(R"({"state":{"desired":{"a":[[[[[[[[1]]]]]]]]}}})"));
}

TEST(Shadows, TheVersionOfADeletedShadowIsKnownForTwoDays) {
  const auto store = Store::open("", Store::Durability::os).value();
  Shadows shadows(*store);
  const ShadowId id{"thing", "name"};
  const auto update = [&](Timestamp now) {
    return shadows.update(id, update_of(R"({"desired":{"a":1}})"), now).value().after.version;
  };
  EXPECT_EQ(update(noon), 1);
  ASSERT_TRUE(shadows.erase(id, noon));
  EXPECT_FALSE(shadows.erase(id, noon));

  EXPECT_EQ(update({noon.ms + limits::shadow_version_kept_ms}), 2);
  ASSERT_TRUE(shadows.erase(id, noon));
  EXPECT_EQ(update({noon.ms + limits::shadow_version_kept_ms + 1}), 1);
}

TEST(Shadows, ForgottenVersionsLeaveTheStore) {
  const auto store = Store::open("", Store::Durability::os).value();
  {
    Shadows shadows(*store);
    for (const char* thing : {"old", "kept"})
      ASSERT_TRUE(shadows.update({thing, ""}, update_of(R"({"desired":{"x":true}})"), noon));
    ASSERT_TRUE(shadows.erase({"old", ""}, noon));
  }
  ASSERT_TRUE(store->get(Family::registry, "shadow/old/"));
  const Shadows shadows(*store);

  EXPECT_FALSE(store->get(Family::registry, "shadow/old/"));
  EXPECT_TRUE(shadows.get({"kept", ""}));
}

TEST(Shadows, NamesAreThoseOfOneThing) {
  const auto store = Store::open("", Store::Durability::os).value();
  Shadows shadows(*store);
  for (const auto& [thing, name] : {std::pair("t", ""), std::pair("t", "a"), std::pair("t", "b"), std::pair("t-", "c"),
                                    std::pair("t0", "d"), std::pair("s", "e")})
    ASSERT_TRUE(shadows.update({thing, name}, update_of("{}"), noon));

  EXPECT_THAT(shadows.names("t", "", 10), ElementsAre("a", "b"));
  EXPECT_THAT(shadows.names("t", "a", 10), ElementsAre("b"));
  EXPECT_THAT(shadows.names("t", "", 1), ElementsAre("a"));
}

TEST(ShadowTopic, IsReadLevelByLevel) {
  const auto read = [](std::string_view topic) {
    const auto found = broker::shadow_topic(topic);
    return found ? std::string(found->thing).append("|").append(found->name).append("|").append(found->verb) : std::string();
  };
  EXPECT_EQ(read("$aws/things/t:1/shadow/get"), "t:1||get");
  EXPECT_EQ(read("$aws/things/t/shadow/name/$n-_:/update"), "t|$n-_:|update");
  EXPECT_EQ(read("$aws/things/name/shadow/delete"), "name||delete");
  EXPECT_EQ(read("$aws/things/" + std::string(128, 't') + "/shadow/name/" + std::string(64, 'n') + "/get"),
            std::string(128, 't') + "|" + std::string(64, 'n') + "|get");
  for (const std::string topic :
       {"$aws/things/", "$aws/things/t", "$aws/things/t/shadow", "$aws/things/t/shadow/", "$aws/things/t/shadow/gets",
        "$aws/things/t/shadow/get/accepted", "$aws/things/t/shadow/name/get", "$aws/things/t/shadow/name/n",
        "$aws/things/$t/shadow/get", "$aws/thing/t/shadow/get", "t/shadow/get", ""})
    EXPECT_EQ(read(topic), "") << topic;
  EXPECT_EQ(read("$aws/things/" + std::string(129, 't') + "/shadow/get"), "");
  EXPECT_EQ(read("$aws/things/t/shadow/name/" + std::string(65, 'n') + "/get"), "");
}

}  // namespace croft::things
