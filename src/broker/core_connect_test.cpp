// Connecting and leaving: CONNACK, takeover, the reasons of a disconnect.
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

const mqtt::PropertyBlock& connack_properties(Script& script, ConnectionId connection) {
  static mqtt::Properties kept;
  kept = std::get<mqtt::Connack>(script.packets(connection).at(0)).properties;
  return kept.edit();
}

}  // namespace

TEST(CoreConnect, ConnackWaitsUntilTheConnectIsDurable) {
  Script script;
  const ConnectionId alice = script.begin(connect_v5("alice"));
  EXPECT_THAT(script.sent(alice), IsEmpty());
  EXPECT_THAT(script.events(), ElementsAre("connected alice 0"));

  script.commit();

  EXPECT_THAT(script.sent(alice), ElementsAre("CONNACK"));
  const ClientState row = from_row("alice", script.rows.at("alice")).value();
  EXPECT_TRUE(row.connected);
  EXPECT_EQ(row.principal, "principal");
  EXPECT_EQ(row.address, "192.0.2.7");
}

TEST(CoreConnect, BytesBeforeConnackAreHandledAfterIt) {
  Script script;
  const ConnectionId alice = script.begin(connect_v5("alice"));
  script.send(alice, mqtt::Pingreq{});
  script.publish(alice, "a/b", "early", QoS::at_least_once);
  EXPECT_THAT(script.sent(alice), IsEmpty());
  EXPECT_THAT(script.topics_published(), IsEmpty());

  script.commit();

  EXPECT_THAT(script.sent(alice), ElementsAre("CONNACK", "PINGRESP", "PUBACK 800"));
  EXPECT_THAT(script.topics_published(), ElementsAre("a/b"));
}

TEST(CoreConnect, TooManyBytesBeforeConnackEndTheConnection) {
  Script script;
  const ConnectionId alice = script.begin(connect_v5("alice"));

  script.receive(alice, std::string(limits::early_bytes_max, '\xC0'));
  EXPECT_FALSE(script.is_closed(alice));
  script.receive(alice, "\xC0");

  EXPECT_TRUE(script.is_closed(alice));
  EXPECT_THAT(script.events(), ElementsAre("connected alice 0", "disconnected alice 0 CLIENT_ERROR"));
}

TEST(CoreConnect, AConnectionThatEndsBeforeItIsDurableGetsNoConnack) {
  Script script;
  const ConnectionId alice = script.begin(connect_v5("alice"));
  script.lose(alice);

  script.commit();

  EXPECT_THAT(script.sent(alice), IsEmpty());
  EXPECT_THAT(script.events(), ElementsAre("connected alice 0", "disconnected alice 0 CONNECTION_LOST"));
  EXPECT_FALSE(from_row("alice", script.rows.at("alice")).value().connected);
}

TEST(CoreConnect, DisconnectPacketEndsAsClientInitiatedInBothVersions) {
  for (const auto& packet : {connect_v3("alice"), connect_v5("alice")}) {
    Script script;
    const ConnectionId alice = script.connect(packet);

    script.send(alice, mqtt::Disconnect{});

    EXPECT_TRUE(script.is_closed(alice));
    EXPECT_THAT(script.sent(alice), ElementsAre("CONNACK"));
    EXPECT_THAT(script.events(),
                ElementsAre("connected alice 0", "disconnected alice 0 CLIENT_INITIATED_DISCONNECT"));
  }
}

TEST(CoreConnect, APeerThatIsGoneEndsAsConnectionLost) {
  Script script;
  const ConnectionId alice = script.connect(connect_v3("alice"));

  script.lose(alice);
  script.lose(alice);

  EXPECT_THAT(script.events(), ElementsAre("connected alice 0", "disconnected alice 0 CONNECTION_LOST"));
}

TEST(CoreConnect, TakeoverEndsTheOldConnectionBeforeTheNewOneBegins) {
  Script script;
  const ConnectionId old = script.connect(connect_v5("alice"));
  script.step(250);

  const ConnectionId young = script.connect(connect_v5("alice"));

  EXPECT_THAT(script.sent(old), ElementsAre("CONNACK", "DISCONNECT session_taken_over"));
  EXPECT_TRUE(script.is_closed(old));
  EXPECT_THAT(script.sent(young), ElementsAre("CONNACK"));
  ASSERT_EQ(script.told.size(), 3u);
  EXPECT_EQ(script.told[0].session_identifier, script.told[1].session_identifier);
  EXPECT_NE(script.told[1].session_identifier, script.told[2].session_identifier);
  EXPECT_LE(script.told[1].timestamp, script.told[2].timestamp);
  EXPECT_THAT(script.events(),
              ElementsAre("connected alice 0", "disconnected alice 0 DUPLICATE_CLIENTID", "connected alice 1"));
}

