#include "sqs/queue_testing.h"

namespace croft::sqs {

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Queue, AReceivedMessageIsHiddenUntilItsTimeIsUp) {
  QueueUnderTest q;
  q.send("a");

  EXPECT_THAT(q.bodies(), ElementsAre("a"));
  EXPECT_THAT(q.counts(), ElementsAre(0, 1, 0));
  q.pass_s(29);
  EXPECT_THAT(q.bodies(), IsEmpty());
  q.pass_s(1);
  EXPECT_THAT(q.counts(), ElementsAre(1, 0, 0));
  EXPECT_THAT(q.bodies(), ElementsAre("a"));
}

TEST(Queue, ReceivesAreCountedAndEachHasItsOwnHandle) {
  QueueUnderTest q;
  q.send("a");

  const Delivery first = q.receive(1, 0).front();
  q.pass_s(5);
  const Delivery second = q.receive(1, 0).front();

  EXPECT_EQ(first.state.receives, 1u);
  EXPECT_EQ(second.state.receives, 2u);
  EXPECT_EQ(second.state.first_received_ms, start_ms);
  EXPECT_NE(first.handle, second.handle);
  EXPECT_EQ(sent_ms(second.sequence), start_ms);
}

TEST(Queue, OneReceiveNeverTellsAMessageTwice) {
  QueueUnderTest q;
  q.send("a");
  q.send("b");

  EXPECT_THAT(q.bodies(10, 0), ElementsAre("a", "b"));
}

TEST(Queue, ADeletedMessageLeavesNoRow) {
  QueueUnderTest q;
  q.send("a");
  const std::string handle = q.receive().front().handle;

  EXPECT_TRUE(q.erase(handle));
  EXPECT_TRUE(q.erase(handle));  // again is no fault

  EXPECT_EQ(q.rows(), 0u);
  EXPECT_THAT(q.counts(), ElementsAre(0, 0, 0));
  q.pass_s(60);
  EXPECT_THAT(q.bodies(), IsEmpty());
}

TEST(Queue, TheLastHandleDeletesAfterItsTimeAndAnOlderOneDoesNot) {
  QueueUnderTest q;
  q.send("a");
  const std::string old = q.receive(1, 1).front().handle;
  q.pass_s(2);
  const std::string last = q.receive(1, 1).front().handle;
  q.pass_s(2);

  EXPECT_TRUE(q.erase(old));
  EXPECT_THAT(q.counts(), ElementsAre(1, 0, 0));
  EXPECT_TRUE(q.erase(last));
  EXPECT_THAT(q.counts(), ElementsAre(0, 0, 0));
}

TEST(Queue, AHandleOfAnotherQueueIsInvalid) {
  QueueUnderTest q;
  const std::string foreign = Receipt{"ffffffffffffffff", 1, 1}.handle();

  EXPECT_EQ(q.erase(foreign).error().code, "ReceiptHandleIsInvalid");
  EXPECT_EQ(q.erase("AAAA").error().code, "ReceiptHandleIsInvalid");
  EXPECT_EQ(q.hide(foreign, 1).error().code, "ReceiptHandleIsInvalid");
}

TEST(Queue, VisibilityCanBeGivenUpAndExtended) {
  QueueUnderTest q;
  q.send("a");
  q.send("b");
  const auto both = q.receive(2);

  EXPECT_TRUE(q.hide(both[0].handle, 0));
  EXPECT_TRUE(q.hide(both[1].handle, 100));
  EXPECT_THAT(q.bodies(), ElementsAre("a"));
  q.pass_s(31);
  EXPECT_THAT(q.bodies(), ElementsAre("a"));
  q.pass_s(70);
  EXPECT_THAT(q.bodies(), ElementsAre("a", "b"));
}

