#include "console/change_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace croft::console {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> rows(const ChangeLog::Page& page) {
  std::vector<std::string> out;
  for (const auto& row : page.rows) out.push_back(*row);
  return out;
}

TEST(ChangeLog, AReaderGetsWhatCameSince) {
  ChangeLog log(10);
  log.add("a", "a1");
  log.add("b", "b1");

  const auto first = log.read(0, 1);
  const auto second = log.read(first.next, 10);

  EXPECT_THAT(rows(first), ElementsAre("a1"));
  EXPECT_THAT(rows(second), ElementsAre("b1"));
  EXPECT_EQ(second.next, log.newest());
  EXPECT_THAT(rows(log.read(second.next, 10)), IsEmpty());
}

TEST(ChangeLog, WhoIsBehindGetsTheNewestOfEachSubjectOnly) {
  ChangeLog log(10);
  log.add("a", "a1");
  log.add("b", "b1");
  log.add("a", "a2");
  log.add("a", "a3");

  EXPECT_THAT(rows(log.read(0, 10)), ElementsAre("b1", "a3"));
  EXPECT_THAT(rows(log.read(3, 10)), ElementsAre("a3"));
}

TEST(ChangeLog, WhoIsTooFarBehindIsTold) {
  ChangeLog log(3);
  for (int i = 0; i < 5; ++i) log.add(std::to_string(i), "row");

  const auto late = log.read(1, 10);
  const auto in_time = log.read(2, 10);

  EXPECT_TRUE(late.lost);
  EXPECT_THAT(late.rows, IsEmpty());
  EXPECT_EQ(late.next, 5U);
  EXPECT_FALSE(in_time.lost);
  EXPECT_EQ(in_time.rows.size(), 3U);
}

TEST(ChangeLog, ASubjectThatFellOutIsANewOne) {
  ChangeLog log(2);
  for (const char* subject : {"a", "b", "c", "a", "b", "b"}) log.add(subject, subject);

  EXPECT_THAT(rows(log.read(4, 10)), ElementsAre("b"));
  EXPECT_EQ(log.newest(), 6U);
}

TEST(ChangeLog, OneThatChangesAgainAndAgainPushesOutNoOther) {
  ChangeLog log(2);
  log.add("calm", "c1");
  for (int i = 0; i < 100; ++i) log.add("busy", std::to_string(i));

  EXPECT_THAT(rows(log.read(0, 10)), ElementsAre("c1", "99"));
  EXPECT_EQ(log.all().size(), 2U);
  EXPECT_EQ(log.newest(), 101U);
}

TEST(ChangeLog, NumbersDoNotComeAgain) {
  ChangeLog log(3);
  log.add("a", "a1");
  log.clear();
  log.add("a", "a2");

  EXPECT_TRUE(log.read(0, 10).lost);
  EXPECT_THAT(rows(log.read(1, 10)), ElementsAre("a2"));
}

}  // namespace
}  // namespace croft::console
