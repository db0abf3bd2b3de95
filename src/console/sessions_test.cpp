#include "console/sessions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "console/limits.h"

namespace croft::console {
namespace {

using testing::MatchesRegex;

constexpr MonoTime start{1'000};
constexpr std::int64_t hour = 3'600'000;
MonoTime after(std::int64_t ms) { return {start.ms + ms}; }
const User anna{.name = "anna", .role = Role::read_only};
const User ben{.name = "ben", .role = Role::admin};

TEST(Sessions, ATokenStandsForItsUser) {
  Sessions sessions;
  const std::string token = sessions.begin(anna, start);

  const auto session = sessions.use(token, after(1));

  EXPECT_THAT(token, MatchesRegex("[0-9a-f]{64}"));
  EXPECT_EQ(session->user, "anna");
  EXPECT_EQ(session->role, Role::read_only);
  EXPECT_THAT(session->id, MatchesRegex("[0-9a-f]{16}"));
  EXPECT_TRUE(sessions.is_live(session->id, Role::read_only));
  EXPECT_FALSE(sessions.is_live(session->id, Role::admin));
  EXPECT_FALSE(sessions.use(std::string(64, '0'), start));
  EXPECT_FALSE(sessions.use("", start));
  EXPECT_NE(sessions.begin(anna, start), token);
}

TEST(Sessions, EndWhenNothingIsAskedForTwelveHours) {
  Sessions sessions;
  const std::string token = sessions.begin(anna, start);

  EXPECT_TRUE(sessions.use(token, after(12 * hour - 1)));
  EXPECT_TRUE(sessions.use(token, after(24 * hour - 2)));
  const std::uint64_t before = sessions.revision();
  EXPECT_FALSE(sessions.use(token, after(36 * hour)));
  EXPECT_GT(sessions.revision(), before);
}

TEST(Sessions, EndAfterAWeekHoweverMuchIsAsked) {
  Sessions sessions;
  const std::string token = sessions.begin(anna, start);

  std::int64_t ms = 0;
  for (; ms < 7 * 24 * hour; ms += 11 * hour) EXPECT_TRUE(sessions.use(token, after(ms))) << ms;
  EXPECT_FALSE(sessions.use(token, after(7 * 24 * hour)));
}

TEST(Sessions, ASweepForgetsThoseThatAreOver) {
  Sessions sessions;
  const std::string token = sessions.begin(anna, start);
  const std::string id = sessions.use(token, start)->id;

  sessions.sweep(after(12 * hour - 1));
  EXPECT_TRUE(sessions.is_live(id, Role::read_only));
  sessions.sweep(after(12 * hour));
  EXPECT_FALSE(sessions.is_live(id, Role::read_only));
}

TEST(Sessions, EndByThemselvesOrAllOfAUser) {
  Sessions sessions;
  const std::string first = sessions.begin(anna, start), second = sessions.begin(anna, start),
                    other = sessions.begin(ben, start);

  sessions.end(first);
  EXPECT_FALSE(sessions.use(first, start));
  EXPECT_TRUE(sessions.use(second, start));
  sessions.end_all_of("anna");
  EXPECT_FALSE(sessions.use(second, start));
  EXPECT_TRUE(sessions.use(other, start));
  EXPECT_EQ(sessions.count_of("anna"), 0u);
}

TEST(Sessions, TheOldestOfAUserMakesRoom) {
  Sessions sessions;
  const std::string others = sessions.begin(ben, start), oldest = sessions.begin(anna, after(1));
  for (std::size_t n = 1; n < limits::sessions_of_user_max; ++n) sessions.begin(anna, after(2));

  const std::string newest = sessions.begin(anna, after(3));

  EXPECT_EQ(sessions.count_of("anna"), limits::sessions_of_user_max);
  EXPECT_FALSE(sessions.use(oldest, after(4)));
  EXPECT_TRUE(sessions.use(newest, after(4)));
  EXPECT_TRUE(sessions.use(others, after(4)));
}

}  // namespace
}  // namespace croft::console