TEST(Queue, VisibilityEndsTwelveHoursAfterTheReceive) {
  QueueUnderTest q;
  q.send("a");
  const std::string handle = q.receive().front().handle;
  q.pass_s(10);

  EXPECT_TRUE(q.hide(handle, 43'190));
  const Error refused = q.hide(handle, 43'191).error();
  EXPECT_EQ(refused.code, "InvalidParameterValueException");
  EXPECT_EQ(refused.message,
            "Value 43191 for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message "
            "is beyond the "
            "limit [43200 seconds]");
}

TEST(Queue, VisibilityOfAMessageThatIsGoneCannotBeChanged) {
  QueueUnderTest q;
  q.send("a");
  const std::string handle = q.receive().front().handle;
  ASSERT_TRUE(q.erase(handle));

  EXPECT_EQ(q.hide(handle, 1).error().message,
            "Value " + handle +
                " for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for "
                "visibility timeout change.");
}

TEST(Queue, DelaysOfTheQueueAndOfTheMessage) {
  QueueUnderTest q("q", {{"DelaySeconds", "10"}});
  q.send("queue's");
  q.send("own", "", "", 20);
  q.send("none", "", "", 0);

  EXPECT_THAT(q.counts(), ElementsAre(1, 0, 2));
  EXPECT_THAT(q.bodies(), ElementsAre("none"));
  q.pass_s(10);
  EXPECT_THAT(q.bodies(), ElementsAre("queue's"));
  q.pass_s(10);
  EXPECT_THAT(q.bodies(), ElementsAre("own"));
  EXPECT_THAT(q.counts(), ElementsAre(0, 3, 0));
}

TEST(Queue, TellsWhenTheNextMessageTurnsVisible) {
  QueueUnderTest q;
  EXPECT_EQ(q.queue->next_visible_ms(q.now_ms), std::nullopt);
  q.send("a", "", "", 20);
  EXPECT_EQ(q.queue->next_visible_ms(q.now_ms), start_ms + 20'000);
  q.send("b", "", "", 7);
  EXPECT_EQ(q.queue->next_visible_ms(q.now_ms), start_ms + 7'000);
}

TEST(Queue, MessagesEndWithTheirRetention) {
  QueueUnderTest q("q", {{"MessageRetentionPeriod", "60"}});
  q.send("old");
  q.send("in flight");
  q.receive(1, 600);
  q.pass_s(30);
  q.send("young");
  q.pass_s(30);

  EXPECT_THAT(q.bodies(), ElementsAre("young"));
  EXPECT_FALSE(q.queue->sweep(q.now_ms, 100));
  EXPECT_THAT(q.counts(), ElementsAre(0, 1, 0));
  q.pass_s(30);
  EXPECT_FALSE(q.queue->sweep(q.now_ms, 100));
  EXPECT_EQ(q.rows(), 0u);
}

TEST(Queue, ASweepIsBounded) {
  QueueUnderTest q("q", {{"MessageRetentionPeriod", "60"}});
  for (int i = 0; i < 5; ++i) q.send("m", "", "", i == 3 ? 900 : 0);
  q.pass_s(61);

  EXPECT_TRUE(q.queue->sweep(q.now_ms, 3));
  EXPECT_EQ(q.queue->counts(q.now_ms).visible + q.queue->counts(q.now_ms).delayed, 2u);
  EXPECT_FALSE(q.queue->sweep(q.now_ms, 3));
  EXPECT_EQ(q.rows(), 0u);
}

TEST(Queue, PurgeTakesEverything) {
  QueueUnderTest q;
  q.send("a");
  q.send("b");
  q.send("c", "", "", 100);
  const std::string handle = q.receive().front().handle;

  q.queue->purge();

  EXPECT_EQ(q.rows(), 0u);
  EXPECT_THAT(q.counts(), ElementsAre(0, 0, 0));
  EXPECT_TRUE(q.erase(handle));
  q.send("d");
  EXPECT_THAT(q.bodies(), ElementsAre("d"));
}

TEST(Queue, ARestartKeepsWhatIsHiddenAndWhatWasCounted) {
  QueueUnderTest q;
  q.send("in flight");
  const Delivery delivery = q.receive(1, 30).front();
  q.send("waiting");
  q.send("delayed", "", "", 50);

  q.restart();

  EXPECT_THAT(q.counts(), ElementsAre(1, 1, 1));
  EXPECT_THAT(q.bodies(), ElementsAre("waiting"));
  q.pass_s(30);
  const auto again = q.receive(10, 30);
  ASSERT_EQ(again.size(), 2u);
  EXPECT_EQ(again[0].message.body, "in flight");
  EXPECT_EQ(again[0].state.receives, 2u);
  EXPECT_EQ(again[0].message.id, delivery.message.id);
}

TEST(Queue, AHandleFromBeforeARestartDeletes) {
  QueueUnderTest q;
  q.send("a");
  const std::string handle = q.receive().front().handle;

  q.restart();

  EXPECT_TRUE(q.erase(handle));
  EXPECT_EQ(q.rows(), 0u);
}

TEST(Queue, NumbersRiseOverRestartsAndClocksThatAreSetBack) {
  QueueUnderTest q;
  const Sequence first = q.send("a").sequence;
  q.sequences = std::make_shared<Sequences>();
  q.now_ms -= 3'600'000;
  q.restart();

  EXPECT_GT(q.send("b").sequence, first);
}

// More messages than the window holds: all come out, the oldest first, whatever else goes on.
TEST(Queue, AQueueThatIsLargerThanItsWindowLosesNothing) {
  QueueUnderTest q("q", {}, {.window = 10, .window_fifo = 10});
  for (int i = 0; i < 200; ++i) {
    q.send("m" + std::to_string(i), "", "", i % 7 == 0 ? 60 : 0);
    q.now_ms += 1;
  }
  q.restart();
  std::set<std::string> seen;
  std::vector<std::string> handles;
  for (int turn = 0; turn < 1000 && seen.size() < 201; ++turn) {
    for (const Delivery& delivery : q.receive(7, turn % 3 == 0 ? 1 : 100)) {
      seen.insert(delivery.message.body);
      handles.push_back(delivery.handle);
    }
    if (turn % 2 == 0 && !handles.empty()) {
      EXPECT_TRUE(q.erase(handles.back()));
      handles.pop_back();
    }
    if (turn == 30) q.send("late");
    q.pass_s(1);
  }

  EXPECT_EQ(seen.size(), 201u);
}

TEST(Queue, AStandardQueueRefusesMoreInFlightThanItsLimit) {
  QueueUnderTest q("q", {}, {.in_flight_max = 3});
  for (int i = 0; i < 5; ++i) q.send("m");

  EXPECT_EQ(q.receive(2).size(), 2u);
  EXPECT_EQ(q.receive(10).size(), 1u);  // as many as there is room for
  const auto refused = q.queue->receive({.count = 1, .visibility_s = 30, .attempt_id = {}}, nullptr, q.now_ms);
  EXPECT_EQ(refused.error().code, "OverLimit");
  EXPECT_EQ(refused.error().http_status, 403);
  q.pass_s(30);
  EXPECT_EQ(q.receive(10).size(), 3u);
}

Attributes redrive(int receives) {
  return {{"RedrivePolicy", R"({"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead","maxReceiveCount":)" +
                                std::to_string(receives) + "}"}};
}

TEST(Queue, AMessageThatWasReceivedTooOftenBecomesADeadLetter) {
  QueueUnderTest q("q", redrive(2));
  QueueUnderTest dead(q, "dead", 8);
  const Sent sent = q.send("a");
  q.send("b");
  ASSERT_EQ(q.receive(1, 0, dead.queue.get()).size(), 1u);
  q.pass_s(1);
  q.receive(2, 0, dead.queue.get());
  q.pass_s(1);

  const auto left = q.receive(10, 0, dead.queue.get());

  ASSERT_EQ(left.size(), 1u);
  EXPECT_EQ(left[0].message.body, "b");
  const auto letters = [&] {
    dead.now_ms = q.now_ms;
    return dead.receive(10, 30);
  }();
  ASSERT_EQ(letters.size(), 1u);
  EXPECT_EQ(letters[0].message.id, sent.message_id);
  EXPECT_EQ(letters[0].message.source, "q");
  EXPECT_EQ(letters[0].state.receives, 3u);  // over all queues
  EXPECT_EQ(sent_ms(letters[0].sequence), start_ms);
  EXPECT_EQ(letters[0].state.first_received_ms, start_ms);
  EXPECT_TRUE(dead.erase(letters[0].handle));
  EXPECT_EQ(dead.rows(), 0u);
}

TEST(Queue, ADeadLetterEndsWithTheTimeOfItsFirstQueue) {
  QueueUnderTest q("q", redrive(1));
  QueueUnderTest dead(q, "dead", 8);
  dead.definition.attributes["MessageRetentionPeriod"] = "60";
  dead.restart();
  q.send("a");
  q.receive(1, 0, dead.queue.get());
  q.pass_s(61);
  q.receive(1, 0, dead.queue.get());
  dead.now_ms = q.now_ms;

  EXPECT_THAT(dead.bodies(), IsEmpty());
}

TEST(Queue, MovingADeadLetterBackMakesItNew) {
  QueueUnderTest q("q", redrive(1));
  QueueUnderTest dead(q, "dead", 8);
  q.send("a");
  q.receive(1, 0, dead.queue.get());
  q.pass_s(1);
  q.receive(1, 0, dead.queue.get());
  q.pass_s(1);

  auto moved = dead.queue->first_visible(q.now_ms);
  ASSERT_TRUE(moved);
  EXPECT_EQ(moved->message.source, "q");
  dead.queue->move(std::move(*moved), *q.queue, q.now_ms);

  EXPECT_EQ(dead.rows(), 0u);
  const auto back = q.receive(1, 0, dead.queue.get());
  ASSERT_EQ(back.size(), 1u);
  EXPECT_EQ(back[0].state.receives_here, 1u);
  EXPECT_EQ(sent_ms(back[0].sequence), q.now_ms);
  EXPECT_EQ(back[0].message.source, "");
}

std::vector<std::string> bodies_of(const Peek& peek) {
  std::vector<std::string> found;
  for (const Delivery& delivery : peek.messages) found.push_back(delivery.message.body);
  return found;
}

TEST(Queue, LookingChangesNothingAndSeesWhatIsHidden) {
  QueueUnderTest q;
  q.send("a");
  q.send("b");
  q.send("late", {}, {}, 60);
  const Delivery received = q.receive().front();

  const Peek peek = q.queue->peek({}, 10, q.now_ms);

  EXPECT_THAT(bodies_of(peek), ElementsAre("b", "a", "late"));
  EXPECT_FALSE(peek.next);
  EXPECT_EQ(peek.messages[0].state.receives, 0u);
  EXPECT_EQ(peek.messages[1].state.receives, 1u);
  EXPECT_THAT(q.counts(), ElementsAre(1, 1, 1));
  EXPECT_EQ(q.receive().front().state.receives, 1u);
  EXPECT_TRUE(q.erase(received.handle));
}

TEST(Queue, LookingGoesOnBehindThePlaceWhereItEnded) {
  QueueUnderTest q;
  for (const char* body : {"a", "b", "c", "d", "e"}) q.send(body);

  const Peek first = q.queue->peek({}, 2, q.now_ms);
  ASSERT_TRUE(first.next);
  const Peek second = q.queue->peek(first.next, 3, q.now_ms);

  EXPECT_THAT(bodies_of(first), ElementsAre("a", "b"));
  EXPECT_THAT(bodies_of(second), ElementsAre("c", "d", "e"));
  EXPECT_FALSE(second.next);
}

void expect_that_a_handle_of_a_look_deletes_until_the_message_is_received(QueueUnderTest q) {
  const bool fifo = q.queue->settings().fifo;
  for (const char* body : {"a", "b"}) q.send(body, fifo ? "g" : "", fifo ? body : "");
  const Peek peek = q.queue->peek({}, 10, q.now_ms);

  EXPECT_EQ(q.hide(peek.messages[0].handle, 5).error().code, "InvalidParameterValueException");
  EXPECT_TRUE(q.erase(peek.messages[0].handle));
  EXPECT_THAT(q.bodies(10, 0), ElementsAre("b"));
  EXPECT_EQ(q.erase(peek.messages[1].handle).has_value(), !fifo);
  EXPECT_THAT(q.bodies(10, 0), ElementsAre("b"));
  EXPECT_TRUE(q.erase(q.queue->peek({}, 10, q.now_ms).messages[0].handle));
  EXPECT_EQ(q.rows(), fifo ? 4u : 0u) << "a FIFO queue remembers what was sent";
}

TEST(Queue, AHandleOfALookDeletesUntilTheMessageIsReceived) {
  expect_that_a_handle_of_a_look_deletes_until_the_message_is_received(QueueUnderTest());
  expect_that_a_handle_of_a_look_deletes_until_the_message_is_received(fifo_queue());
}

TEST(Queue, TheOldestMessageIsTheFirstThatIsStillThere) {
  QueueUnderTest q;
  EXPECT_FALSE(q.queue->oldest_sent_ms());
  q.send("a");
  q.pass_s(5);
  q.send("b");

  EXPECT_EQ(q.queue->oldest_sent_ms(), start_ms);
  EXPECT_TRUE(q.erase(q.receive().front().handle));
  EXPECT_EQ(q.queue->oldest_sent_ms(), start_ms + 5'000);
}

}  // namespace

}  // namespace croft::sqs
