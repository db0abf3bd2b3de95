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
  EXPECT_FALSE(from_amz_date("20190520T054235"));
}

}  // namespace croft::text