TEST(CoreConnect, TakeoverOfAConnectionThatStillWaitsForItsConnack) {
  Script script;
  const ConnectionId old = script.begin(connect_v5("alice"));
  const ConnectionId young = script.begin(connect_v5("alice"));

  script.commit();

  EXPECT_THAT(script.sent(old), IsEmpty());
  EXPECT_TRUE(script.is_closed(old));
  EXPECT_THAT(script.sent(young), ElementsAre("CONNACK"));
  EXPECT_THAT(script.events(),
              ElementsAre("connected alice 0", "disconnected alice 0 DUPLICATE_CLIENTID", "connected alice 1"));
}

TEST(CoreConnect, OneThousandTakeoversKeepTheirOrder) {
  Script script;
  for (int i = 0; i < 1000; ++i) {
    const ConnectionId alice = script.begin(i % 2 ? connect_v5("alice") : resume_v3("alice"));
    if (i % 3 == 0) script.commit();
    script.send(alice,
                mqtt::Subscribe{.packet_id = 1, .subscriptions = {{.filter = "a/#", .qos = QoS::at_least_once}}});
    script.publish(alice, "a/b", "x", QoS::at_least_once);
    if (i % 5 == 0) script.receive(alice, "\x30");  // the first byte of a PUBLISH
  }

  script.commit();

  EXPECT_EQ(script.core().connection_count(), 1u);
  EXPECT_EQ(script.core().find("alice")->state.version, 999u);
}

TEST(CoreConnect, SilenceForOneAndAHalfKeepAlivesEndsTheConnection) {
  Script script;
  const ConnectionId alice = script.connect(connect_v5("alice"));
  script.sent(alice);

  script.pass(89);
  EXPECT_FALSE(script.is_closed(alice));
  script.pass(2);

  EXPECT_TRUE(script.is_closed(alice));
  EXPECT_THAT(script.sent(alice), ElementsAre("DISCONNECT keep_alive_timeout"));
  EXPECT_THAT(script.events(), ElementsAre("connected alice 0", "disconnected alice 0 MQTT_KEEP_ALIVE_TIMEOUT"));
}

TEST(CoreConnect, AnyPacketProlongsTheConnection) {
  Script script;
  const ConnectionId alice = script.connect(connect_v3("alice"));
  for (int i = 0; i < 20; ++i) {
    script.pass(80);
    script.publish(alice, "a", "x");
    ASSERT_FALSE(script.is_closed(alice)) << i;
  }

  script.pass(92);

  EXPECT_TRUE(script.is_closed(alice));
}

TEST(CoreConnect, AWebSocketConnectionLivesForADay) {
  Script script;
  const ConnectionId bob = script.connect(connect_v5("bob"));
  script.peer.websocket = true;
  const ConnectionId alice = script.connect(connect_v5("alice"));
  for (int minutes = 1; minutes < 24 * 60; ++minutes) {
    script.pass(60);
    script.send(alice, mqtt::Pingreq{});
    script.send(bob, mqtt::Pingreq{});
  }
  script.pass(59);
  ASSERT_FALSE(script.is_closed(alice));
  script.sent(alice);
  script.events();

  script.pass(2);

  EXPECT_TRUE(script.is_closed(alice));
  EXPECT_FALSE(script.is_closed(bob));
  EXPECT_THAT(script.sent(alice), ElementsAre("DISCONNECT maximum_connect_time"));
  EXPECT_THAT(script.events(), ElementsAre("disconnected alice 0 WEBSOCKET_TTL_EXPIRATION"));
}

