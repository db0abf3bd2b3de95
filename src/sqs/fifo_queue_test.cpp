#include "sqs/queue_testing.h"

namespace croft::sqs {

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<Delivery> received(QueueUnderTest& q, std::size_t count = 10) {
  return q.receive(count);
}

TEST(FifoQueue, AGroupInFlightBlocksItselfAndNoOther) {
  auto q = fifo_queue();
  q.send("a1", "a", "1");
  q.send("a2", "a", "2");
  q.send("b1", "b", "3");

  const auto first = received(q, 1);
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(first[0].message.body, "a1");
  EXPECT_THAT(q.bodies(), ElementsAre("b1"));
  EXPECT_THAT(q.bodies(), IsEmpty());
  EXPECT_TRUE(q.erase(first[0].handle));
  EXPECT_THAT(q.bodies(), ElementsAre("a2"));
}

TEST(FifoQueue, OneReceiveTakesAsManyOfAGroupAsItCan) {
  auto q = fifo_queue();
  for (int i = 0; i < 3; ++i) {
    q.send("a" + std::to_string(i), "a", "a" + std::to_string(i));
    q.send("b" + std::to_string(i), "b", "b" + std::to_string(i));
  }

  EXPECT_THAT(q.bodies(4), ElementsAre("a0", "a1", "a2", "b0"));
}

TEST(FifoQueue, MessagesComeBackInTheirOrder) {
  auto q = fifo_queue();
  for (const char* body : {"1", "2", "3"}) q.send(body, "g", body);
  q.bodies(2);
  q.pass_s(30);

  EXPECT_THAT(q.bodies(10), ElementsAre("1", "2", "3"));
}

TEST(FifoQueue, AGroupWaitsForTheLastOfItsMessagesInFlight) {
  auto q = fifo_queue();
  for (const char* body : {"1", "2", "3"}) q.send(body, "g", body);
  const auto two = received(q, 2);
  ASSERT_TRUE(q.hide(two[1].handle, 100));
  q.pass_s(31);

  EXPECT_THAT(q.bodies(), IsEmpty());  // 1 is visible, 2 is not
  q.pass_s(70);
  EXPECT_THAT(q.bodies(), ElementsAre("1", "2", "3"));
}

TEST(FifoQueue, GivingUpAMessageFreesItsGroup) {
  auto q = fifo_queue();
  q.send("1", "g", "1");
  q.send("2", "g", "2");
  const auto one = received(q, 1);

  ASSERT_TRUE(q.hide(one[0].handle, 0));

  EXPECT_THAT(q.bodies(), ElementsAre("1", "2"));
}

TEST(FifoQueue, AMessageIsTakenOnceInFiveMinutes) {
  auto q = fifo_queue();
  const Sent first = q.send("a", "g", "same");
  q.pass_s(299);
  const Sent again = q.send("other", "g", "same");

  EXPECT_EQ(again.message_id, first.message_id);
  EXPECT_EQ(again.sequence, first.sequence);
  EXPECT_THAT(q.counts(), ElementsAre(1, 0, 0));
  q.pass_s(1);
  EXPECT_NE(q.send("a", "g", "same").message_id, first.message_id);
}

TEST(FifoQueue, AlsoAfterItWasDeletedOrPurgedAndAfterARestart) {
  auto q = fifo_queue();
  q.send("a", "g", "1");
  q.erase(received(q, 1)[0].handle).value();
  q.send("b", "g", "2");
  q.queue->purge();

  q.restart();
  q.send("a", "g", "1");
  q.send("b", "g", "2");

  EXPECT_THAT(q.bodies(), IsEmpty());
}

TEST(FifoQueue, AlsoWithinOneBatch) {
  auto q = fifo_queue();
  const Outgoing one{.message = {.body = "a", .group_id = "g", .deduplication_id = "1"}, .delay_s = {}};

  const auto sent = q.queue->send({one, one}, q.now_ms);

  EXPECT_EQ(sent[0].message_id, sent[1].message_id);
  EXPECT_THAT(q.bodies(), ElementsAre("a"));
}

TEST(FifoQueue, DuplicatesAreOfTheQueueOrOfTheGroup) {
  auto whole = fifo_queue();
  auto grouped = fifo_queue({{"DeduplicationScope", "messageGroup"}});
  for (QueueUnderTest* q : {&whole, &grouped}) {
    q->send("a", "g", "1");
    q->send("b", "h", "1");
  }

  EXPECT_THAT(whole.bodies(), ElementsAre("a"));
  EXPECT_THAT(grouped.bodies(), ElementsAre("a", "b"));
}

TEST(FifoQueue, WhatIsRememberedOfDuplicatesIsForgotten) {
  auto q = fifo_queue();
  for (int i = 0; i < 5; ++i) q.send("m", "g", std::to_string(i));
  q.queue->purge();
  EXPECT_EQ(q.rows(), 10u);
  q.pass_s(299);
  EXPECT_FALSE(q.queue->sweep(q.now_ms, 3));
  EXPECT_EQ(q.rows(), 10u);
  q.pass_s(1);
  EXPECT_TRUE(q.queue->sweep(q.now_ms, 3));
  EXPECT_FALSE(q.queue->sweep(q.now_ms, 3));
  EXPECT_EQ(q.rows(), 0u);
}

TEST(FifoQueue, AHandleThatIsOverIsRefused) {
  auto q = fifo_queue();
  q.send("a", "g", "1");
  const std::string handle = received(q, 1)[0].handle;
  q.pass_s(30);

  const Error refused = q.erase(handle).error();
  EXPECT_EQ(refused.code, "InvalidParameterValueException");
  EXPECT_EQ(refused.message,
            "Value " + handle + " for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.");
  EXPECT_THAT(q.bodies(), ElementsAre("a"));
}

TEST(FifoQueue, ADelayedMessageHoldsBackThoseBehindIt) {
  auto q = fifo_queue({{"DelaySeconds", "10"}});
  q.send("1", "g", "1");
  q.pass_s(9);
  q.send("2", "g", "2");

  EXPECT_THAT(q.bodies(), IsEmpty());
  q.pass_s(1);
  EXPECT_THAT(q.bodies(), ElementsAre("1"));
}

TEST(FifoQueue, TheSameAttemptGetsTheSameMessages) {
  auto q = fifo_queue();
  q.send("1", "g", "1");
  q.send("2", "h", "2");
  const Receive attempt{.count = 1, .visibility_s = 30, .attempt_id = "try"};
  const auto first = q.queue->receive(attempt, nullptr, q.now_ms).value();
  q.pass_s(20);
  const auto again = q.queue->receive(attempt, nullptr, q.now_ms).value();

  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0].handle, first[0].handle);
  EXPECT_EQ(again[0].state.receives, 1u);
  q.pass_s(20);  // hidden anew
  EXPECT_THAT(q.bodies(), ElementsAre("2"));
  ASSERT_TRUE(q.erase(first[0].handle));
  EXPECT_THAT(q.queue->receive(attempt, nullptr, q.now_ms).value(), IsEmpty());
}

