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

using Outcome = SharedGroups::Offered::Outcome;

Outcome offered(SharedGroups& groups, const char* filter, const char* payload) {
  return groups.offer(filter, {make_message({.topic = "x", .payload = payload})}).outcome;
}

std::string taken(SharedGroups& groups, const char* filter, std::size_t most) {
  std::string payloads;
  for (const SharedGroups::Waiting& waiting : groups.take(filter, most)) payloads += waiting.message->payload();
  return payloads;
}

}  // namespace

TEST(SharedGroups, MembersTakeTurnsAndEachGroupGetsACopy) {
  SharedGroups groups;
  for (const char* member : {"a", "b", "c"}) groups.set("$share/g/x/+", member, 0, Membership::here, Keeping::lasting);
  groups.set("$share/h/x/1", "z", 1, Membership::here, Keeping::lasting);

  EXPECT_EQ(picked(groups, "x/2") + picked(groups, "x/2") + picked(groups, "x/2") + picked(groups, "x/2"), "abca");
  EXPECT_THAT(groups.pick("x/1", QoS::at_least_once, mqtt::ParentMatch::no), SizeIs(2));
  EXPECT_EQ(picked(groups, "y"), "");
}

TEST(SharedGroups, WhatComesWhileNobodyIsHereWaits) {
  SharedGroups groups;
  groups.set("$share/g/x", "away", 0, Membership::away, Keeping::lasting);
  groups.set("$share/g/x", "here", 0, Membership::here, Keeping::lasting);
  EXPECT_EQ(picked(groups, "x") + picked(groups, "x"), "herehere");

  groups.set("$share/g/x", "here", 0, Membership::none, Keeping::lasting);
  EXPECT_THAT(groups.pick("x", QoS::at_least_once, mqtt::ParentMatch::no), SizeIs(1));
  EXPECT_EQ(picked(groups, "x"), "");
  EXPECT_THAT(groups.pick("x", QoS::at_most_once, mqtt::ParentMatch::no), IsEmpty());
  groups.set("$share/g/x", "away", 0, Membership::away, Keeping::nothing);  // at QoS 0 nothing is kept
  EXPECT_THAT(groups.pick("x", QoS::at_least_once, mqtt::ParentMatch::no), IsEmpty());
  groups.set("$share/g/x", "away", 0, Membership::none, Keeping::nothing);
  EXPECT_FALSE(groups.has_members("$share/g/x"));
}

TEST(SharedGroups, WhatGoesToAMemberOfAConnectionNeedsARowWhileAnotherLasts) {
  SharedGroups groups;
  groups.set("$share/g/x", "clean", 0, Membership::here, Keeping::while_connected);
  EXPECT_EQ(picked(groups, "x"), "clean");
  groups.set("$share/g/x", "lasts", 0, Membership::away, Keeping::lasting);
  EXPECT_EQ(picked(groups, "x"), "");
  EXPECT_EQ(picked(groups, "x", QoS::at_most_once), "clean");
  EXPECT_EQ(groups.offer("$share/g/x", {make_message({.topic = "x"})}).pick.client_id, "clean");
  groups.set("$share/g/x", "lasts", 0, Membership::away, Keeping::nothing);
  EXPECT_EQ(picked(groups, "x"), "clean");
}

TEST(SharedGroups, WhatComesBehindWhatWaitsWaitsToo) {
  SharedGroups groups;
  const char* filter = "$share/g/x";
  groups.set(filter, "a", 3, Membership::away, Keeping::lasting);
  EXPECT_EQ(offered(groups, filter, "1"), Outcome::waits);
  groups.set(filter, "a", 3, Membership::here, Keeping::lasting);
  EXPECT_EQ(picked(groups, "x"), "") << "not past it";
  EXPECT_EQ(offered(groups, filter, "2"), Outcome::waits);
  EXPECT_EQ(picked(groups, "x", QoS::at_most_once), "a") << "of QoS 0 nothing waits";
  EXPECT_EQ(groups.waiting_bytes(), 4u);

  EXPECT_EQ(taken(groups, filter, 1) + taken(groups, filter, 5) + taken(groups, filter, 5), "12");
  EXPECT_EQ(groups.waiting_bytes(), 0u);
  EXPECT_FALSE(groups.any_waiting());
  const SharedGroups::Offered direct = groups.offer(filter, {make_message({.topic = "x"})});
  EXPECT_EQ(direct.outcome, Outcome::given);
  EXPECT_EQ(direct.pick.client_id, "a");
  EXPECT_EQ(direct.pick.shard, 3u);
}

TEST(SharedGroups, TooManyThatWaitLoseTheNewestAndTheEndOfTheGroupGivesThemBack) {
  Settings settings;
  settings.group_messages_max = 2;
  SharedGroups groups(settings);
  const char* filter = "$share/g/x";
  EXPECT_EQ(offered(groups, filter, "0"), Outcome::is_gone);
  groups.set(filter, "a", 0, Membership::away, Keeping::lasting);
  groups.set(filter, "b", 0, Membership::away, Keeping::lasting);
  for (const char* payload : {"1", "2"}) EXPECT_EQ(offered(groups, filter, payload), Outcome::waits);
  EXPECT_EQ(offered(groups, filter, "3"), Outcome::is_full);

  EXPECT_THAT(groups.set(filter, "a", 0, Membership::none, Keeping::lasting), IsEmpty());
  EXPECT_THAT(groups.set(filter, "b", 0, Membership::none, Keeping::lasting), SizeIs(2));
  EXPECT_FALSE(groups.any_waiting());
  EXPECT_EQ(groups.waiting_bytes(), 0u);

  settings.group_messages_max = 10;
  settings.queued_total_bytes_max = 3;
  SharedGroups narrow(settings);
  narrow.set(filter, "a", 0, Membership::away, Keeping::lasting);
  EXPECT_EQ(offered(narrow, filter, "1"), Outcome::waits);
  EXPECT_EQ(offered(narrow, filter, "2"), Outcome::is_full);
}

TEST(SharedGroups, ALongQueueSlowsItsPublishersDownWhileSomebodyTakesFromIt) {
  Settings settings;
  settings.blocking_messages = 2;
  settings.stalled_after_s = 3;
  SharedGroups groups(settings);
  const char* filter = "$share/g/x";
  const SourcePtr source = make_source("p", "", "");
  const auto come = [&] { (void)groups.offer(filter, {make_message({.topic = "x", .source = source})}); };
  groups.set(filter, "a", 0, Membership::away, Keeping::lasting);
  for (int i = 0; i < 4; ++i) come();
  EXPECT_EQ(source->blocking, 0) << "nobody is here";
  groups.set(filter, "a", 0, Membership::here, Keeping::lasting);
  come();
  come();
  EXPECT_EQ(source->blocking, 2);

  (void)groups.take(filter, 5);
  EXPECT_EQ(source->blocking, 1) << "those in front did not block";
  groups.release_stalled(MonoTime{10'000});
  groups.release_stalled(MonoTime{12'999});
  EXPECT_EQ(source->blocking, 1);
  groups.release_stalled(MonoTime{13'000});
  EXPECT_EQ(source->blocking, 0) << "for three seconds nothing was taken";
  for (int i = 0; i < 4; ++i) come();
  EXPECT_EQ(source->blocking, 0);

  (void)groups.take(filter, 1);
  come();
  EXPECT_EQ(source->blocking, 1) << "it goes on";
  groups.set(filter, "a", 0, Membership::away, Keeping::lasting);
  EXPECT_EQ(source->blocking, 0) << "nobody is here";
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
