// versionNumber, sessionIdentifier and the events that are not about coming and going.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/core_script.h"

namespace croft::broker {

namespace {

using mqtt::QoS;
using mqtt::ReasonCode;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

constexpr std::int64_t hour_s = 3'600;

void come_and_go(Script& script, const mqtt::Connect& packet) {
  script.send(script.connect(packet), mqtt::Disconnect{});
}

}  // namespace

TEST(Presence, BothEventsOfAConnectionCarryOneVersionAndOneSession) {
  Script script;
  come_and_go(script, connect_v3("alice"));
  come_and_go(script, connect_v3("alice"));

  ASSERT_EQ(script.told.size(), 4u);
  EXPECT_EQ(script.told[0].session_identifier, script.told[1].session_identifier);
  EXPECT_EQ(script.told[2].session_identifier, script.told[3].session_identifier);
  EXPECT_NE(script.told[0].session_identifier, script.told[2].session_identifier);
  EXPECT_THAT(script.events(), ElementsAre("connected alice 0", "disconnected alice 0 CLIENT_INITIATED_DISCONNECT",
                                           "connected alice 1", "disconnected alice 1 CLIENT_INITIATED_DISCONNECT"));
}

TEST(Presence, EachClientCountsForItself) {
  Script script;
  come_and_go(script, connect_v3("alice"));
  come_and_go(script, connect_v3("alice"));
  script.events();

  script.connect(connect_v3("bob"));

  EXPECT_THAT(script.events(), ElementsAre("connected bob 0"));
}

TEST(Presence, VersionStartsAgainAfterAnHourAway) {
  Script script;
  come_and_go(script, connect_v3("alice"));
  script.pass(hour_s - 1);
  come_and_go(script, connect_v3("alice"));
  EXPECT_EQ(script.told.back().version, 1u);

  script.pass(hour_s);
  script.connect(connect_v3("alice"));

  EXPECT_EQ(script.told.back().version, 0u);
}

TEST(Presence, VersionStartsAgainAtTheHourAlsoBeforeTheClockTicked) {
  Script script;
  come_and_go(script, connect_v3("alice"));
  script.step(hour_s * 1000 - 1);
  come_and_go(script, connect_v3("alice"));
  EXPECT_EQ(script.told.back().version, 1u);

  script.step(hour_s * 1000);
  script.connect(connect_v3("alice"));

  EXPECT_EQ(script.told.back().version, 0u);
}

TEST(Presence, AClientThatCameAndLeftBeforeItsOldExpiryWasNoticedIsNotForgotten) {
  Script script;
  come_and_go(script, connect_v3("alice"));
  script.step(hour_s * 1000);
  come_and_go(script, connect_v3("alice"));  // version 0 again
  script.pass(1);

  script.connect(connect_v3("alice"));

  EXPECT_EQ(script.told.back().version, 1u);
}

TEST(Presence, AnHourOnlineIsNoReset) {
  Script script;
  const ConnectionId alice = script.connect(connect_v3("alice"));
  for (int i = 0; i < 100; ++i) {
    script.pass(60);
    script.send(alice, mqtt::Pingreq{});
  }
  script.send(alice, mqtt::Disconnect{});

  script.connect(connect_v3("alice"));

  EXPECT_EQ(script.told.back().version, 1u);
}

TEST(Presence, APersistentSessionKeepsItsVersionUntilItExpires) {
  Script script;
  come_and_go(script, resume_v5("alice", 3 * hour_s));
  script.pass(3 * hour_s - 1);
  come_and_go(script, resume_v5("alice", 3 * hour_s));
  EXPECT_EQ(script.told.back().version, 1u);

  script.pass(3 * hour_s);
  script.connect(resume_v5("alice", 3 * hour_s));

  EXPECT_EQ(script.told.back().version, 0u);
}

TEST(Presence, AForgottenClientLeavesNoRow) {
  Script script;
  come_and_go(script, resume_v3("alice"));
  script.commit();
  ASSERT_TRUE(script.rows.contains("alice"));

  script.pass(hour_s);
  script.commit();

  EXPECT_THAT(script.rows, IsEmpty());
  EXPECT_EQ(script.core().find("alice"), nullptr);
}

TEST(Presence, VersionSurvivesARestart) {
  Script script;
  for (int i = 0; i < 3; ++i) come_and_go(script, connect_v3("alice"));
  script.commit();
  script.crash();

  script.connect(connect_v3("alice"));
  EXPECT_EQ(script.told.back().version, 3u);
  script.crash();
  script.connect(connect_v3("alice"));

  EXPECT_EQ(script.told.back().version, 4u);
}

TEST(Presence, AnHourAwayCountsAcrossARestart) {
  Script script;
  come_and_go(script, connect_v3("alice"));
  script.commit();
  script.step(hour_s * 1000);
  script.crash();

  script.connect(connect_v3("alice"));

  EXPECT_EQ(script.told.back().version, 0u);
}

TEST(Presence, AClockThatIsSetBackDoesNotLowerTheVersion) {
  Script script;
  come_and_go(script, connect_v3("alice"));
  script.now.wall.ms -= 2 * hour_s * 1000;
  script.pass(5);

  come_and_go(script, connect_v3("alice"));
  script.pass(5);
  script.connect(connect_v3("alice"));

  EXPECT_EQ(script.told.back().version, 2u);
}

TEST(Presence, AClockThatIsSetBackDoesNotEndConnections) {
  Script script;
  const ConnectionId alice = script.connect(connect_v3("alice"));
  script.now.wall.ms += 365 * 24 * hour_s * 1000;
  script.pass(1);
  script.now.wall.ms -= 400 * 24 * hour_s * 1000;
  script.pass(1);

  EXPECT_FALSE(script.is_closed(alice));
}

TEST(Presence, ARefusedConnectOfAKnownPrincipalIsTold) {
  Script script;
  script.doorman.verdict = {.reason = ReasonCode::not_authorized, .principal = "certificate", .thing_name = "lamp"};

  const ConnectionId alice = script.connect(connect_v5("alice"));

  EXPECT_THAT(script.sent(alice), ElementsAre("CONNACK not_authorized"));
  EXPECT_TRUE(script.is_closed(alice));
  ASSERT_EQ(script.told.size(), 1u);
  EXPECT_EQ(words(script.told[0]), "connect_failed alice");
  EXPECT_EQ(script.told[0].principal, "certificate");
  EXPECT_EQ(script.told[0].thing_name, "lamp");
  EXPECT_EQ(script.told[0].ip_address, "192.0.2.7");
  EXPECT_THAT(script.rows, IsEmpty());
}

TEST(Presence, AStrangerWhoIsRefusedIsNotTold) {
  Script script;
  script.doorman.verdict = {.reason = ReasonCode::not_authorized};

  script.connect(connect_v5("alice"));

  EXPECT_THAT(script.events(), IsEmpty());
}

TEST(Presence, ARefusedConnectDoesNotDisturbTheConnectionOfTheSameClientId) {
  Script script;
  const ConnectionId alice = script.connect(connect_v5("alice"));
  script.doorman.verdict = {.reason = ReasonCode::not_authorized, .principal = "other"};

  script.connect(connect_v5("alice"));

  EXPECT_FALSE(script.is_closed(alice));
  EXPECT_THAT(script.events(), ElementsAre("connected alice 0", "connect_failed alice"));
}

TEST(Presence, AWillThatMayNotBePublishedFailsTheConnect) {
  Script script;
  auto rights = std::make_shared<DenyList>();
  rights->topics = {"status/alice"};
  script.doorman.verdict.rights = rights;
  mqtt::Connect packet = connect_v3("alice");
  packet.will = mqtt::Will{.topic = "status/alice", .payload = "gone"};

  const ConnectionId alice = script.connect(packet);

  EXPECT_THAT(script.sent(alice), ElementsAre("CONNACK not_authorized"));
  EXPECT_THAT(script.events(), ElementsAre("connect_failed alice"));
  EXPECT_THAT(script.topics_published(), IsEmpty());
}

TEST(Presence, SubscriptionsAreToldOncePerPacketWithTheirFilters) {
  Script script;
  const ConnectionId alice = script.connect(connect_v5("alice"));
  script.events();

  script.send(alice,
              mqtt::Subscribe{.packet_id = 1,
                              .subscriptions = {{.filter = "foo/bar"}, {.filter = "bad#"}, {.filter = "device/+"}}});
  script.send(alice, mqtt::Unsubscribe{.packet_id = 2, .filters = {"foo/bar", "unknown"}});
  script.send(alice, mqtt::Unsubscribe{.packet_id = 3, .filters = {"foo/bar"}});

  ASSERT_EQ(script.told.size(), 2u);
  EXPECT_EQ(script.told[0].session_identifier, script.core().find("alice")->state.session_identifier.text());
  EXPECT_THAT(script.events(), ElementsAre("subscribed alice foo/bar device/+", "unsubscribed alice foo/bar"));
}

TEST(Presence, TheThingNameIsInEveryEventOfItsClient) {
  Script script;
  script.doorman.verdict.thing_name = "lamp";
  const ConnectionId alice = script.connect(connect_v5("alice"));
  script.subscribe(alice, "a");
  script.lose(alice);

  for (const LifecycleEvent& event : script.told) EXPECT_EQ(event.thing_name, "lamp");
  script.doorman.verdict.thing_name = "";
  script.connect(connect_v5("alice"));

  EXPECT_EQ(script.told.back().thing_name, "");
}

TEST(Presence, NoEventIsMadeWhileNothingChanges) {
  Script script;
  const ConnectionId alice = script.connect(connect_v5("alice"));
  script.events();

  script.publish(alice, "a", "x", QoS::at_least_once);
  script.send(alice, mqtt::Pingreq{});
  script.pass(60);

  EXPECT_THAT(script.events(), IsEmpty());
}

}  // namespace croft::broker
