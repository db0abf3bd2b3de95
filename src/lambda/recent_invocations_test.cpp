#include "lambda/recent_invocations.h"

#include <gmock/gmock.h>

#include "lambda/limits.h"

namespace croft::lambda {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

static PastInvocation invocation(std::string id, std::string event = "{}", std::string failure = "") {
  return {.at = Timestamp{7}, .request_id = std::move(id), .event = std::move(event), .failure = std::move(failure)};
}

static std::vector<std::string> ids(const std::vector<PastInvocation>& all) {
  std::vector<std::string> out;
  for (const PastInvocation& one : all) out.push_back(one.request_id);
  return out;
}

TEST(RecentInvocations, ReadsThoseAfterANumberOldestFirst) {
  RecentInvocations recent;
  recent.add("f", invocation("a"));
  recent.add("g", invocation("b"));
  recent.add("f", invocation("c"));

  EXPECT_THAT(ids(recent.read("f", 0)), ElementsAre("a", "c"));
  EXPECT_THAT(ids(recent.read("f", recent.read("f", 0).front().sequence)), ElementsAre("c"));
  EXPECT_THAT(ids(recent.read("h", 0)), IsEmpty());
}

TEST(RecentInvocations, KeepsTheLatestOfEachFunctionAndCountsAll) {
  RecentInvocations recent;
  for (std::size_t n = 0; n <= limits::invocations_kept_max; ++n)
    recent.add("f", invocation(std::to_string(n), "{}", n == 0 ? "Unhandled" : ""));

  EXPECT_EQ(recent.read("f", 0).size(), limits::invocations_kept_max);
  EXPECT_EQ(recent.read("f", 0).front().request_id, "1");
  EXPECT_EQ(recent.totals("f").invocations, limits::invocations_kept_max + 1);
  EXPECT_EQ(recent.totals("f").errors, 1U);
}

TEST(RecentInvocations, LeavesOutEventsAndCutsAnswersThatAreTooLong) {
  RecentInvocations recent;
  PastInvocation long_one = invocation("a", std::string(limits::kept_event_bytes_max + 1, '1'));
  long_one.answer = std::string(limits::kept_answer_bytes_max + 1, '2');
  recent.add("f", long_one);
  recent.add("f", invocation("b", std::string(limits::kept_event_bytes_max, '1')));

  const std::vector<PastInvocation> all = recent.read("f", 0);
  EXPECT_EQ(all[0].event, "");
  EXPECT_EQ(all[0].event_bytes, limits::kept_event_bytes_max + 1);
  EXPECT_EQ(all[0].answer.size(), limits::kept_answer_bytes_max);
  EXPECT_TRUE(all[0].answer_is_cut);
  EXPECT_EQ(all[1].event.size(), limits::kept_event_bytes_max);
}

TEST(RecentInvocations, TheOldestOfAllMakeRoom) {
  RecentInvocations recent;
  recent.add("old", invocation("a"));
  const std::size_t each = limits::kept_event_bytes_max;
  for (std::size_t n = 0; n * each <= limits::invocations_bytes_max; ++n)
    recent.add("f" + std::to_string(n), invocation("b", std::string(each, '1')));

  EXPECT_LE(recent.bytes(), limits::invocations_bytes_max);
  EXPECT_THAT(ids(recent.read("old", 0)), IsEmpty());
  EXPECT_EQ(recent.totals("old").invocations, 1U);
  recent.add("old", invocation("c"));
  EXPECT_THAT(ids(recent.read("old", 0)), ElementsAre("c"));
}

TEST(RecentInvocations, AFunctionThatIsGoneLeavesNothing) {
  RecentInvocations recent;
  recent.add("f", invocation("a"));
  recent.add_throttle("f");
  recent.erase("f");

  EXPECT_EQ(recent.bytes(), 0U);
  EXPECT_EQ(recent.totals("f").throttles, 0U);
}

}  // namespace croft::lambda
