#include "device/fleet.h"

#include <gtest/gtest.h>

namespace croft::device {
namespace {

TEST(Percentile, IsAValueOfTheList) {
  std::vector<double> values;
  for (int i = 1; i <= 100; ++i) values.push_back(i);

  EXPECT_EQ(percentile(values, 0.50), 51);
  EXPECT_EQ(percentile(values, 0.99), 100);
  EXPECT_EQ(percentile(values, 1.0), 100);
  EXPECT_EQ(percentile({}, 0.5), 0);
  EXPECT_EQ(percentile({7}, 0.99), 7);
}

TEST(Fleet, AServerThatIsNotThereIsAFailureOfEachDevice) {
  FleetSettings settings;
  settings.devices = 5;
  settings.port = 1;
  settings.hold_s = 0;
  settings.connect_rate = 10'000;
  const volatile bool stop = false;

  const FleetReport report = run_fleet(settings, stop);

  EXPECT_EQ(report.failures, 5u);
  EXPECT_EQ(report.connects, 0u);
  EXPECT_EQ(report.connected_at_end, 0u);
  EXPECT_FALSE(report.last_failure.empty());
}

}  // namespace
}  // namespace croft::device
