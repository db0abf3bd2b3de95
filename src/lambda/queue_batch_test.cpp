#include "lambda/queue_batch.h"

#include <gmock/gmock.h>

namespace croft::lambda {

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

sqs::Delivery delivery(std::string id) {
  return {.message = {.id = id, .body = "body of " + id, .sender_id = "sender"},
          .state = {.receives = 2, .first_received_ms = 1'800'000'000'001},
          .sequence = sqs::sequence_at(1'800'000'000'000),
          .handle = "handle of " + id};
}

const std::vector<sqs::Delivery> batch{delivery("a"), delivery("b"), delivery("c")};

TEST(QueueEvent, HasAWSsMembers) {
  sqs::Delivery one = delivery("a");
  one.message.attributes = {{"n", "Number", false, "1"}, {"b", "Binary", true, std::string("\0\1", 2)}};

  const json::value event =
      json::parse(queue_event({one}, Instance{}, "arn:aws:sqs:us-east-1:000000000000:q")).value();

  EXPECT_EQ(event, json::parse(R"({"Records": [{
      "messageId": "a", "receiptHandle": "handle of a", "body": "body of a",
      "attributes": {"ApproximateReceiveCount": "2", "SentTimestamp": "1800000000000", "SenderId": "sender",
                     "ApproximateFirstReceiveTimestamp": "1800000000001"},
      "messageAttributes": {
        "n": {"stringValue": "1", "stringListValues": [], "binaryListValues": [], "dataType": "Number"},
        "b": {"binaryValue": "AAE=", "stringListValues": [], "binaryListValues": [], "dataType": "Binary"}},
      "md5OfMessageAttributes": ")" +
                               sqs::md5_of(one.message.attributes) + R"(",
      "md5OfBody": ")" + sqs::md5_of("body of a") +
                               R"(",
      "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:q", "awsRegion": "us-east-1"}]})")
                       .value());
}

TEST(QueueEvent, TellsGroupAndNumberOfAFifoQueue) {
  sqs::Delivery one = delivery("a");
  one.message.group_id = "g";
  one.message.deduplication_id = "d";

  const std::string event = queue_event({one}, Instance{}, "arn");

  EXPECT_THAT(event,
              testing::HasSubstr(
                  R"("SequenceNumber":"11887436800000000000","MessageGroupId":"g","MessageDeduplicationId":"d")"));
}

TEST(Finished, EverythingWhenNothingIsReported) {
  EXPECT_THAT(finished(batch, R"({"batchItemFailures":[{"itemIdentifier":"b"}]})", false), testing::SizeIs(3));
  for (const char* returned : {"", "null", "{}", R"({"batchItemFailures":[]})", R"({"batchItemFailures":null})"})
    EXPECT_THAT(finished(batch, returned, true), testing::SizeIs(3)) << returned;
}

TEST(Finished, AllButThoseThatAreReported) {
  EXPECT_THAT(finished(batch, R"({"batchItemFailures":[{"itemIdentifier":"b"},{"itemIdentifier":"b"}]})", true),
              ElementsAre("handle of a", "handle of c"));
}

TEST(Finished, NothingWhenTheReportIsNone) {
  for (const char* returned :
       {"[]", "\"x\"", "{", R"({"batchItemFailures":{}})", R"({"batchItemFailures":[{"itemIdentifier":""}]})",
        R"({"batchItemFailures":[{"itemIdentifier":null}]})", R"({"batchItemFailures":[{"id":"a"}]})",
        R"({"batchItemFailures":["a"]})", R"({"batchItemFailures":[{"itemIdentifier":"other"}]})"})
    EXPECT_THAT(finished(batch, returned, true), IsEmpty()) << returned;
}

}  // namespace

}  // namespace croft::lambda
