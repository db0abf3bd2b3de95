#include "console/history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace croft::console {
namespace {

TEST(History, CountersAreToldForTheirSecond) {
  History history;
  history.add({1'000}, {.connected = 2, .known = 3, .connects = 10, .disconnects = 8, .received = 100, .delivered = 50});

  const std::string row =
      history.add({2'000}, {.connected = 4, .known = 5, .connects = 13, .disconnects = 9, .received = 100, .delivered = 57});

  EXPECT_EQ(row, "[2000,4,5,3,1,0,7]");
  EXPECT_EQ(history.all(), "[[1000,2,3,0,0,0,0],[2000,4,5,3,1,0,7]]");
}

TEST(History, AnHourIsKept) {
  History history;
  const auto hour = static_cast<std::int64_t>(limits::history_seconds);
  for (std::int64_t second = 1; second <= hour + 1; ++second) history.add({second * 1'000}, {});

  EXPECT_TRUE(history.all().starts_with("[[2000,")) << history.all().substr(0, 40);
  EXPECT_TRUE(history.all().ends_with(",[3601000,0,0,0,0,0,0]]"));
}

}  // namespace
}  // namespace croft::console
