#include "lambda/stream_batch.h"

#include <gtest/gtest.h>

#include "dynamo/streams.h"

namespace croft::lambda {
namespace {

std::vector<StreamEntry> batch_of(std::size_t count) {
  std::vector<StreamEntry> batch;
  for (std::size_t n = 0; n < count; ++n)
    batch.push_back({dynamo::first_sequence_at({1'700'000'000'000 + static_cast<std::int64_t>(n) * 1000}), "shard",
                     "{\"n\":" + std::to_string(n) + "}"});
  return batch;
}

std::string report(const std::vector<std::string>& ids) {
  json::array failures;
  for (const std::string& id : ids) failures.push_back(json::object{{"itemIdentifier", id}});
  return json::dump(json::object{{"batchItemFailures", std::move(failures)}});
}

TEST(StreamBatch, AnEventHasTheRecordsOfAPiece) {
  EXPECT_EQ(stream_event(batch_of(4), {1, 3}), R"({"Records":[{"n":1},{"n":2}]})");
}

TEST(StreamBatch, AReportSaysWhereItFailedFirst) {
  const auto batch = batch_of(5);
  const StreamPiece piece{1, 5};
  const auto id = [&](std::size_t n) { return dynamo::shown(batch[n].sequence); };

  EXPECT_EQ(first_failed(batch, piece, report({id(4), id(2)})), 2u);
  EXPECT_EQ(first_failed(batch, piece, report({})), 5u);
  EXPECT_EQ(first_failed(batch, piece, "null"), 5u);
  EXPECT_EQ(first_failed(batch, piece, "{}"), 5u);
  EXPECT_EQ(first_failed(batch, piece, ""), 5u);
  for (const std::string& broken :
       {report({id(0)}), report({""}), report({"x"}), report({id(2), "x"}), std::string("[]"), std::string("{"),
        std::string(R"({"batchItemFailures":[1]})"), std::string(R"({"batchItemFailures":1})")})
    EXPECT_EQ(first_failed(batch, piece, broken), std::nullopt) << broken;
}

TEST(StreamBatch, OldEntriesAreAtTheFront) {
  const auto batch = batch_of(5);
  const Timestamp now{batch[2].time().ms + 60'000};

  EXPECT_EQ(first_fresh(batch, {0, 5}, 60, now), 2u);
  EXPECT_EQ(first_fresh(batch, {3, 5}, 60, now), 3u);
  EXPECT_EQ(first_fresh(batch, {0, 2}, 60, now), 2u);
  EXPECT_EQ(first_fresh(batch, {0, 5}, -1, now), 0u);
}

TEST(StreamBatch, ADiscardedPieceIsTold) {
  const auto batch = batch_of(3);
  const std::string text = discarded_text(batch, {1, 3},
                                          {.condition = "RetryAttemptsExhausted",
                                           .function_arn = "arn:f",
                                           .stream_arn = "arn:s",
                                           .request_id = "id",
                                           .function_error = "Unhandled",
                                           .invocations = 2},
                                          {1'700'000'100'007});
  EXPECT_EQ(text,
            R"({"requestContext":{"requestId":"id","functionArn":"arn:f","condition":"RetryAttemptsExhausted",)"
            R"("approximateInvokeCount":2},"responseContext":{"statusCode":200,"executedVersion":"$LATEST",)"
            R"("functionError":"Unhandled"},"version":"1.0","timestamp":"2023-11-14T22:15:00.007Z",)"
            R"("DDBStreamBatchInfo":{"shardId":"shard","startSequenceNumber":")" +
                dynamo::shown(batch[1].sequence) + R"(","endSequenceNumber":")" + dynamo::shown(batch[2].sequence) +
                R"(","approximateArrivalOfFirstRecord":"2023-11-14T22:13:21Z","approximateArrivalOfLastRecord":)"
                R"("2023-11-14T22:13:22Z","batchSize":2,"streamArn":"arn:s"}})");
}

}  // namespace
}  // namespace croft::lambda
