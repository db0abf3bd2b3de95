// What clients publish: acknowledgements, refusals, aliases, expiry, wills.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/core_script.h"
#include "broker/limits.h"

namespace croft::broker {

namespace {

using mqtt::QoS;
using mqtt::ReasonCode;
using testing::ElementsAre;
using testing::IsEmpty;

mqtt::Publish aliased(std::string topic, std::uint16_t alias, std::string payload = "x") {
  mqtt::Publish packet{.topic = std::move(topic), .payload = std::move(payload)};
  packet.properties.edit().topic_alias = alias;
  return packet;
}

mqtt::Publish expiring(std::string topic, std::uint32_t seconds) {
  mqtt::Publish packet{.topic = std::move(topic), .payload = "x"};
  packet.properties.edit().message_expiry_interval = seconds;
  return packet;
}

mqtt::Connect with_will(mqtt::Connect packet, bool retain = false) {
  packet.will = mqtt::Will{.topic = "status/alice", .payload = "gone", .qos = QoS::at_least_once, .retain = retain};
  return packet;
}

std::string last_event(Script& script) {
  return script.events().back();
}

}  // namespace

TEST(CorePublish, EachQosIsAcknowledgedInItsWay) {
  Script script;
  const ConnectionId alice = script.connect(connect_v3("alice"));
  script.sent(alice);

  script.publish(alice, "a", "0");
  script.publish(alice, "a", "1", QoS::at_least_once);
  script.publish(alice, "a", "2", QoS::exactly_once);
  script.send(alice, mqtt::Pubrel{.packet_id = 800});

  EXPECT_THAT(script.sent(alice), ElementsAre("PUBACK 800", "PUBREC 800", "PUBCOMP 800"));
  EXPECT_THAT(script.topics_published(), ElementsAre("a", "a", "a"));
}

TEST(CorePublish, HowMuchAClientPublishedIsToldOnceAMinuteAndAtItsEnd) {
  Script script;
  const ConnectionId alice = script.connect(connect_v3("alice"));
  script.publish(alice, "a", "x");
  script.step(limits::told_published_ms - 1);
  script.publish(alice, "a", "x");
  EXPECT_THAT(script.published_counts, IsEmpty());

  script.step(1);
  script.publish(alice, "a", "x");
  EXPECT_THAT(script.published_counts, ElementsAre("alice 2 in 59999"));

  script.step(5'000);
  script.publish(alice, "a", "x");
  script.step(1'000);
  script.lose(alice);
  EXPECT_THAT(script.published_counts, ElementsAre("alice 2 in 59999", "alice 2 in 5000"));
}

TEST(CorePublish, AMessageKnowsItsPublisher) {
  Script script;
  const ConnectionId alice = script.connect(connect_v3("alice"));

  script.publish(alice, "a", "x");

  const Source& source = *script.messages.at(0)->source();
  EXPECT_EQ(source.client_id, "alice");
  EXPECT_EQ(source.principal, "principal");
  EXPECT_EQ(source.source_ip, "192.0.2.7");
}

TEST(CorePublish, AQos2MessageIsPublishedOnceHoweverOftenItIsSent) {
  Script script;
  const ConnectionId first = script.connect(resume_v3("alice"));
  script.publish(first, "a", "2", QoS::exactly_once);
  script.publish(first, "a", "2", QoS::exactly_once);
  script.lose(first);
  const ConnectionId second = script.connect(resume_v3("alice"));

  script.publish(second, "a", "2", QoS::exactly_once);
  EXPECT_THAT(script.topics_published(), ElementsAre("a"));
  script.send(second, mqtt::Pubrel{.packet_id = 800});
  script.publish(second, "a", "2", QoS::exactly_once);

  EXPECT_THAT(script.topics_published(), ElementsAre("a"));
  EXPECT_THAT(script.sent(second), ElementsAre("CONNACK present", "PUBREC 800", "PUBCOMP 800", "PUBREC 800"));
}

TEST(CorePublish, MoreQos2MessagesThanTheReceiveMaximumThatAreNeverReleasedEndTheConnection) {
  Script script;
  const ConnectionId alice = script.connect(connect_v5("alice"));
  for (std::uint16_t id = 1; id <= script.settings.receive_maximum; ++id)
    script.send(alice, mqtt::Publish{.topic = "a", .qos = QoS::exactly_once, .packet_id = id});
  ASSERT_FALSE(script.is_closed(alice));

  script.send(alice, mqtt::Publish{.topic = "a", .qos = QoS::exactly_once, .packet_id = 65'535});

  EXPECT_TRUE(script.is_closed(alice));
  EXPECT_EQ(last_event(script), "disconnected alice 0 CLIENT_ERROR");
}

TEST(CorePublish, AnUnknownReleaseIsAnswered) {
  Script script;
  const ConnectionId alice = script.connect(connect_v5("alice"));

  script.send(alice, mqtt::Pubrel{.packet_id = 5});
  script.send(alice, mqtt::Pubrec{.packet_id = 6});
  script.send(alice, mqtt::Pubcomp{.packet_id = 7});
  script.send(alice, mqtt::Puback{.packet_id = 8});

  EXPECT_THAT(script.sent(alice), ElementsAre("CONNACK", "PUBCOMP 5 packet_identifier_not_found",
                                              "PUBREL 6 packet_identifier_not_found"));
}

TEST(CorePublish, RequestsToDeviceShadowsAreTakenAndNotRetained) {
  Script script;
  const ConnectionId alice = script.connect(connect_v5("alice"));
  script.sent(alice);

  for (const char* topic : {"$aws/things/a/shadow/get", "$aws/things/a/shadow/name/b/update"}) {
    script.publish(alice, topic, "x", QoS::at_least_once);
    EXPECT_THAT(script.sent(alice), ElementsAre("PUBACK 800")) << topic;
    script.send(alice, mqtt::Publish{.topic = topic, .qos = QoS::at_least_once, .retain = true, .packet_id = 9});
    EXPECT_THAT(script.sent(alice), ElementsAre("PUBACK 9 topic_name_invalid")) << topic;
  }
}

TEST(CorePublish, ReservedLongAndDeepTopicsAreRefusedInTheAcknowledgementOfVersion5) {
  Script script;
  const ConnectionId alice = script.connect(connect_v5("alice"));
  script.sent(alice);

  for (const std::string& topic : {std::string("$aws/events/presence/connected/alice"), std::string("$SYS/x"),
                                   std::string("$aws/things/a/shadow/update/delta"), std::string(257, 'x'),
                                   std::string("1/2/3/4/5/6/7/8/9"), std::string(300, '/')}) {
    script.publish(alice, topic, "x", QoS::at_least_once);
    EXPECT_THAT(script.sent(alice), ElementsAre("PUBACK 800 topic_name_invalid")) << topic;
    script.publish(alice, topic, "x", QoS::exactly_once);
    EXPECT_THAT(script.sent(alice), ElementsAre("PUBREC 800 topic_name_invalid")) << topic;
  }
  script.publish(alice, "1/2/3/4/5/6/7/8", "x", QoS::at_least_once);
  script.publish(alice, std::string(256, 'x'), "x", QoS::at_least_once);
  EXPECT_THAT(script.sent(alice), ElementsAre("PUBACK 800", "PUBACK 800"));
  script.topics_published();

  script.publish(alice, "$SYS/x", "x");

  EXPECT_THAT(script.sent(alice), ElementsAre("DISCONNECT topic_name_invalid"));
  EXPECT_EQ(last_event(script), "disconnected alice 0 CLIENT_ERROR");
  EXPECT_THAT(script.topics_published(), IsEmpty());
}

TEST(CorePublish, ReservedTopicsEndAVersion3Connection) {
  Script script;
  const ConnectionId alice = script.connect(connect_v3("alice"));

  script.publish(alice, "$aws/events/presence/connected/bob", "{}", QoS::at_least_once);

  EXPECT_TRUE(script.is_closed(alice));
  EXPECT_THAT(script.sent(alice), ElementsAre("CONNACK"));
  EXPECT_THAT(script.topics_published(), IsEmpty());
}

TEST(CorePublish, BasicIngestPassesAndItsPrefixDoesNotCount) {
  Script script;
  const ConnectionId alice = script.connect(connect_v5("alice"));
  script.sent(alice);

  script.publish(alice, "$aws/rules/Building/1/2/3/4/5/6/7/8", "x", QoS::at_least_once);
  script.publish(alice, "$aws/rules/Building/" + std::string(256, 'x'), "x", QoS::at_least_once);
  script.publish(alice, "$aws/rules/Building", "x", QoS::at_least_once);
  EXPECT_THAT(script.sent(alice), ElementsAre("PUBACK 800", "PUBACK 800", "PUBACK 800"));

  script.publish(alice, "$aws/rules/Building/1/2/3/4/5/6/7/8/9", "x", QoS::at_least_once);
  script.publish(alice, "$aws/rules/Building/a", "x", QoS::at_least_once, true);
  EXPECT_THAT(script.sent(alice), ElementsAre("PUBACK 800 topic_name_invalid", "PUBACK 800 topic_name_invalid"));
  EXPECT_EQ(script.topics_published().size(), 3u);
}

TEST(CorePublish, WithoutTheRightAVersion3ConnectionEndsAsAuthError) {
  for (QoS qos : {QoS::at_most_once, QoS::at_least_once, QoS::exactly_once}) {
    Script script;
    auto rights = std::make_shared<DenyList>();
    rights->topics = {"secret"};
    script.doorman.verdict.rights = rights;
    const ConnectionId alice = script.connect(connect_v3("alice"));

    script.publish(alice, "secret", "x", qos);

    EXPECT_TRUE(script.is_closed(alice));
    EXPECT_THAT(script.topics_published(), IsEmpty());
    EXPECT_EQ(last_event(script), "disconnected alice 0 AUTH_ERROR");
  }
}

TEST(CorePublish, WithoutTheRightAVersion5ConnectionIsTold) {
  Script script;
  auto rights = std::make_shared<DenyList>();
  rights->topics = {"secret"};
  rights->retained_denied = true;
  script.doorman.verdict.rights = rights;
  const ConnectionId alice = script.connect(connect_v5("alice"));

  script.publish(alice, "secret", "x", QoS::at_least_once);
  script.publish(alice, "open", "x", QoS::at_least_once, true);
  script.publish(alice, "secret", "x");

  EXPECT_THAT(script.sent(alice), ElementsAre("CONNACK", "PUBACK 800 not_authorized", "PUBACK 800 not_authorized",
                                              "DISCONNECT not_authorized"));
  EXPECT_EQ(last_event(script), "disconnected alice 0 AUTH_ERROR");
  EXPECT_EQ(script.retained_messages.size(), 0u);
}

TEST(CorePublish, ATopicAliasStandsForItsTopicOnItsOwnConnection) {
  Script script;
  const ConnectionId alice = script.connect(connect_v5("alice"));

  script.send(alice, aliased("a/b", 1));
  script.send(alice, aliased("", 1));
  script.send(alice, aliased("c", 1));
  script.send(alice, aliased("", 1));
  EXPECT_THAT(script.topics_published(), ElementsAre("a/b", "a/b", "c", "c"));

  const ConnectionId again = script.connect(connect_v5("alice"));
  script.send(again, aliased("", 1));

  EXPECT_TRUE(script.is_closed(again));
  EXPECT_THAT(script.topics_published(), IsEmpty());
}

TEST(CorePublish, AnAliasOverTheLimitEndsTheConnection) {
  Script script;
  const ConnectionId alice = script.connect(connect_v5("alice"));
  script.send(alice, aliased("a", 8));
  ASSERT_FALSE(script.is_closed(alice));

  script.send(alice, aliased("a", 9));

  EXPECT_THAT(script.sent(alice), ElementsAre("CONNACK", "DISCONNECT topic_alias_invalid"));
}

TEST(CorePublish, AnAliasIsNotForwarded) {
  Script script;
  const ConnectionId alice = script.connect(connect_v5("alice"));
  script.subscribe(alice, "a");

  script.send(alice, aliased("a", 3));

  const auto received = script.packets(alice);
  ASSERT_EQ(received.size(), 1u);
  const auto* properties = std::get<mqtt::Publish>(received[0]).properties.get();
  EXPECT_TRUE(!properties || !properties->topic_alias);
}

TEST(CorePublish, MessageExpiryLiesBetweenASecondAndAWeek) {
  Script script;
  const ConnectionId alice = script.connect(connect_v5("alice"));

  script.send(alice, expiring("a", 0));
  script.send(alice, expiring("a", 60));
  script.send(alice, expiring("a", 4'000'000'000));
  script.publish(alice, "a", "x");

  ASSERT_EQ(script.messages.size(), 4u);
  const std::int64_t now = script.now.wall.ms;
  EXPECT_EQ(script.messages[0]->expires_at(), Timestamp{now + 1'000});
  EXPECT_EQ(script.messages[1]->expires_at(), Timestamp{now + 60'000});
  EXPECT_EQ(script.messages[2]->expires_at(), Timestamp{now + 604'800'000});
  EXPECT_EQ(script.messages[3]->expires_at(), std::nullopt);
}

TEST(CoreWill, IsPublishedWhenTheConnectionEndsWithoutAWord) {
  const std::pair<const char*, std::function<void(Script&, ConnectionId)>> ends[] = {
      {"CONNECTION_LOST", [](Script& s, ConnectionId id) { s.lose(id); }},
      {"MQTT_KEEP_ALIVE_TIMEOUT", [](Script& s, ConnectionId) { s.pass(92); }},
      {"CLIENT_ERROR", [](Script& s, ConnectionId id) { s.receive(id, std::string(2, '\0')); }},
      {"DUPLICATE_CLIENTID", [](Script& s, ConnectionId) { s.begin(connect_v5("alice")); }},
      {"SERVER_INITIATED_DISCONNECT", [](Script& s, ConnectionId) { s.core().stop(s.now); }},
      {"API_INITIATED_DISCONNECT", [](Script& s, ConnectionId) {
         s.core().disconnect("alice", {DisconnectReason::api_initiated_disconnect, ReasonCode::administrative_action},
                             s.now);
       }}};
  for (const auto& [reason, end] : ends) {
    Script script;
    const ConnectionId alice = script.connect(with_will(connect_v5("alice")));

    end(script, alice);

    ASSERT_EQ(script.messages.size(), 1u) << reason;
    EXPECT_EQ(script.messages[0]->topic(), "status/alice");
    EXPECT_EQ(script.messages[0]->payload(), "gone");
    EXPECT_EQ(script.messages[0]->client_id(), "alice");
    EXPECT_THAT(script.events(), testing::Contains(std::string("disconnected alice 0 ") + reason));
  }
}

TEST(CoreWill, IsNotPublishedWhenTheClientSaysGoodbye) {
  Script script;
  const ConnectionId alice = script.connect(with_will(connect_v5("alice")));

  script.send(alice, mqtt::Disconnect{});

  EXPECT_THAT(script.topics_published(), IsEmpty());
}

TEST(CoreWill, IsPublishedWhenTheClientAsksForIt) {
  Script script;
  const ConnectionId alice = script.connect(with_will(connect_v5("alice")));

  script.send(alice, mqtt::Disconnect{.reason = ReasonCode::disconnect_with_will});

  EXPECT_THAT(script.topics_published(), ElementsAre("status/alice"));
  EXPECT_EQ(last_event(script), "disconnected alice 0 CLIENT_INITIATED_DISCONNECT");
}

TEST(CoreWill, ReachesSubscribersAndIsRetained) {
  Script script;
  const ConnectionId bob = script.connect(connect_v5("bob"));
  script.subscribe(bob, "status/+");
  const ConnectionId alice = script.connect(with_will(connect_v3("alice"), true));

  script.lose(alice);

  EXPECT_THAT(script.sent(bob), ElementsAre("PUBLISH status/alice 'gone' qos 1 id 1"));
  EXPECT_EQ(script.retained_messages.match("status/alice", mqtt::ParentMatch::no, script.now.wall).size(), 1u);
}

TEST(CoreWill, ItsExpiryCountsFromTheDisconnect) {
  Script script;
  mqtt::Connect packet = with_will(connect_v5("alice"));
  packet.will->properties.edit().message_expiry_interval = 30;
  const ConnectionId alice = script.connect(packet);
  script.pass(20);

  script.lose(alice);

  ASSERT_EQ(script.messages.size(), 1u);
  EXPECT_EQ(script.messages[0]->expires_at(), Timestamp{script.now.wall.ms + 30'000});
}

TEST(CorePublish, InAwsDialectQos2EndsTheConnectionBothWays) {
  for (const bool subscribes : {false, true}) {
    Script script{Settings()};
    const ConnectionId alice = script.connect(connect_v5("alice"));
    if (subscribes)
      script.send(alice, mqtt::Subscribe{.packet_id = 1, .subscriptions = {{.filter = "a", .qos = QoS::exactly_once}}});
    else script.send(alice, mqtt::Publish{.topic = "a", .qos = QoS::exactly_once, .packet_id = 1});
    EXPECT_THAT(script.sent(alice), ElementsAre("CONNACK", "DISCONNECT qos_not_supported"));
  }
}

TEST(CorePublish, WhatIsOverTheLimitOfASecondIsDroppedAndTwiceAsMuchEndsTheConnection) {
  Settings settings;
  settings.publishes_per_s_max = 2;
  Script script(settings);
  const ConnectionId alice = script.connect(connect_v5("alice"));
  script.sent(alice);
  for (int i = 0; i < 4; ++i) script.publish(alice, "a", "x");
  EXPECT_EQ(script.messages.size(), 2u);
  EXPECT_FALSE(script.is_closed(alice));
  script.pass(1);
  for (int i = 0; i < 2; ++i) script.publish(alice, "a", "x");
  EXPECT_EQ(script.messages.size(), 4u);
  for (int i = 0; i < 3; ++i) script.publish(alice, "a", "x");
  EXPECT_THAT(script.sent(alice), ElementsAre("DISCONNECT message_rate_too_high"));
  EXPECT_EQ(last_event(script), "disconnected alice 0 THROTTLED");
}

TEST(CorePublish, AwsLimitsOfPropertiesAndPayloadAreKept) {
  Script script{Settings()};
  const ConnectionId alice = script.connect(connect_v5("alice"));
  script.sent(alice);
  mqtt::Publish packet{.topic = "a", .qos = QoS::at_least_once, .packet_id = 1};
  packet.properties.edit().user_properties = {{std::string(4'096, 'k'), std::string(4'097, 'v')}};
  script.send(alice, packet);
  packet.properties.clear();
  packet.properties.edit().content_type = std::string(257, 't');
  script.send(alice, packet);
  packet.properties.clear();
  packet.properties.edit().correlation_data = std::string(8'193, 'c');
  script.send(alice, packet);
  EXPECT_THAT(script.sent(alice), ElementsAre("PUBACK 1 quota_exceeded", "PUBACK 1 quota_exceeded", "PUBACK 1 quota_exceeded"));
  script.send(alice, mqtt::Publish{.topic = "a", .payload = std::string(131'073, 'x')});
  EXPECT_THAT(script.sent(alice), ElementsAre("DISCONNECT packet_too_large"));
}

}  // namespace croft::broker
