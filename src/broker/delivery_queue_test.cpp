#include "broker/delivery_queue.h"

#include <gtest/gtest.h>

#include <set>

namespace croft::broker {

namespace {

using State = Delivery::State;

constexpr Sequence ids = 65'535;

Delivery delivery(std::string_view payload = "x", mqtt::QoS qos = mqtt::QoS::at_least_once) {
  return {.message = make_message({.topic = "t", .payload = payload}), .qos = qos};
}

void send_next(DeliveryQueue& queue) {
  queue.at(queue.first_waiting()).state = State::sent;
  queue.sent();
}

void push_and_send(DeliveryQueue& queue, Sequence count) {
  const MessagePtr message = make_message({.topic = "t"});
  for (Sequence n = 0; n < count; ++n) queue.push({.message = message});
  for (Sequence n = 0; n < count; ++n) send_next(queue);
}

}  // namespace

TEST(DeliveryQueue, PacketIdsGoFrom1To65535AndBeginAgain) {
  EXPECT_EQ(DeliveryQueue::packet_id_of(0), 1);
  EXPECT_EQ(DeliveryQueue::packet_id_of(ids - 1), 65'535);
  EXPECT_EQ(DeliveryQueue::packet_id_of(ids), 1);
  EXPECT_EQ(DeliveryQueue::packet_id_of(ids * 7 + 41), 42);
}

TEST(DeliveryQueue, OnlyWhatWasSentIsInFlight) {
  DeliveryQueue queue;
  queue.push(delivery());
  queue.push(delivery());
  send_next(queue);

  EXPECT_EQ(queue.in_flight(1), 0u);
  EXPECT_FALSE(queue.in_flight(2));
  EXPECT_FALSE(queue.in_flight(65'535));
  EXPECT_EQ(queue.waiting(), 1u);
}

TEST(DeliveryQueue, AMessageThatIsOverLeavesAHoleUntilThoseBeforeItAreOver) {
  DeliveryQueue queue;
  push_and_send(queue, 4);
  queue.finish(1);
  queue.finish(2);

  EXPECT_EQ(queue.first(), 0u);
  EXPECT_EQ(queue.size(), 4u);
  EXPECT_FALSE(queue.in_flight(2));
  EXPECT_EQ(queue.in_flight(4), 3u);

  queue.finish(0);
  EXPECT_EQ(queue.first(), 3u);
  EXPECT_EQ(queue.size(), 1u);
  queue.finish(3);
  EXPECT_EQ(queue.size(), 0u);
  EXPECT_EQ(queue.push(delivery()), 4u) << "numbers go on";
}

TEST(DeliveryQueue, WhatIsOverBeforeItWasSentIsPassedOver) {
  DeliveryQueue queue;
  for (const char* payload : {"a", "b", "c"}) queue.push(delivery(payload));
  queue.finish(0);
  EXPECT_EQ(queue.first(), 0u);
  queue.sent();

  EXPECT_EQ(queue.first(), 1u);
  EXPECT_EQ(queue.at(queue.first_waiting()).message->payload(), "b");
}

TEST(DeliveryQueue, WhatIsOverBeforeItsTurnWaitsNoMore) {
  DeliveryQueue queue;
  for (const char* payload : {"a", "b", "c", "d", "e"}) queue.push(delivery(payload));
  send_next(queue);
  queue.finish(1);
  queue.finish(2);
  queue.finish(4);
  EXPECT_EQ(queue.waiting(), 1u);
  queue.skip_finished();
  EXPECT_EQ(queue.first_waiting(), 3u);
  EXPECT_EQ(queue.waiting(), 1u);
  send_next(queue);
  EXPECT_EQ(queue.waiting(), 0u);
  queue.skip_finished();
  EXPECT_EQ(queue.first_waiting(), queue.end());
  EXPECT_EQ(queue.first(), 0u) << "the first is in flight";
  queue.finish(0);
  queue.finish(3);
  EXPECT_EQ(queue.size(), 0u);
  EXPECT_EQ(queue.waiting(), 0u);
}

TEST(DeliveryQueue, GapsOfALongRestoredQueueDoNotWait) {
  DeliveryQueue queue;
  queue.restore(0, delivery());
  queue.restore(ids - 1, delivery());
  EXPECT_EQ(queue.waiting(), 0u);
  queue.restore(ids + 9, delivery());
  queue.restore(ids + 10, delivery());
  EXPECT_EQ(queue.waiting(), 2u);
  queue.skip_finished();
  EXPECT_EQ(queue.first_waiting(), ids + 9);
}

TEST(DeliveryQueue, BytesAreThoseOfTheMessagesHeld) {
  DeliveryQueue queue;
  queue.push(delivery("12345"));
  queue.push(delivery("1"));
  EXPECT_EQ(queue.bytes(), 8u) << "topics count";
  queue.finish(1);
  EXPECT_EQ(queue.bytes(), 6u);
  send_next(queue);
  queue.finish(0);
  EXPECT_EQ(queue.bytes(), 0u);
}

TEST(DeliveryQueue, ItsOrderStaysWhileItGrowsInTheMidst) {
  DeliveryQueue queue;
  push_and_send(queue, 3);
  for (Sequence n : {0, 1, 2}) queue.finish(n);
  for (int n = 0; n < 100; ++n) queue.push(delivery(std::to_string(n)));

  for (int n = 0; n < 100; ++n) EXPECT_EQ(queue.at(Sequence(3 + n)).message->payload(), std::to_string(n));
}

TEST(DeliveryQueue, AsManyAreInFlightAsThereArePacketIds) {
  DeliveryQueue queue;
  push_and_send(queue, 60'000);
  for (Sequence n = 0; n < 60'000; ++n) queue.finish(n);
  push_and_send(queue, ids - 1);
  EXPECT_TRUE(queue.has_free_packet_id());
  push_and_send(queue, 1);

  EXPECT_FALSE(queue.has_free_packet_id());
  std::set<std::uint16_t> packet_ids;
  for (Sequence n = queue.first(); n < queue.end(); ++n) {
    const std::uint16_t packet_id = DeliveryQueue::packet_id_of(n);
    EXPECT_EQ(queue.in_flight(packet_id), n);
    packet_ids.insert(packet_id);
  }
  EXPECT_EQ(packet_ids.size(), ids);

  queue.finish(queue.first() + 1);
  EXPECT_FALSE(queue.has_free_packet_id()) << "the next number's packet id is that of the first";
  queue.finish(queue.first());
  EXPECT_TRUE(queue.has_free_packet_id());
}

TEST(DeliveryQueue, ARestoredMessageHasItsNumberAndCountsAsSent) {
  DeliveryQueue queue;
  queue.restore(65'533, delivery("a"));
  Delivery released = delivery("b", mqtt::QoS::exactly_once);
  released.state = State::released;
  queue.restore(65'536, std::move(released));

  EXPECT_EQ(queue.first(), 65'533u);
  EXPECT_EQ(queue.end(), 65'537u);
  EXPECT_EQ(queue.in_flight(65'534), 65'533u);
  EXPECT_EQ(queue.at(65'533).state, State::sent);
  EXPECT_FALSE(queue.in_flight(65'535)) << "what lies between is over";
  EXPECT_EQ(queue.in_flight(2), 65'536u) << "numbers go over the last packet id";
  EXPECT_EQ(queue.at(65'536).state, State::released);
  EXPECT_EQ(queue.waiting(), 0u);
  EXPECT_EQ(queue.bytes(), 4u);

  queue.finish(65'533);
  EXPECT_EQ(queue.first(), 65'536u);
}

TEST(DeliveryQueue, OfMoreThanThereArePacketIdsTheRestWaits) {
  const MessagePtr message = make_message({.topic = "t"});
  DeliveryQueue queue;
  for (Sequence n = 0; n < ids + 5; ++n) queue.restore(100 + n, {.message = message});

  EXPECT_LE(queue.first_waiting() - queue.first(), ids);
  EXPECT_GE(queue.first_waiting() - queue.first(), ids - 1);
  EXPECT_EQ(queue.size(), ids + 5);
  EXPECT_EQ(queue.at(queue.first_waiting()).state, State::waiting);
}

}  // namespace croft::broker
