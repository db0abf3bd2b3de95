#include "services/dynamodbstreams/shard_iterator.h"

#include <gtest/gtest.h>

namespace croft::services::dynamodbstreams {
namespace {

const ShardIterator some{.stream_arn = "arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/2024-01-01T00:00:00.000",
                         .shard = "shardId-00000001700000000000-01234567",
                         .from = 0x1234567890abcdef,
                         .issued = {1'700'000'000'000}};

TEST(ShardIterator, ReadsBackAsItWasWritten) {
  const ShardIterator read = ShardIterator::parse(some.text(), some.issued).value();

  EXPECT_EQ(read.stream_arn, some.stream_arn);
  EXPECT_EQ(read.shard, some.shard);
  EXPECT_EQ(read.from, some.from);
  EXPECT_EQ(read.issued, some.issued);
}

TEST(ShardIterator, ExpiresAfterFifteenMinutes) {
  EXPECT_TRUE(ShardIterator::parse(some.text(), {some.issued.ms + 15 * 60'000}));
  const auto late = ShardIterator::parse(some.text(), {some.issued.ms + 15 * 60'000 + 1});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, "ExpiredIteratorException");
  EXPECT_EQ(late.error().message,
            "Iterator expired. The iterator was created at time Tue Nov 14 22:13:20 UTC 2023 while right now it is Tue "
            "Nov 14 22:28:20 UTC 2023 which is further in the future than the tolerated delay of 900000 milliseconds.");
}

TEST(ShardIterator, AnyOtherTextIsRefused) {
  const std::string good = some.text();
  for (std::size_t n = 0; n < good.size(); ++n) {
    std::string broken = good;
    broken[n] = broken[n] == 'x' ? 'y' : 'x';
    const auto read = ShardIterator::parse(broken, some.issued);
    ASSERT_FALSE(read) << n;
    EXPECT_EQ(read.error().code, "ValidationException");
    EXPECT_EQ(read.error().message, "Invalid ShardIterator");
    EXPECT_FALSE(ShardIterator::parse(good.substr(0, n), some.issued)) << n;
  }
}

}  // namespace
}  // namespace croft::services::dynamodbstreams
