#include "rules/recent_of_rule.h"

#include <gmock/gmock.h>

#include "rules/firing.h"

namespace croft::rules {

namespace {

struct NamedAction final : Action {
  std::string name() const override { return "LambdaAction"; }
  std::string resource() const override { return "the-function"; }
  Task<Result<void>> run(const Firing&) const override { co_return Result<void>(); }
};

broker::MessagePtr message_of(std::string_view payload) {
  return broker::make_message({.topic = "t", .payload = payload, .source = broker::make_source("c", "", "203.0.113.9")});
}

Firing firing_of(broker::MessagePtr message) {
  const sql::Message original(SharedBytes(std::string(message->payload())));
  return {.rule_name = "r", .message = std::move(message), .original = original, .output = sql::Output(original), .topic = "t",
          .trace_id = "trace"};
}

const Error refused{"AccessDeniedException", "no", 403};

}  // namespace

TEST(RecentOfRule, KeepsTheLastMessageUnlessItIsTooLong) {
  RecentOfRule recent;
  EXPECT_EQ(recent.last(), nullptr);

  recent.saw(message_of("one"));
  recent.saw(message_of("two"));
  recent.saw(message_of(std::string(limits::kept_message_bytes_max, 'x')));  // with its topic one byte over

  EXPECT_EQ(recent.last()->payload(), "two");
}

TEST(RecentOfRule, KeepsWhatTheErrorActionWouldGet) {
  RecentOfRule recent;
  recent.failed(firing_of(message_of("p")), nullptr, {"SqlEvaluationException", "not a number", 400});
  const NamedAction action;
  recent.failed(firing_of(message_of("q")), &action, refused);

  const auto failures = recent.failures();
  ASSERT_EQ(failures.size(), 2U);
  EXPECT_EQ(failures[0].number, 2U);
  EXPECT_EQ(failures[0].action + " " + failures[0].resource + " " + failures[0].code + " " + failures[0].message,
            "LambdaAction the-function AccessDeniedException no");
  EXPECT_EQ(failures[0].document,
            R"({"ruleName":"r","topic":"t","cloudwatchTraceId":"trace","clientId":"c","sourceIp":"203.0.113.9",)"
            R"("base64OriginalPayload":"cQ==","failures":[)"
            R"({"failedAction":"LambdaAction","failedResource":"the-function","errorMessage":"no"}]})");
  EXPECT_EQ(failures[1].action, "");
  EXPECT_THAT(failures[1].document, testing::HasSubstr(R"("base64OriginalPayload":"cA==","failures":[]})"));
}

TEST(RecentOfRule, LeavesOutMessagesThatAreTooLong) {
  RecentOfRule recent;
  recent.failed(firing_of(message_of(std::string(limits::kept_message_bytes_max, 'x'))), nullptr, refused);

  EXPECT_EQ(recent.failures().front().document, "");
}

TEST(RecentOfRule, AFloodIsCountedAndNotKept) {
  RecentOfRule recent;
  const Firing firing = firing_of(message_of("p"));
  const std::size_t many = 100 * limits::failures_kept_max;
  for (std::size_t n = 0; n < many; ++n) recent.failed(firing, nullptr, refused);

  EXPECT_EQ(recent.failures().size(), limits::failures_kept_max);
  EXPECT_LE(recent.failures().front().number, many);
  EXPECT_GT(recent.failures().front().number, recent.failures().back().number);
}

}  // namespace croft::rules
