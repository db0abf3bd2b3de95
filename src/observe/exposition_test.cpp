#include "observe/exposition.h"

#include <gtest/gtest.h>

namespace croft::metrics {

TEST(Exposition, AFamilyHasItsHelpAndTypeThenItsSamples) {
  Exposition page;
  page.begin("croft_things_total", Exposition::Type::counter, "Things.");
  page.add({{"kind", "a"}, {"size", "b"}}, std::uint64_t{18'446'744'073'709'551'615u});
  page.one("croft_share_ratio", Exposition::Type::gauge, "A share.", 0.25);

  EXPECT_EQ(page.take(),
            "# HELP croft_things_total Things.\n"
            "# TYPE croft_things_total counter\n"
            "croft_things_total{kind=\"a\",size=\"b\"} 18446744073709551615\n"
            "# HELP croft_share_ratio A share.\n"
            "# TYPE croft_share_ratio gauge\n"
            "croft_share_ratio 0.25\n");
}

TEST(Exposition, QuotesBackslashesAndNewLinesAreEscaped) {
  Exposition page;
  page.begin("croft_x", Exposition::Type::gauge, "a\\b\nc \"d\"");
  page.add({{"label", "a\\b\nc \"d\""}}, std::uint64_t{1});

  EXPECT_EQ(page.take(),
            "# HELP croft_x a\\\\b\\nc \"d\"\n"
            "# TYPE croft_x gauge\n"
            "croft_x{label=\"a\\\\b\\nc \\\"d\\\"\"} 1\n");
}

TEST(Histogram, ABucketTakesItsUpperBound) {
  Histogram h;
  h.add(-5);
  h.add(50);
  h.add(51, 3);
  h.add(10'000'001);

  EXPECT_EQ(h.in_bucket(0), 2u);
  EXPECT_EQ(h.in_bucket(1), 3u);
  EXPECT_EQ(h.in_bucket(Histogram::bounds_us.size()), 1u);
  EXPECT_EQ(h.count(), 6u);
  EXPECT_EQ(h.sum_us(), 50u + 3 * 51 + 10'000'001);
}

TEST(Histogram, MergedCountsAreTheSum) {
  Histogram a, b;
  a.add(60);
  b.add(60);
  b.add(2'000'000);
  a.merge(b);

  EXPECT_EQ(a.in_bucket(1), 2u);
  EXPECT_EQ(a.count(), 3u);
  EXPECT_EQ(a.sum_us(), 2'000'120u);
}

TEST(Exposition, BucketsOfAHistogramAreCumulativeAndInSeconds) {
  Histogram h;
  h.add(100);
  h.add(700, 2);
  h.add(20'000'000);
  Exposition page;
  page.begin("croft_wait_seconds", Exposition::Type::histogram, "Waits.");
  page.add({{"shard", "0"}}, h);
  const std::string text = page.take();

  EXPECT_NE(text.find("croft_wait_seconds_bucket{shard=\"0\",le=\"0.00005\"} 0\n"), text.npos) << text;
  EXPECT_NE(text.find("croft_wait_seconds_bucket{shard=\"0\",le=\"0.0001\"} 1\n"), text.npos) << text;
  EXPECT_NE(text.find("croft_wait_seconds_bucket{shard=\"0\",le=\"0.0005\"} 1\n"), text.npos) << text;
  EXPECT_NE(text.find("croft_wait_seconds_bucket{shard=\"0\",le=\"0.001\"} 3\n"), text.npos) << text;
  EXPECT_NE(text.find("croft_wait_seconds_bucket{shard=\"0\",le=\"10\"} 3\n"), text.npos) << text;
  EXPECT_NE(text.find("croft_wait_seconds_bucket{shard=\"0\",le=\"+Inf\"} 4\n"), text.npos) << text;
  EXPECT_NE(text.find("croft_wait_seconds_sum{shard=\"0\"} 20.0015\n"), text.npos) << text;
  EXPECT_NE(text.find("croft_wait_seconds_count{shard=\"0\"} 4\n"), text.npos) << text;
}

}  // namespace croft::metrics
