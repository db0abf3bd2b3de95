#include "observe/timelines.h"

#include <gmock/gmock.h>

#include "observe/limits.h"

namespace croft::trace {

TEST(Timelines, TellTheLatestMomentsOfAClientNewestFirst) {
  Timelines timelines;
  for (std::size_t n = 0; n < limits::entries_of_client_max + 2; ++n)
    timelines.add("alice", {.moment = Moment::connected, .wall_us = static_cast<std::int64_t>(n)});
  timelines.add("bob", {.moment = Moment::published, .text = "3 messages"});

  const auto entries = timelines.of("alice");

  ASSERT_EQ(entries.size(), limits::entries_of_client_max);
  EXPECT_EQ(entries.front().wall_us, static_cast<std::int64_t>(limits::entries_of_client_max) + 1);
  EXPECT_EQ(entries.back().wall_us, 2);
  EXPECT_EQ(timelines.of("bob").front().text, "3 messages");
  EXPECT_TRUE(timelines.of("carol").empty());
  EXPECT_EQ(name(Moment::takeover), "takeover");
}

TEST(Timelines, AreBoundedAndTheClientThatWasQuietLongestMakesRoom) {
  Timelines timelines;
  timelines.add("busy", {.text = "first"});
  for (int n = 0; n < 60'000; ++n) {
    timelines.add("client-" + std::to_string(n), {.moment = Moment::connected, .text = std::string(1'000, 'x')});
    if (n % 100 == 0) timelines.add("busy", {.text = "again"});
  }

  const Timelines::Figures figures = timelines.figures();
  EXPECT_LE(figures.clients, limits::timeline_clients_max);
  EXPECT_LE(figures.bytes, limits::timelines_bytes_max);
  EXPECT_GT(figures.clients, 10'000u);
  EXPECT_TRUE(timelines.of("client-0").empty());
  EXPECT_EQ(timelines.of("client-59999").size(), 1u);
  EXPECT_EQ(timelines.of("busy").size(), limits::entries_of_client_max);
}

}  // namespace croft::trace
