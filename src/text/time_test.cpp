#include "text/time.h"

#include <gtest/gtest.h>

namespace croft::text {

TEST(Time, WritesAndReadsTheFormsOfAws) {
  const Timestamp t{1558330955711};

  EXPECT_EQ(iso8601(t), "2019-05-20T05:42:35.711Z");
  EXPECT_EQ(amz_date(t), "20190520T054235Z");
  EXPECT_EQ(http_date(t), "Mon, 20 May 2019 05:42:35 GMT");
  EXPECT_EQ(from_iso8601("2019-05-20T05:42:35.711Z")->ms, t.ms);
  EXPECT_EQ(from_amz_date("20190520T054235Z")->ms, 1558330955000);
}

TEST(Time, ReadsLeapDaysAndYearsBefore1970) {
  EXPECT_EQ(from_amz_date("20240229T000000Z")->ms, 1709164800000);
  EXPECT_EQ(from_amz_date("19691231T235959Z")->ms, -1000);
}

TEST(Time, RefusesWhatIsNoDateOfAws) {
  for (const char* text : {"", "20190520T054235", "20190520t054235Z", "20190520T054235z", "20190520T05423 Z", "2019o520T054235Z",
                           "20190229T000000Z", "20191301T000000Z", "20190532T000000Z", "20190520T240000Z", "20190520T006000Z",
                           "20190520T000061Z", "20190520T054235ZZ"})
    EXPECT_FALSE(from_amz_date(text)) << text;
}

}  // namespace croft::text
