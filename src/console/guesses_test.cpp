#include "console/guesses.h"

#include <gtest/gtest.h>

#include "console/limits.h"

namespace croft::console {
namespace {

using std::chrono::milliseconds;

void try_often(Guesses& guesses, const char* name, const char* address, unsigned times, MonoTime now) {
  for (unsigned n = 0; n < times; ++n) guesses.is_tried(name, address, now);
}

TEST(Guesses, AnAddressWaitsLongerEachTime) {
  Guesses guesses;
  const MonoTime now{1'000'000};

  try_often(guesses, "anna", "192.0.2.1", 4, now);
  EXPECT_EQ(guesses.wait("anna", "192.0.2.1", now), milliseconds(0));
  try_often(guesses, "anna", "192.0.2.1", 1, now);
  EXPECT_EQ(guesses.wait("anna", "192.0.2.1", now), milliseconds(1'000));
  EXPECT_EQ(guesses.wait("anna", "192.0.2.1", {now.ms + 400}), milliseconds(600));
  EXPECT_EQ(guesses.wait("anna", "192.0.2.1", {now.ms + 1'000}), milliseconds(0));
  try_often(guesses, "anna", "192.0.2.1", 3, now);
  EXPECT_EQ(guesses.wait("ben", "192.0.2.1", now), milliseconds(8'000)) << "whoever it tries";
  try_often(guesses, "anna", "192.0.2.1", 30, now);
  EXPECT_EQ(guesses.wait("anna", "192.0.2.1", now), limits::address_waits_max);
  EXPECT_EQ(guesses.wait("ben", "192.0.2.2", now), milliseconds(0)) << "nobody else waits";
}

TEST(Guesses, AWaitBeginsWithTheAnswer) {
  Guesses guesses;
  try_often(guesses, "anna", "192.0.2.1", 5, {1'000'000});

  guesses.was_wrong("anna", "192.0.2.1", {1'000'700});
  guesses.was_wrong("ben", "192.0.2.2", {1'000'700});

  EXPECT_EQ(guesses.wait("anna", "192.0.2.1", {1'000'700}), milliseconds(1'000));
  EXPECT_EQ(guesses.wait("ben", "192.0.2.2", {1'000'700}), milliseconds(0));
}

TEST(Guesses, ANetworkOfIpv6IsOneAddress) {
  Guesses guesses;
  const MonoTime now{1'000'000};

  for (const char* address : {"2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8:0:0:ffff::4", "2001:db8::5"})
    guesses.is_tried("anna", address, now);

  EXPECT_EQ(guesses.wait("anna", "2001:db8::6", now), milliseconds(1'000));
  EXPECT_EQ(guesses.wait("anna", "2001:db8:0:1::6", now), milliseconds(0));
}

TEST(Guesses, ANameWaitsButNotWhereItIsAtHome) {
  Guesses guesses;
  const MonoTime now{1'000'000};
  guesses.is_tried("anna", "192.0.2.1", now);
  guesses.was_right("anna", "192.0.2.1", now);

  for (int n = 0; n < 30; ++n) guesses.is_tried("anna", ("198.51.100." + std::to_string(n)).c_str(), now);

  EXPECT_EQ(guesses.wait("anna", "203.0.113.9", now), limits::name_waits_max);
  EXPECT_EQ(guesses.wait("anna", "192.0.2.1", now), milliseconds(0));
  EXPECT_EQ(guesses.wait("ben", "203.0.113.9", now), milliseconds(0));
}

TEST(Guesses, WhoIsRightBeginsAnew) {
  Guesses guesses;
  const MonoTime now{1'000'000};
  try_often(guesses, "anna", "192.0.2.1", 5, now);

  guesses.was_right("anna", "192.0.2.1", now);

  EXPECT_EQ(guesses.wait("anna", "192.0.2.1", now), milliseconds(0));
}

TEST(Guesses, AreForgottenAfterAQuarterOfAnHour) {
  Guesses guesses;
  const MonoTime now{1'000'000};
  try_often(guesses, "anna", "192.0.2.1", 40, now);

  EXPECT_EQ(guesses.wait("anna", "192.0.2.1", {now.ms + limits::guesses_forgotten_after_ms}), milliseconds(0));
  guesses.is_tried("anna", "192.0.2.1", {now.ms + limits::guesses_forgotten_after_ms});
  EXPECT_EQ(guesses.wait("anna", "192.0.2.1", {now.ms + limits::guesses_forgotten_after_ms}), milliseconds(0));
}

TEST(Guesses, ManyAddressesDoNotFillTheMemory) {
  Guesses guesses;
  try_often(guesses, "anna", "192.0.2.1", 10, {1'000'000});
  const auto address = [](std::size_t n) {
    return "10." + std::to_string(n >> 16) + '.' + std::to_string(n >> 8 & 255) + '.' + std::to_string(n & 255);
  };

  for (std::size_t n = 0; n < limits::guessers_max; ++n) guesses.is_tried("n" + std::to_string(n), address(n), {1'000'001});

  EXPECT_EQ(guesses.wait("x", "192.0.2.1", {1'000'002}), milliseconds(0)) << "the one longest ago made room";
  try_often(guesses, "x", address(5).c_str(), 5, {1'000'002});
  EXPECT_GT(guesses.wait("x", address(5), {1'000'002}).count(), 0) << "the others are still counted";
}

}  // namespace
}  // namespace croft::console
