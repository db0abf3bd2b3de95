#include "device/backoff.h"

#include <gtest/gtest.h>

namespace croft::device {
namespace {

using std::chrono::milliseconds;

Backoff longest(milliseconds ceiling) {
  return Backoff(ceiling, [] { return 0.999999; });
}

TEST(Backoff, WindowDoublesUpToTheCeiling) {
  Backoff backoff = longest(milliseconds(5000));

  EXPECT_EQ(backoff.next().count(), 999);
  EXPECT_EQ(backoff.next().count(), 1999);
  EXPECT_EQ(backoff.next().count(), 3999);
  EXPECT_EQ(backoff.next().count(), 4999);
  EXPECT_EQ(backoff.next().count(), 4999);
}

TEST(Backoff, NeverWaitsLessThanFiftyMilliseconds) {
  Backoff backoff(milliseconds(60000), [] { return 0.0; });

  EXPECT_EQ(backoff.next(), milliseconds(50));
}

TEST(Backoff, StaysAtTheCeilingAfterAnyNumberOfAttempts) {
  Backoff backoff = longest(milliseconds(60000));

  for (int i = 0; i < 1000; ++i) backoff.next();

  EXPECT_EQ(backoff.next().count(), 59999);
}

TEST(Backoff, ResetStartsWithTheFirstWindowAgain) {
  Backoff backoff = longest(milliseconds(60000));
  backoff.widen();
  EXPECT_EQ(backoff.next().count(), 59999);

  backoff.reset();

  EXPECT_EQ(backoff.next().count(), 999);
}

}  // namespace
}  // namespace croft::device