TEST(CoreConnect, KeepAliveStaysBetweenThirtyAndTwelveHundredSeconds) {
  const std::pair<std::uint16_t, int> asked_and_closed_after[] = {
      {1, 45}, {29, 45}, {0, 1800}, {1201, 1800}, {65535, 1800}};
  for (const auto& [asked, seconds] : asked_and_closed_after) {
    Script script;
    mqtt::Connect packet = connect_v5("alice");
    packet.keep_alive_s = asked;
    const ConnectionId alice = script.connect(packet);
    EXPECT_EQ(connack_properties(script, alice).server_keep_alive, seconds * 2 / 3);

    script.pass(seconds - 1);
    EXPECT_FALSE(script.is_closed(alice)) << asked;
    script.pass(2);

    EXPECT_TRUE(script.is_closed(alice)) << asked;
  }
}

TEST(CoreConnect, ALateClockStillFindsTheSilentOnes) {
  Script script;
  const ConnectionId alice = script.connect(connect_v3("alice"));
  script.pass(1);

  script.step(4'000'000);  // more seconds than the wheel has places
  script.pass(1);

  EXPECT_TRUE(script.is_closed(alice));
}

TEST(CoreConnect, ProtocolFaultsEndAsClientError) {
  const std::string reserved_type("\x00\x00", 2), endless_length = "\x30\xFF\xFF\xFF\xFF", wrong_flags("\x80\x00", 2),
                                                  huge = "\x30\xFF\xFF\xFF\x7F";
  for (const std::string& bytes : {reserved_type, endless_length, wrong_flags, huge}) {
    Script script;
    const ConnectionId alice = script.connect(connect_v5("alice"));

    script.receive(alice, bytes);

    EXPECT_TRUE(script.is_closed(alice));
    EXPECT_THAT(script.events(), ElementsAre("connected alice 0", "disconnected alice 0 CLIENT_ERROR"));
  }
}

TEST(CoreConnect, ASecondConnectIsAClientError) {
  Script script;
  const ConnectionId alice = script.connect(connect_v5("alice"));

  script.send(alice, connect_v5("alice"));

  EXPECT_THAT(script.sent(alice), ElementsAre("CONNACK", "DISCONNECT protocol_error"));
  EXPECT_THAT(script.events(), ElementsAre("connected alice 0", "disconnected alice 0 CLIENT_ERROR"));
}

TEST(CoreConnect, ASecondConnectOfAnUnknownVersionIsAProtocolErrorToo) {
  Script script;
  const ConnectionId alice = script.connect(connect_v5("alice"));

  script.receive(alice, std::string("\x10\x13\x00\x04MQTT\x09\x02\x00\x3c\x00\x00\x06shared", 21));

  EXPECT_THAT(script.sent(alice), ElementsAre("CONNACK", "DISCONNECT protocol_error"));
}

TEST(CoreConnect, StopEndsEveryConnectionAsServerInitiated) {
  Script script;
  const ConnectionId alice = script.connect(connect_v5("alice")), bob = script.connect(connect_v3("bob"));
  const ConnectionId waiting = script.begin(connect_v5("carol"));
  script.events();

  script.core().stop(script.now);
  script.commit();

  EXPECT_THAT(script.sent(alice), ElementsAre("CONNACK", "DISCONNECT server_shutting_down"));
  EXPECT_THAT(script.sent(bob), ElementsAre("CONNACK"));
  EXPECT_THAT(script.sent(waiting), IsEmpty());
  EXPECT_THAT(script.events(), testing::UnorderedElementsAre("disconnected alice 0 SERVER_INITIATED_DISCONNECT",
                                                             "disconnected bob 0 SERVER_INITIATED_DISCONNECT",
                                                             "disconnected carol 0 SERVER_INITIATED_DISCONNECT"));
}

TEST(CoreConnect, EndedFromOutsideAClientMayBeKeptFromItsWillAndItsSession) {
  Script script;
  mqtt::Connect packet = resume_v5("alice", 600);
  packet.will = mqtt::Will{.topic = "gone", .payload = "x"};
  script.connect(packet);
  EXPECT_TRUE(script.core().disconnect("alice",
                                       {.reason = DisconnectReason::api_initiated_disconnect,
                                        .code = ReasonCode::administrative_action,
                                        .publish_will = false,
                                        .keep_session = false},
                                       script.now));
  script.settle();
  EXPECT_THAT(script.topics_published(), IsEmpty());
  EXPECT_EQ(words(script.packets(script.connect(resume_v5("alice", 600))).front()), "CONNACK");  // no session present
}

