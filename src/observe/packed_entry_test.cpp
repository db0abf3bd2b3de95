#include "observe/packed_entry.h"

#include <gmock/gmock.h>

namespace croft::trace {

static void expect_same(const TimelineEntry& a, const TimelineEntry& b) {
  EXPECT_EQ(a.moment, b.moment);
  EXPECT_EQ(a.wall_us, b.wall_us);
  EXPECT_EQ(a.trace, b.trace);
  EXPECT_EQ(a.text, b.text);
  EXPECT_EQ(a.detail, b.detail);
}

static const TimelineEntry connected = {
    .moment = Moment::connected,
    .wall_us = 1'700'000'000'123'456,
    .text = "connected from 127.0.0.1",
    .detail = R"("versionNumber":3,"ipAddress":"127.0.0.1","principalIdentifier":"anonymous","protocol":"MQTT 3.1.1",)"
              R"("keepAliveSeconds":60,"cleanStart":true)"};

TEST(PackedEntry, IsShortAndComesBackAsItWas) {
  const TimelineEntry traced = {
      .moment = Moment::takeover, .wall_us = 1, .trace = Id("0123456789abcdef"), .text = "ünknown", .detail = R"("a":1)"};
  const std::string bytes = packed(connected) + packed(traced) + packed({});

  std::string_view left = bytes;
  expect_same(take_entry(left), connected);
  expect_same(take_entry(left), traced);
  expect_same(take_entry(left), {});
  EXPECT_TRUE(left.empty());
  EXPECT_LT(packed(connected).size(), 40u);
}

TEST(PackedEntry, TextsWithControlCharactersStayWhatTheyAre) {
  const TimelineEntry odd = {.moment = Moment::subscribed, .text = "subscribed to a\x01\x18\x7f", .detail = R"("topics":["a"])"};
  const std::string bytes = packed(odd);

  std::string_view left = bytes;
  expect_same(take_entry(left), odd);
}

TEST(PackedEntry, ADetailThatIsTooLongIsLeftOutWhole) {
  TimelineEntry longest = connected;
  longest.detail = "\"x\":\"" + std::string(70'000, 'x') + '"';
  const std::string bytes = packed(longest);

  std::string_view left = bytes;
  EXPECT_EQ(take_entry(left).detail, "");
  EXPECT_TRUE(left.empty());
}

}  // namespace croft::trace
