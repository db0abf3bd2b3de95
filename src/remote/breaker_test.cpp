#include "remote/breaker.h"

#include <gtest/gtest.h>

#include "remote/limits.h"

namespace croft::remote {

namespace {

MonoTime after(std::chrono::milliseconds time) {
  return {1'000'000 + time.count()};
}

void fail(Breaker& breaker, unsigned times, MonoTime now) {
  for (unsigned i = 0; i < times; ++i) {
    ASSERT_TRUE(breaker.admits(now));
    breaker.failed(now);
  }
}

}  // namespace

TEST(Breaker, OpensAfterSoManyFailuresInARow) {
  Breaker breaker;
  fail(breaker, limits::failures_to_open - 1, after({}));
  breaker.succeeded();
  fail(breaker, limits::failures_to_open - 1, after({}));
  EXPECT_FALSE(breaker.is_open());

  fail(breaker, 1, after({}));

  EXPECT_TRUE(breaker.is_open());
  EXPECT_FALSE(breaker.admits(after(limits::open_first - std::chrono::milliseconds(1))));
}

TEST(Breaker, LetsOneCallTryAndClosesWhenItSucceeds) {
  Breaker breaker;
  fail(breaker, limits::failures_to_open, after({}));

  EXPECT_TRUE(breaker.admits(after(limits::open_first)));
  EXPECT_FALSE(breaker.admits(after(limits::open_first))) << "one at a time";
  breaker.succeeded();

  EXPECT_FALSE(breaker.is_open());
  EXPECT_TRUE(breaker.admits(after(limits::open_first)));
}

TEST(Breaker, WaitsTwiceAsLongEachTimeTheTryFailsUpToTheMost) {
  Breaker breaker;
  fail(breaker, limits::failures_to_open, after({}));
  auto now = limits::open_first, pause = limits::open_first;

  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(breaker.admits(after(now)));
    breaker.failed(after(now));
    pause = std::min(2 * pause, limits::open_max);
    EXPECT_FALSE(breaker.admits(after(now + pause - std::chrono::milliseconds(1)))) << i;
    now += pause;
  }
}

TEST(Breaker, AFailureOfACallThatWasUnderWayDoesNotMoveThePause) {
  Breaker breaker;
  ASSERT_TRUE(breaker.admits(after({})));  // comes back last
  fail(breaker, limits::failures_to_open, after({}));

  breaker.failed(after(limits::open_first - std::chrono::milliseconds(1)));

  EXPECT_TRUE(breaker.admits(after(limits::open_first)));
}

TEST(RetryQuota, IsUsedUpAndComesBack) {
  RetryQuota quota;
  for (int left = limits::retry_tokens_max; left >= limits::retry_cost; left -= limits::retry_cost)
    ASSERT_TRUE(quota.take(limits::retry_cost));

  EXPECT_FALSE(quota.take(limits::retry_cost));
  quota.give(limits::retry_cost);
  EXPECT_TRUE(quota.take(limits::retry_cost));
}

TEST(RetryQuota, NeverHoldsMoreThanAll) {
  RetryQuota quota;
  ASSERT_TRUE(quota.take(1));
  quota.give(limits::retry_tokens_max);

  EXPECT_TRUE(quota.take(limits::retry_tokens_max));
  EXPECT_FALSE(quota.take(1));
}

}  // namespace croft::remote
