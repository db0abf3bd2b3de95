// What survives a connection: subscriptions, unacknowledged and queued messages.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/core_script.h"

namespace croft::broker {

namespace {

using mqtt::QoS;
using testing::ElementsAre;
using testing::IsEmpty;

}  // namespace

TEST(CoreSession, WhatWasSentAndNotAcknowledgedIsSentAgainFirst) {
  Script script;
  const ConnectionId bob = script.connect(connect_v3("bob"));
  const ConnectionId first = script.connect(resume_v3("alice"));
  script.subscribe(first, "a", QoS::exactly_once);
  script.publish(bob, "a", "1", QoS::at_least_once);
  script.publish_whole(bob, "a", "2", QoS::exactly_once);
  script.publish_whole(bob, "a", "3", QoS::exactly_once);
  script.publish(bob, "a", "4", QoS::at_least_once);
  script.send(first, mqtt::Pubrec{.packet_id = 3});
  script.send(first, mqtt::Puback{.packet_id = 4});
  script.lose(first);
  script.publish(bob, "a", "away", QoS::at_least_once);
  script.publish(bob, "a", "not stored");

  const ConnectionId second = script.connect(resume_v3("alice"));

  EXPECT_THAT(script.sent(second),
              ElementsAre("CONNACK present", "PUBLISH a '1' qos 1 id 1 dup", "PUBLISH a '2' qos 2 id 2 dup",
                          "PUBREL 3", "PUBLISH a 'away' qos 1 id 5"));
}

TEST(CoreSession, RedeliveryKeepsTheOrderWhenPacketIdsGoRound) {
  Script script;
  const ConnectionId bob = script.connect(connect_v3("bob"));
  const ConnectionId first = script.connect(resume_v3("alice"));
  script.subscribe(first, "a");
  for (std::uint32_t i = 1; i < 65'535; ++i) {
    script.publish(bob, "a", "x", QoS::at_least_once);
    script.send(first, mqtt::Puback{.packet_id = static_cast<std::uint16_t>(i)});
  }
  script.publish(bob, "a", "older", QoS::at_least_once);
  script.publish(bob, "a", "newer", QoS::at_least_once);
  script.lose(first);

  const ConnectionId second = script.connect(resume_v3("alice"));

  EXPECT_THAT(script.sent(second), ElementsAre("CONNACK present", "PUBLISH a 'older' qos 1 id 65535 dup",
                                               "PUBLISH a 'newer' qos 1 id 1 dup"));
}

TEST(CoreSession, ARetainedMessageStaysRetainedWhenItIsSentAgain) {
  Script script;
  const ConnectionId bob = script.connect(connect_v3("bob"));
  script.publish(bob, "a", "x", QoS::at_least_once, true);
  const ConnectionId first = script.connect(resume_v3("alice"));
  script.subscribe(first, "a");
  script.lose(first);

  const ConnectionId second = script.connect(resume_v3("alice"));

  EXPECT_THAT(script.sent(second), ElementsAre("CONNACK present", "PUBLISH a 'x' qos 1 id 1 retain dup"));
}

TEST(CoreSession, ACleanStartForgetsTheSession) {
  Script script;
  const ConnectionId bob = script.connect(connect_v3("bob"));
  const ConnectionId first = script.connect(resume_v3("alice"));
  script.subscribe(first, "a");
  script.lose(first);
  script.publish(bob, "a", "x", QoS::at_least_once);

  const ConnectionId second = script.connect(connect_v3("alice"));

  EXPECT_THAT(script.sent(second), ElementsAre("CONNACK"));
  EXPECT_THAT(script.interested, IsEmpty());
}

TEST(CoreSession, ATakeoverResumesTheSession) {
  Script script;
  const ConnectionId first = script.connect(resume_v5("alice", 60));
  script.subscribe(first, "a");
  script.publish(first, "a", "x", QoS::at_least_once);

  const ConnectionId second = script.connect(resume_v5("alice", 60));

  EXPECT_THAT(script.sent(second), ElementsAre("CONNACK present", "PUBLISH a 'x' qos 1 id 1 dup"));
}

TEST(CoreSession, AnExpiredSessionIsNotResumed) {
  Script script;
  const ConnectionId first = script.connect(resume_v5("alice", 60));
  script.subscribe(first, "a");
  script.lose(first);
  script.step(60'001);

  const ConnectionId second = script.connect(resume_v5("alice", 60));

  EXPECT_THAT(script.sent(second), ElementsAre("CONNACK"));
}

TEST(CoreSession, ASessionOfTheOtherProtocolVersionIsNotResumed) {
  Script script;
  const ConnectionId first = script.connect(resume_v3("alice"));
  script.subscribe(first, "a");
  script.lose(first);

  const ConnectionId second = script.connect(resume_v5("alice", 60));

  EXPECT_THAT(script.sent(second), ElementsAre("CONNACK"));
  EXPECT_THAT(script.interested, IsEmpty());
}

TEST(CoreSession, DisconnectMayShortenASessionButNotMakeOne) {
  Script script;
  mqtt::Disconnect shorter, longer;
  shorter.properties.edit().session_expiry_interval = 0;
  longer.properties.edit().session_expiry_interval = 60;
  const ConnectionId alice = script.connect(resume_v5("alice", 60));
  script.subscribe(alice, "a");
  script.send(alice, shorter);
  EXPECT_THAT(script.interested, IsEmpty());

  const ConnectionId again = script.connect(resume_v5("alice", 0));
  script.events();
  script.send(again, longer);

  EXPECT_THAT(script.sent(again), ElementsAre("CONNACK", "DISCONNECT protocol_error"));
  EXPECT_THAT(script.events(), ElementsAre("disconnected alice 1 CLIENT_ERROR"));
}

TEST(CoreSession, SubscriptionsOfAPersistentSessionSurviveACrash) {
  Script script;
  const ConnectionId alice = script.connect(resume_v5("alice", 600));
  mqtt::Subscribe packet{
      .packet_id = 7, .subscriptions = {{.filter = "a/+", .qos = QoS::at_least_once, .retain_as_published = true}}};
  packet.properties.edit().subscription_identifiers = {9};
  script.send(alice, packet);
  script.subscribe(alice, "gone");
  script.send(alice, mqtt::Unsubscribe{.packet_id = 1, .filters = {"gone"}});
  const ConnectionId clean = script.connect(connect_v5("bob"));
  script.subscribe(clean, "b");
  script.commit();

  script.crash();

  EXPECT_THAT(script.interested, ElementsAre(std::pair<const std::string, int>("a/+", 1)));
  const ConnectionId bob = script.connect(connect_v5("bob"));
  script.publish(bob, "a/x", "away", QoS::at_least_once, true);
  const ConnectionId again = script.connect(resume_v5("alice", 600));
  const auto received = script.packets(again);
  ASSERT_EQ(received.size(), 2u);
  EXPECT_EQ(words(received[0]), "CONNACK present");
  EXPECT_EQ(words(received[1]), "PUBLISH a/x 'away' qos 1 id 1 retain");
  EXPECT_THAT(std::get<mqtt::Publish>(received[1]).properties.get()->subscription_identifiers, ElementsAre(9u));
}

TEST(CoreSession, AQueueKeepsTheOldestMessagesAndItsLimits) {
  Script script;
  script.settings.queued_messages_max = 3;
  script.settings.queued_bytes_max = 100;
  const ConnectionId bob = script.connect(connect_v3("bob"));
  const ConnectionId alice = script.connect(resume_v3("alice"));
  script.subscribe(alice, "a");
  script.lose(alice);
  script.publish(bob, "a", std::string(100, 'x'), QoS::at_least_once);
  for (const char* payload : {"1", "2", "3", "4"}) script.publish(bob, "a", payload, QoS::at_least_once);

  const ConnectionId again = script.connect(resume_v3("alice"));

  EXPECT_THAT(script.sent(again), ElementsAre("CONNACK present", "PUBLISH a '1' qos 1 id 1",
                                              "PUBLISH a '2' qos 1 id 2", "PUBLISH a '3' qos 1 id 3"));
  script.lose(again);
  script.publish(bob, "a", "5", QoS::at_least_once);
  EXPECT_EQ(script.sent(script.connect(resume_v3("alice"))).back(), "PUBLISH a '5' qos 1 id 4");
}

TEST(CoreSession, AMessageThatWaitsForItsTurnIsCheckedAgainWhenItsTurnComes) {
  Script script;
  auto rights = std::make_shared<DenyList>();
  script.doorman.verdict.rights = rights;
  mqtt::Connect hello = connect_v5("alice");
  hello.properties.edit().receive_maximum = 1;
  const ConnectionId alice = script.connect(hello);
  script.subscribe(alice, "a/+");
  const ConnectionId bob = script.connect(connect_v3("bob"));
  for (const char* topic : {"a/first", "a/secret", "a/open"}) script.publish(bob, topic, "x", QoS::at_least_once);
  script.sent(alice);
  rights->received = {"a/secret"};

  script.send(alice, mqtt::Puback{.packet_id = 1});

  EXPECT_THAT(script.sent(alice), ElementsAre("PUBLISH a/open 'x' qos 1 id 3"));
}

TEST(CoreSession, QueuedMessagesAreCheckedAgainstTheRightsOfTheNewConnection) {
  Script script;
  const ConnectionId bob = script.connect(connect_v3("bob"));
  const ConnectionId alice = script.connect(resume_v3("alice"));
  script.subscribe(alice, "a/+");
  script.lose(alice);
  script.publish(bob, "a/secret", "x", QoS::at_least_once);
  script.publish(bob, "a/open", "x", QoS::at_least_once);
  auto rights = std::make_shared<DenyList>();
  rights->received = {"a/secret"};
  script.doorman.verdict.rights = rights;

  const ConnectionId again = script.connect(resume_v3("alice"));

  EXPECT_THAT(script.sent(again), ElementsAre("CONNACK present", "PUBLISH a/open 'x' qos 1 id 2"));
}

TEST(CoreSession, ARedeliveryKeepsToTheReceiveMaximumOfTheNewConnection) {
  Script script;
  const ConnectionId bob = script.connect(connect_v3("bob"));
  const ConnectionId first = script.connect(resume_v5("alice", 60));
  script.subscribe(first, "a");
  for (const char* payload : {"1", "2", "3"}) script.publish(bob, "a", payload, QoS::at_least_once);
  script.lose(first);
  script.publish(bob, "a", "4", QoS::at_least_once);
  mqtt::Connect narrow = resume_v5("alice", 60);
  narrow.properties.edit().receive_maximum = 1;

  const ConnectionId second = script.connect(narrow);

  EXPECT_THAT(script.sent(second), ElementsAre("CONNACK present", "PUBLISH a '1' qos 1 id 1 dup"));
  script.send(second, mqtt::Puback{.packet_id = 3});  // of the first connection: it makes no room
  EXPECT_THAT(script.sent(second), IsEmpty());
  script.send(second, mqtt::Puback{.packet_id = 1});
  EXPECT_THAT(script.sent(second), ElementsAre("PUBLISH a '2' qos 1 id 2 dup"));
  script.send(second, mqtt::Puback{.packet_id = 2});
  EXPECT_THAT(script.sent(second), ElementsAre("PUBLISH a '4' qos 1 id 4"));
}

TEST(CoreSession, ASessionEndsAtItsExpiryAndTheVersionLater) {
  Script script;
  const ConnectionId alice = script.connect(resume_v5("alice", 60));
  script.subscribe(alice, "a");
  script.lose(alice);

  script.pass(59);
  EXPECT_EQ(script.interested.size(), 1u);
  script.pass(2);
  script.commit();

  EXPECT_THAT(script.interested, IsEmpty());
  EXPECT_THAT(from_row("alice", script.rows.at("alice")).value().subscriptions, IsEmpty());
  script.pass(3'600);
  script.commit();
  EXPECT_FALSE(script.rows.contains("alice"));
}

}  // namespace croft::broker
