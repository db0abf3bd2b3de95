// What waits for a group of shared subscriptions, step by step.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/core_script.h"

namespace croft::broker {

namespace {

using mqtt::QoS;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* group = "$share/g/a";

mqtt::Connect narrow(const char* client_id, std::uint32_t expiry_s, std::uint16_t receive_maximum) {
  mqtt::Connect packet = resume_v5(client_id, expiry_s);
  packet.properties.edit().receive_maximum = receive_maximum;
  return packet;
}

// A member that is away, and messages that came since.
void leave_waiting(Script& script, const char* member, int count) {
  const ConnectionId first = script.connect(resume_v5(member, 60));
  script.subscribe(first, group);
  script.lose(first);
  script.commit();
  const ConnectionId bob = script.connect(connect_v3("bob"));
  for (int n = 0; n < count; ++n) script.publish(bob, "a", std::to_string(n), QoS::at_least_once);
}

std::vector<std::string> kinds(const Script& script) {
  std::vector<std::string> all;
  for (const Row& row : script.store.scan(Family::queued, "", "", 1000, false)) all.push_back(row.key.substr(0, 1));
  return all;
}

}  // namespace

TEST(CoreGroups, WhatWaitsHasOneRowUntilASessionHasIt) {
  Script script;
  leave_waiting(script, "alice", 2);
  EXPECT_THAT(kinds(script), ElementsAre("g", "g"));

  const ConnectionId alice = script.connect(resume_v5("alice", 60));
  EXPECT_THAT(kinds(script), ElementsAre("m", "m"));
  for (std::uint16_t packet_id : {1, 2}) script.send(alice, mqtt::Puback{.packet_id = packet_id});
  EXPECT_THAT(kinds(script), IsEmpty());
}

TEST(CoreGroups, ASessionWithoutRowsLeavesTheGroupsRowUntilItAcknowledges) {
  Script script;
  leave_waiting(script, "alice", 2);
  const ConnectionId carol = script.connect(connect_v5("carol"));
  script.subscribe(carol, group);
  EXPECT_THAT(kinds(script), ElementsAre("g", "g"));
  script.send(carol, mqtt::Puback{.packet_id = 1});
  EXPECT_THAT(kinds(script), ElementsAre("g"));

  script.commit();
  script.crash();
  EXPECT_THAT(script.sent(script.connect(resume_v5("alice", 60))), ElementsAre("CONNACK present", "PUBLISH a '1' qos 1 id 1"));
}

TEST(CoreGroups, AMemberTakesAsMuchAsItAcknowledges) {
  Script script;
  leave_waiting(script, "alice", 100);
  const ConnectionId carol = script.connect(narrow("carol", 60, 1));
  script.subscribe(carol, group);
  EXPECT_TRUE(script.groups->any_waiting());
  script.pass(1);  // behind its SUBACK
  EXPECT_THAT(script.sent(carol), SizeIs(1));
  EXPECT_EQ(script.core().find("carol")->session->deliveries.waiting(), 31u);
  EXPECT_EQ(script.groups->waiting_bytes(), (100u - 32) * 3);  // "a" and two digits

  for (std::uint16_t packet_id = 1; packet_id <= 100; ++packet_id) {
    script.send(carol, mqtt::Puback{.packet_id = packet_id});
    if (packet_id < 100) EXPECT_THAT(script.sent(carol), SizeIs(1)) << packet_id;
  }
  EXPECT_FALSE(script.groups->any_waiting());
  EXPECT_THAT(kinds(script), IsEmpty());
}

TEST(CoreGroups, WhoGoesAwayKeepsWhatWasSentAndItsOwnMessages) {
  Script script;
  const ConnectionId bob = script.connect(connect_v3("bob")), alice = script.connect(narrow("alice", 60, 1));
  script.subscribe(alice, group);
  script.subscribe(alice, "own");
  for (const char* payload : {"1", "2"}) {
    script.publish(bob, "a", payload, QoS::at_least_once);
    script.publish(bob, "own", payload, QoS::at_least_once);
  }
  script.commit();
  script.lose(alice);
  script.commit();
  EXPECT_EQ(script.core().find("alice")->session->deliveries.waiting(), 2u) << "its own";

  const ConnectionId carol = script.connect(connect_v5("carol"));
  script.send(carol, mqtt::Subscribe{.packet_id = 1, .subscriptions = {{.filter = group, .qos = QoS::at_least_once}}});
  EXPECT_THAT(script.sent(carol), ElementsAre("CONNACK", "SUBACK 1: 1", "PUBLISH a '2' qos 1 id 1"));
  const ConnectionId again = script.connect(resume_v5("alice", 60));
  EXPECT_THAT(script.sent(again), ElementsAre("CONNACK present", "PUBLISH a '1' qos 1 id 1 dup", "PUBLISH own '1' qos 1 id 2",
                                              "PUBLISH own '2' qos 1 id 4"));
}

TEST(CoreGroups, ASessionThatEndsLeavesQos1AndQos2ThatWasNotBegun) {
  Script script;
  const ConnectionId bob = script.connect(connect_v3("bob")), alice = script.connect(narrow("alice", 60, 2));
  script.subscribe(alice, group, QoS::exactly_once);
  script.publish(bob, "a", "begun", QoS::exactly_once);
  script.send(bob, mqtt::Pubrel{.packet_id = 800});
  script.publish(bob, "a", "sent", QoS::at_least_once);
  script.publish_whole(bob, "a", "waits", QoS::exactly_once);
  const ConnectionId carol = script.connect(connect_v5("carol"));
  script.subscribe(carol, group, QoS::exactly_once);
  script.sent(carol);
  script.lose(alice);
  script.commit();
  EXPECT_THAT(script.sent(carol), ElementsAre("PUBLISH a 'waits' qos 2 id 1"));

  script.pass(61);
  EXPECT_THAT(script.sent(carol), ElementsAre("PUBLISH a 'sent' qos 1 id 2"));
}

TEST(CoreGroups, TheLastMemberTakesWhatWaitsAlong) {
  Script script;
  leave_waiting(script, "alice", 3);
  script.pass(61);
  script.commit();
  EXPECT_THAT(kinds(script), IsEmpty());
  EXPECT_FALSE(script.groups->any_waiting());
}

TEST(CoreGroups, WhatWasHandedOnCountsNoMoreForItsQueue) {
  Settings settings = Script::everything();
  settings.queued_messages_max = 3;
  Script script(settings);
  const ConnectionId bob = script.connect(connect_v3("bob")), alice = script.connect(narrow("alice", 60, 1));
  script.subscribe(alice, "own");
  script.subscribe(alice, group);
  script.publish(bob, "own", "0", QoS::at_least_once);
  for (const char* payload : {"1", "2", "3"}) script.publish(bob, "a", payload, QoS::at_least_once);
  script.lose(alice);
  for (const char* payload : {"4", "5", "6", "lost"}) script.publish(bob, "own", payload, QoS::at_least_once);

  EXPECT_EQ(script.core().find("alice")->session->deliveries.waiting(), 3u);
  EXPECT_EQ(script.core().counters().dropped_full, 1u);
}

}  // namespace croft::broker