TEST(CoreConnect, WhoWasAdmittedAndLostTheRightMeanwhileIsRefused) {
  Script script;
  auto rights = std::make_shared<DenyList>();
  rights->revoked = true;
  script.doorman.verdict.rights = rights;
  EXPECT_THAT(script.sent(script.connect(connect_v5("alice"))), ElementsAre("CONNACK not_authorized"));
}

TEST(CoreConnect, TheLifeAnAuthorizerGaveEndsTheConnection) {
  Script script;
  script.doorman.verdict.life_s = 300;
  mqtt::Connect packet = connect_v5("alice");
  packet.keep_alive_s = 1'200;
  script.connect(packet);
  script.pass(299);
  EXPECT_THAT(script.events(), ElementsAre("connected alice 0"));
  script.pass(3);
  EXPECT_THAT(script.events(), ElementsAre("disconnected alice 0 CUSTOMAUTH_TTL_EXPIRATION"));
}

TEST(CoreConnect, AConnectionEndedFromOutsideCarriesItsReason) {
  Script script;
  const ConnectionId alice = script.connect(connect_v5("alice"));

  script.core().disconnect("nobody", {DisconnectReason::api_initiated_disconnect, ReasonCode::administrative_action},
                           script.now);
  script.core().disconnect("alice", {DisconnectReason::api_initiated_disconnect, ReasonCode::administrative_action},
                           script.now);
  script.core().disconnect("alice", {DisconnectReason::api_initiated_disconnect, ReasonCode::administrative_action},
                           script.now);

  EXPECT_THAT(script.sent(alice), ElementsAre("CONNACK", "DISCONNECT administrative_action"));
  EXPECT_THAT(script.events(), ElementsAre("connected alice 0", "disconnected alice 0 API_INITIATED_DISCONNECT"));
}

TEST(CoreConnect, ARevokedPrincipalIsEndedAtTheNextTickAndItsWillIsNotPublished) {
  Script script;
  auto rights = std::make_shared<DenyList>();
  script.doorman.verdict.rights = rights;
  mqtt::Connect hello = connect_v5("alice");
  hello.will = mqtt::Will{.topic = "last", .payload = "words"};
  const ConnectionId alice = script.connect(hello);
  script.doorman.verdict.rights = std::make_shared<DenyList>();
  const ConnectionId bob = script.connect(connect_v3("bob"));
  script.pass(1);
  EXPECT_FALSE(script.is_closed(alice));

  rights->revoked = true;
  rights->topics = {"last"};
  ++script.doorman.revisions;
  script.pass(1);

  EXPECT_TRUE(script.is_closed(alice));
  EXPECT_FALSE(script.is_closed(bob));
  EXPECT_EQ(script.events().back(), "disconnected alice 0 AUTH_ERROR");
  EXPECT_TRUE(script.topics_published().empty());
}

TEST(CoreConnect, AfterACrashOpenConnectionsEndAsServerErrorWithTheirOwnVersionAndSession) {
  Script script;
  script.connect(connect_v5("alice"));
  script.connect(connect_v5("alice"));
  const std::string session = script.told.back().session_identifier;
  script.begin(connect_v5("bob"));  // never became durable
  script.events();

  script.crash();

  ASSERT_EQ(script.told.size(), 1u);
  EXPECT_EQ(script.told[0].session_identifier, session);
  EXPECT_THAT(script.events(), ElementsAre("disconnected alice 1 SERVER_ERROR"));
  script.commit();
  script.crash();
  EXPECT_THAT(script.events(), IsEmpty());
}

TEST(CoreConnect, ClientIdsWithAWildcardAreSilentButServed) {
  Script script;
  for (const char* id : {"plant/#", "a+b"}) {
    const ConnectionId client = script.connect(connect_v5(id));
    script.subscribe(client, "x");
    EXPECT_FALSE(script.is_closed(client));
    script.lose(client);
    EXPECT_TRUE(script.rows.contains(id));
  }

  script.connect(connect_v5("plant/*"));

  EXPECT_THAT(script.events(), ElementsAre("connected plant/* 0"));
}

