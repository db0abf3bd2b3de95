#include "sql/time_pattern.h"

#include <gtest/gtest.h>

namespace croft::sql {
namespace {

std::string format(std::string_view pattern, std::int64_t ms, std::string_view zone = "UTC") {
  const auto found = TimeZone::find(zone);
  if (!found) return "no zone";
  return format_time(pattern, ms, *found).value_or("nothing");
}

TEST(FormatTime, WritesEveryFieldOfJoda) {
  const std::int64_t ms = 1700000000123;  // Tuesday 2023-11-14 22:13:20.123 UTC
  EXPECT_EQ(format("G CC yyyy yy Y xxxx ww e EEE EEEE DDD", ms), "AD 20 2023 23 2023 2023 46 2 Tue Tuesday 318");
  EXPECT_EQ(format("M MM MMM MMMM d dd", ms), "11 11 Nov November 14 14");
  EXPECT_EQ(format("a K h H k m s S SSSSSS", ms), "PM 10 10 22 22 13 20 1 123000");
  EXPECT_EQ(format("z Z ZZ ZZZ", ms, "Europe/Oslo"), "CET +0100 +01:00 Europe/Oslo");
  EXPECT_EQ(format("'o''clock' '' -", ms), "o'clock ' -");
}

TEST(FormatTime, KnowsDaylightSavingNowAndInTheFarFuture) {
  EXPECT_EQ(format("yyyy-MM-dd HH:mm z", 1688212800000, "America/New_York"), "2023-07-01 08:00 EDT");
  EXPECT_EQ(format("yyyy-MM-dd HH:mm z", 1672574400000, "America/New_York"), "2023-01-01 07:00 EST");
  EXPECT_EQ(format("yyyy-MM-dd HH:mm z", 3770208000000, "America/New_York"), "2089-06-21 12:00 EDT");
  EXPECT_EQ(format("yyyy-MM-dd HH:mm z", 3786105600000, "Australia/Sydney"), "2089-12-23 03:00 AEDT");
  EXPECT_EQ(format("HH:mm z", 0, "+05:30"), "05:30 +05:30");
}

TEST(FormatTime, HandlesTimesBefore1970AndRefusesTheAbsurd) {
  EXPECT_EQ(format("yyyy-MM-dd HH:mm:ss.SSS", -1), "1969-12-31 23:59:59.999");
  EXPECT_EQ(format("yyyy", 1'000'000'000'000'000'000), "nothing");
  EXPECT_EQ(format("'open", 0), "nothing");
  EXPECT_EQ(format("HH", 0, "../../etc/passwd"), "no zone");
  EXPECT_EQ(format("HH", 0, "Mars/Olympus"), "no zone");
}

TEST(ReadTime, ReadsDatesTimesAndZones) {
  EXPECT_EQ(read_time("20231114T221320", "yyyyMMdd'T'HHmmss"), 1700000000000);
  EXPECT_EQ(read_time("11/14/23 10:13:20 PM", "MM/dd/yy hh:mm:ss a"), 1700000000000);
  EXPECT_EQ(read_time("2023-11-14T23:13:20.5+0100", "yyyy-MM-dd'T'HH:mm:ss.SZ"), 1700000000500);
  EXPECT_EQ(read_time("2023-11-14T22:13:20Z", "yyyy-MM-dd'T'HH:mm:ssX"), 1700000000000);
  EXPECT_EQ(read_time("Tue, 14 Nov 2023 22:13:20 GMT", "EEE, dd MMM yyyy HH:mm:ss z"), 1700000000000);
  EXPECT_EQ(read_time("2023 318", "yyyy DDD"), 1699920000000);
}

TEST(ReadTime, ResolvesGapsAndOverlapsAsJavaDoes) {
  EXPECT_EQ(read_time("2023-03-12 02:30 America/New_York", "yyyy-MM-dd HH:mm VV"), 1678606200000);  // 03:30 EDT
  EXPECT_EQ(read_time("2023-11-05 01:30 America/New_York", "yyyy-MM-dd HH:mm VV"), 1699162200000);  // the first, EDT
}

TEST(ReadTime, RefusesWhatDoesNotMatchOrIsNoDate) {
  for (const char* text : {"2023-13-01", "2023-00-01", "2023-01-32", "2023-01-00", "2023-1-1", "2023-01-01 ", ""}) {
    EXPECT_FALSE(read_time(text, "yyyy-MM-dd")) << text;
  }
  EXPECT_FALSE(read_time("10:00", "HH:mm"));
  EXPECT_FALSE(read_time("2023-01-01 25:00", "yyyy-MM-dd HH:mm"));
  EXPECT_FALSE(read_time("2023-01-01", "yyyy-MM-dd[ HH]"));
}

}  // namespace
}  // namespace croft::sql
