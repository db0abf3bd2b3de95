#include "rules/error_document.h"

#include <gtest/gtest.h>

namespace croft::rules {

namespace {

struct NamedAction final : Action {
  explicit NamedAction(std::string name) : name_(std::move(name)) {}
  std::string name() const override { return name_; }
  std::string resource() const override { return "the-" + name_; }
  Task<Result<void>> run(const Firing&) const override { co_return Result<void>(); }
  std::string name_;
};

Firing firing_of(const std::string& client) {
  const sql::Message original(SharedBytes(std::string("p")));
  return {
      .rule_name = "r",
      .message = broker::make_message({.topic = "t", .payload = "p", .source = broker::make_source(client, "", "203.0.113.9")}),
      .original = original,
      .output = sql::Output(original),
      .topic = "t",
      .trace_id = "trace-" + client};
}

const Error failure{"X", "it failed", 500};

}  // namespace

TEST(ErrorDocument, HasAllFailuresOfAMessage) {
  const Firing firing = firing_of("c");
  ErrorDocument document(firing);
  EXPECT_TRUE(document.empty());
  document.add(NamedAction("S3Action"), failure);
  document.add(NamedAction("LambdaAction"), failure);

  EXPECT_EQ(json::dump(document.document()),
            R"({"ruleName":"r","topic":"t","cloudwatchTraceId":"trace-c","clientId":"c","sourceIp":"203.0.113.9",)"
            R"("base64OriginalPayload":"cA==","failures":[)"
            R"({"failedAction":"S3Action","failedResource":"the-S3Action","errorMessage":"it failed"},)"
            R"({"failedAction":"LambdaAction","failedResource":"the-LambdaAction","errorMessage":"it failed"}]})");
}

TEST(ErrorDocument, OfABatchIsToldByItsFirstMessage) {
  const Firing one = firing_of("a"), two = firing_of("b");
  const json::array payloads{payload_with_metadata(one, false), payload_with_metadata(two, false)};
  ErrorDocument first(one), second(two);
  first.add(NamedAction("HttpAction"), failure_in_batch(failure, payloads, 0, false));
  second.add(NamedAction("HttpAction"), failure_in_batch(failure, payloads, 1, false));

  EXPECT_TRUE(second.empty());
  EXPECT_EQ(
      json::dump(first.document()),
      R"({"ruleName":"r","topic":"t","payloadsWithMetadata":[)"
      R"({"id":1,"cloudwatchTraceId":"trace-a","clientId":"a","sourceIp":"203.0.113.9","base64OriginalPayload":"cA=="},)"
      R"({"id":2,"cloudwatchTraceId":"trace-b","clientId":"b","sourceIp":"203.0.113.9","base64OriginalPayload":"cA=="}],)"
      R"("failures":[{"affectedIds":[1,2],"failedAction":"HttpAction",)"
      R"("failedResource":"the-HttpAction","errorMessage":"it failed"}]})");
}

TEST(ErrorDocument, TellsWhatElseFailedOfAMessageInABatch) {
  const Firing one = firing_of("a"), two = firing_of("b");
  const json::array payloads{payload_with_metadata(one, true), payload_with_metadata(two, true)};
  ErrorDocument document(two);
  document.add(NamedAction("HttpAction"), failure_in_batch(failure, payloads, 1, true));
  document.add(NamedAction("S3Action"), failure);

  EXPECT_EQ(
      json::dump(document.document()),
      R"({"ruleName":"r","payloadsWithMetadata":[)"
      R"({"id":1,"cloudwatchTraceId":"trace-b","clientId":"b","sourceIp":"203.0.113.9",)"
      R"("base64OriginalPayload":"cA==","topic":"t"}],)"
      R"("failures":[{"affectedIds":[1],"failedAction":"S3Action",)"
      R"("failedResource":"the-S3Action","errorMessage":"it failed"}]})");
}

TEST(ErrorDocument, NumbersTheMessagesOfTwoBatches) {
  const Firing one = firing_of("a"), two = firing_of("b");
  const json::array pair{payload_with_metadata(one, false), payload_with_metadata(two, false)},
      single{payload_with_metadata(one, false)};
  ErrorDocument document(one);
  document.add(NamedAction("HttpAction"), failure_in_batch(failure, pair, 0, false));
  document.add(NamedAction("InfluxDBAction"), failure_in_batch(failure, single, 0, false));

  const json::object told = document.document();
  EXPECT_EQ(told.at("payloadsWithMetadata").as_array().size(), 3u);
  EXPECT_EQ(json::dump(told.at("failures").as_array()[0].at("affectedIds")), "[1,2]");
  EXPECT_EQ(json::dump(told.at("failures").as_array()[1].at("affectedIds")), "[3]");
}

}  // namespace croft::rules