TEST(CoreConnect, TheFirstConnackTellsTheLimitsOfTheServer) {
  Script script;
  const ConnectionId alice = script.connect(resume_v5("alice", 0xFFFFFFFF));

  const mqtt::PropertyBlock& told = connack_properties(script, alice);

  EXPECT_EQ(told.session_expiry_interval, 604'800u);
  EXPECT_EQ(told.receive_maximum, 100);
  EXPECT_EQ(told.maximum_packet_size, 149'504u);
  EXPECT_EQ(told.topic_alias_maximum, 8);
  EXPECT_EQ(told.retain_available, true);
  EXPECT_EQ(told.wildcard_subscription_available, true);
  EXPECT_EQ(told.shared_subscription_available, true);
  EXPECT_EQ(told.server_keep_alive, std::nullopt);
  EXPECT_EQ(told.assigned_client_identifier, std::nullopt);
}

TEST(CoreConnect, InAwsDialectConnackSaysWhatIsNotServed) {
  Script script{Settings()};
  const mqtt::PropertyBlock& told = connack_properties(script, script.connect(connect_v5("alice")));

  EXPECT_EQ(told.maximum_qos, 1);
  EXPECT_EQ(told.subscription_identifier_available, false);
}

TEST(CoreConnect, InTheDialectOfTheSpecificationConnackHasNothingToTell) {
  Script script(Settings::oasis());
  mqtt::Connect packet = resume_v5("alice", 0xFFFFFFFF);
  packet.keep_alive_s = 0;
  const ConnectionId alice = script.connect(packet);

  mqtt::PropertyBlock expected;
  expected.topic_alias_maximum = 1'000;
  EXPECT_EQ(connack_properties(script, alice), expected);
  script.pass(100'000);
  EXPECT_FALSE(script.is_closed(alice));  // keep-alive 0
}

TEST(CoreConnect, MoreConnectsOfAnIdThanAreAllowedInASecondAreRefused) {
  Settings settings;
  settings.connects_per_s_max = 1;
  Script script(settings);
  script.connect(connect_v5("alice"));
  EXPECT_THAT(script.sent(script.connect(connect_v5("alice"))), ElementsAre("CONNACK quota_exceeded"));
  script.pass(1);
  EXPECT_THAT(script.sent(script.connect(connect_v5("alice"))), ElementsAre("CONNACK"));
  EXPECT_THAT(script.events(), ElementsAre("connected alice 0", "disconnected alice 0 DUPLICATE_CLIENTID", "connected alice 1"));
}

TEST(CoreConnect, TheEventsOfIdsWithWildcardsAreTheSettingsToTell) {
  Settings settings;
  settings.wildcard_ids = true;
  Script script(settings);
  script.connect(connect_v5("a+b"));
  EXPECT_THAT(script.events(), ElementsAre("connected a+b 0"));
}

TEST(CoreConnect, AnAssignedClientIdIsTold) {
  Script script;
  const ConnectionId client = script.begin(connect_v5("made-up"), true);
  script.commit();

  EXPECT_EQ(connack_properties(script, client).assigned_client_identifier, "made-up");
}

TEST(CoreConnect, ConnectsThatCannotBeServedAreAnsweredAndLeaveNothingBehind) {
  mqtt::Connect tiny = connect_v5("alice"), enhanced = connect_v5("alice"), reserved_will = connect_v5("alice"),
                deep_will = connect_v5("alice"), long_will = connect_v5("alice");
  tiny.properties.edit().maximum_packet_size = 511;
  enhanced.properties.edit().authentication_method = "SCRAM";
  reserved_will.will = mqtt::Will{.topic = "$aws/events/presence/connected/bob"};
  deep_will.will = mqtt::Will{.topic = "1/2/3/4/5/6/7/8/9"};
  long_will.will = mqtt::Will{.topic = std::string(257, 'x')};
  const std::pair<mqtt::Connect, std::string> refused[] = {{tiny, "CONNACK packet_too_large"},
                                                           {enhanced, "CONNACK bad_authentication_method"},
                                                           {reserved_will, "CONNACK topic_name_invalid"},
                                                           {deep_will, "CONNACK topic_name_invalid"},
                                                           {long_will, "CONNACK topic_name_invalid"}};
  for (const auto& [packet, answer] : refused) {
    Script script;
    const ConnectionId alice = script.connect(packet);

    EXPECT_THAT(script.sent(alice), ElementsAre(answer));
    EXPECT_TRUE(script.is_closed(alice));
    EXPECT_THAT(script.events(), IsEmpty());
    EXPECT_EQ(script.core().find("alice"), nullptr);
    EXPECT_THAT(script.rows, IsEmpty());
  }
}

}  // namespace croft::broker