TEST(FifoQueue, ADeadLetterGetsANewNumberAndKeepsItsGroup) {
  auto q =
      fifo_queue({{"RedrivePolicy",
                   R"({"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead.fifo","maxReceiveCount":1})"}});
  QueueUnderTest dead(q, "dead.fifo", 8);
  const Sent sent = q.send("1", "g", "1");
  q.send("2", "g", "2");
  q.receive(1, 0, dead.queue.get());
  q.pass_s(1);

  EXPECT_EQ(q.receive(1, 0, dead.queue.get()).front().message.body, "2");

  dead.now_ms = q.now_ms;
  const auto letter = dead.receive(1);
  ASSERT_EQ(letter.size(), 1u);
  EXPECT_GT(letter[0].sequence, sent.sequence);
  EXPECT_EQ(letter[0].message.group_id, "g");
}

TEST(FifoQueue, OrderHoldsBeyondTheWindowAndOverRestarts) {
  auto q = fifo_queue({}, {.window = 10, .window_fifo = 10});
  for (int i = 0; i < 100; ++i) q.send(std::to_string(i), i % 3 ? "a" : "b", std::to_string(i));
  std::map<std::string, int> last{{"a", -1}, {"b", -1}};
  int seen = 0;
  for (int turn = 0; turn < 300 && seen < 100; ++turn) {
    for (const Delivery& delivery : q.receive(3)) {
      const int number = std::stoi(delivery.message.body);
      EXPECT_GT(number, last[delivery.message.group_id]);
      last[delivery.message.group_id] = number;
      ++seen;
      EXPECT_TRUE(q.erase(delivery.handle));
    }
    if (turn % 5 == 0) q.restart();
  }

  EXPECT_EQ(seen, 100);
}

TEST(FifoQueue, GroupsBehindTheWindowWait) {
  auto q = fifo_queue({}, {.window_fifo = 4});
  for (int i = 0; i < 20; ++i) q.send(std::to_string(i), "g", std::to_string(i));
  q.send("other", "h", "h");
  q.restart();
  const auto first = received(q, 1);

  EXPECT_THAT(q.bodies(), IsEmpty());  // the group of all that is in the window is in flight
  ASSERT_TRUE(q.erase(first[0].handle));
  EXPECT_THAT(q.bodies(), testing::SizeIs(testing::Ge(3)));
}

TEST(FifoQueue, TooManyInFlightIsNoError) {
  auto q = fifo_queue({}, {.in_flight_max_fifo = 2});
  for (int i = 0; i < 4; ++i) q.send("m", std::to_string(i), std::to_string(i));

  EXPECT_EQ(received(q, 10).size(), 2u);
  EXPECT_EQ(received(q, 10).size(), 0u);
}

}  // namespace

}  // namespace croft::sqs
