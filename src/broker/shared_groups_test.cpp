// Shared subscriptions: one member of a group for each message.
#include "broker/shared_groups.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/core_script.h"

namespace croft::broker {

namespace {

using mqtt::QoS;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

std::string picked(const SharedGroups& groups, const char* topic, QoS qos = QoS::at_least_once) {
  std::string names;
  for (const SharedGroups::Pick& pick : groups.pick(topic, qos, mqtt::ParentMatch::no)) names += pick.client_id;
  return names;
}

}  // namespace

TEST(SharedGroups, MembersTakeTurnsAndEachGroupGetsACopy) {
  SharedGroups groups;
  for (const char* member : {"a", "b", "c"}) groups.set("$share/g/x/+", member, 0, Membership::here);
  groups.set("$share/h/x/1", "z", 1, Membership::here);

  EXPECT_EQ(picked(groups, "x/2") + picked(groups, "x/2") + picked(groups, "x/2") + picked(groups, "x/2"), "abca");
  EXPECT_THAT(groups.pick("x/1", QoS::at_least_once, mqtt::ParentMatch::no), SizeIs(2));
  EXPECT_EQ(picked(groups, "y"), "");
}

TEST(SharedGroups, WhoIsAwayGetsSomethingOnlyWhenNobodyIsHere) {
  SharedGroups groups;
  groups.set("$share/g/x", "away", 0, Membership::away);
  groups.set("$share/g/x", "here", 0, Membership::here);
  EXPECT_EQ(picked(groups, "x") + picked(groups, "x"), "herehere");

  groups.set("$share/g/x", "here", 0, Membership::none);
  EXPECT_EQ(picked(groups, "x"), "away");
  EXPECT_EQ(picked(groups, "x", QoS::at_most_once), "");
  groups.set("$share/g/x", "away", 0, Membership::none);
  EXPECT_EQ(picked(groups, "x"), "");
}

class CoreShared : public testing::TestWithParam<mqtt::Version> {};

TEST_P(CoreShared, AMessageGoesToOneMemberAndItsOwnSubscriptionStays) {
  Script script;
  const auto hello = [](const char* id) { return GetParam() == mqtt::Version::v5 ? connect_v5(id) : connect_v3(id); };
  const ConnectionId one = script.connect(hello("one")), two = script.connect(hello("two"));
  script.subscribe(one, "$share/g/a/#");
  script.subscribe(two, "$share/g/a/#");
  script.subscribe(two, "a/b");
  const ConnectionId bob = script.connect(connect_v3("bob"));

  for (const char* payload : {"1", "2"}) script.publish(bob, "a/b", payload);

  EXPECT_THAT(script.sent(one), ElementsAre("PUBLISH a/b '1'"));
  EXPECT_THAT(script.sent(two), ElementsAre("PUBLISH a/b '1'", "PUBLISH a/b '2'", "PUBLISH a/b '2'"));
}

INSTANTIATE_TEST_SUITE_P(Versions, CoreShared, testing::Values(mqtt::Version::v3_1_1, mqtt::Version::v5));

TEST(CoreSharedSessions, ASessionThatIsAwayKeepsWhatNobodyElseCanTake) {
  Script script;
  const ConnectionId first = script.connect(resume_v5("alice", 60));
  script.subscribe(first, "$share/g/a");
  script.lose(first);
  const ConnectionId bob = script.connect(connect_v3("bob"));
  script.publish(bob, "a", "kept", QoS::at_least_once);
  script.commit();

  EXPECT_THAT(script.sent(script.connect(resume_v5("alice", 60))), ElementsAre("CONNACK present", "PUBLISH a 'kept' qos 1 id 1"));
}

TEST(CoreSharedSessions, TheGrantOfTheGroupIsEnoughToReceiveAlsoWhatWaited) {
  Script script;
  const ConnectionId bob = script.connect(connect_v3("bob"));
  auto rights = std::make_shared<DenyList>();
  rights->received = {"a"};
  rights->granted_groups = {"$share/g/a"};
  script.doorman.verdict.rights = rights;
  mqtt::Connect narrow = connect_v5("alice");
  narrow.properties.edit().receive_maximum = 1;
  const ConnectionId alice = script.connect(narrow);
  script.subscribe(alice, "$share/g/a");
  script.subscribe(alice, "a");
  for (const char* payload : {"1", "2"}) script.publish(bob, "a", payload, QoS::at_least_once);
  script.send(alice, mqtt::Puback{.packet_id = 1});

  EXPECT_THAT(script.sent(alice), ElementsAre("PUBLISH a '1' qos 1 id 1", "PUBLISH a '2' qos 1 id 2"));
}

TEST(CoreSharedSessions, TheGroupSurvivesACrashAndEndsWithTheSession) {
  Script script;
  script.subscribe(script.connect(resume_v5("alice", 60)), "$share/g/a");
  script.commit();
  script.crash();

  EXPECT_THAT(script.groups->pick("a", QoS::at_least_once, mqtt::ParentMatch::no), SizeIs(1));
  EXPECT_THAT(script.groups->pick("a", QoS::at_most_once, mqtt::ParentMatch::no), IsEmpty());
  script.pass(61);
  EXPECT_THAT(script.groups->pick("a", QoS::at_least_once, mqtt::ParentMatch::no), IsEmpty());
}

TEST(CoreSharedSessions, GetsNoRetainedMessagesAndLeavesOnUnsubscribe) {
  Script script;
  const ConnectionId bob = script.connect(connect_v3("bob")), alice = script.connect(connect_v5("alice"));
  script.publish(bob, "a", "old", QoS::at_least_once, true);
  script.sent(alice);
  script.send(alice, mqtt::Subscribe{.packet_id = 1, .subscriptions = {{.filter = "$share/g/a", .qos = QoS::at_least_once}}});
  EXPECT_THAT(script.sent(alice), ElementsAre("SUBACK 1: 1"));

  script.send(alice, mqtt::Unsubscribe{.packet_id = 2, .filters = {"$share/g/a"}});
  script.publish(bob, "a", "new");
  EXPECT_THAT(script.sent(alice), ElementsAre("UNSUBACK 2: 0"));
}

TEST(CoreSharedSessions, RefusesWhatIsNoSharedFilter) {
  Script script;
  const ConnectionId alice = script.connect(connect_v5("alice"));
  script.sent(alice);
  const std::string long_name = "$share/" + std::string(129, 'g') + "/a";
  script.send(alice, mqtt::Subscribe{.packet_id = 1, .subscriptions = {{.filter = long_name},
                                                                       {.filter = "$share/g/1/2/3/4/5/6/7/8/9"},
                                                                       {.filter = "$share/g/$SYS/x"},
                                                                       {.filter = "$share/g/1/2/3/4/5/6/7/8"}}});
  EXPECT_THAT(script.sent(alice), ElementsAre("SUBACK 1: 143 143 143 0"));

  script.send(alice, mqtt::Subscribe{.packet_id = 2, .subscriptions = {{.filter = "$share/g/a", .no_local = true}}});
  EXPECT_THAT(script.sent(alice), ElementsAre("DISCONNECT protocol_error"));
}

}  // namespace croft::broker
