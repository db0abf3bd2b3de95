// Subscriptions and what they bring.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/core_script.h"

namespace croft::broker {

namespace {

using mqtt::QoS;
using mqtt::ReasonCode;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

void subscribe(Script& script, ConnectionId from, mqtt::Subscription wanted, std::uint32_t identifier = 0) {
  mqtt::Subscribe packet{.packet_id = 7, .subscriptions = {std::move(wanted)}};
  if (identifier) packet.properties.edit().subscription_identifiers = {identifier};
  script.send(from, packet);
}

}  // namespace

class CoreDelivery : public testing::Test {
 protected:
  Script script;
  ConnectionId alice = script.connect(connect_v5("alice"));
  ConnectionId bob = script.connect(connect_v3("bob"));

  void SetUp() override { forget(); }
  void forget() {
    script.sent(alice);
    script.sent(bob);
    script.events();
  }
};

TEST_F(CoreDelivery, QosIsTheLowerOfPublisherAndSubscription) {
  script.subscribe(alice, "q0", QoS::at_most_once);
  script.subscribe(alice, "q1", QoS::at_least_once);
  script.subscribe(alice, "q2", QoS::exactly_once);
  for (const char* topic : {"q0", "q1", "q2"})
    for (QoS qos : {QoS::at_most_once, QoS::at_least_once, QoS::exactly_once})
      script.publish_whole(bob, topic, "x", qos);

  EXPECT_THAT(script.sent(alice),
              ElementsAre("PUBLISH q0 'x'", "PUBLISH q0 'x'", "PUBLISH q0 'x'", "PUBLISH q1 'x'",
                          "PUBLISH q1 'x' qos 1 id 1", "PUBLISH q1 'x' qos 1 id 2", "PUBLISH q2 'x'",
                          "PUBLISH q2 'x' qos 1 id 3", "PUBLISH q2 'x' qos 2 id 4"));
}

TEST_F(CoreDelivery, WildcardsMatchTheirLevels) {
  script.subscribe(alice, "plant/+/temperature", QoS::at_most_once);
  script.subscribe(bob, "plant/#", QoS::at_most_once);
  for (const char* topic : {"plant/a/temperature", "plant/a/b/temperature", "plant", "plant/", "Plant/a"})
    script.publish(alice, topic, "x");

  EXPECT_THAT(script.sent(alice), ElementsAre("PUBLISH plant/a/temperature 'x'"));
  EXPECT_THAT(script.sent(bob), ElementsAre("PUBLISH plant/a/temperature 'x'", "PUBLISH plant/a/b/temperature 'x'",
                                            "PUBLISH plant/ 'x'"));
}

TEST_F(CoreDelivery, ALeadingWildcardDoesNotSeeReservedTopics) {
  script.subscribe(alice, "#");
  script.subscribe(alice, "+/events/#");
  script.subscribe(bob, "$aws/events/#");

  script.core().deliver(make_message({.topic = "$aws/events/presence/connected/x", .qos = QoS::at_least_once}),
                        script.now);

  EXPECT_THAT(script.sent(alice), IsEmpty());
  EXPECT_THAT(script.sent(bob), ElementsAre("PUBLISH $aws/events/presence/connected/x '' qos 1 id 1"));
}

TEST_F(CoreDelivery, ReservedFiltersThatAwsDoesNotKnowAreRefusedInTheirPlace) {
  mqtt::Subscribe packet{.packet_id = 3};
  for (const char* filter : {"$SYS/#", "$aws/rules/x/#", "$aws/events/#", "a"})
    packet.subscriptions.push_back({.filter = filter});

  script.send(alice, packet);

  EXPECT_THAT(script.sent(alice), ElementsAre("SUBACK 3: 143 143 0 0"));
  EXPECT_THAT(script.events(), ElementsAre("subscribed alice $aws/events/# a"));
}

TEST_F(CoreDelivery, BadFiltersAreRefusedInTheirPlace) {
  mqtt::Subscribe packet{.packet_id = 3};
  for (const std::string& filter : {std::string("a/#/b"), std::string("a+"), std::string("1/2/3/4/5/6/7/8/9"),
                                    std::string(257, 'x'), std::string(), std::string("ok")})
    packet.subscriptions.push_back({.filter = filter});

  script.send(alice, packet);
  script.send(bob, packet);

  EXPECT_THAT(script.sent(alice), ElementsAre("SUBACK 3: 143 143 143 143 143 0"));
  EXPECT_THAT(script.sent(bob), ElementsAre("SUBACK 3: 128 128 128 128 128 0"));
}

TEST_F(CoreDelivery, TheNinthFilterOfAPacketAndTheFiftyFirstOfASessionAreOverQuota) {
  mqtt::Subscribe packet{.packet_id = 3};
  for (int i = 0; i < 9; ++i) packet.subscriptions.push_back({.filter = "first/" + std::to_string(i)});
  script.send(alice, packet);
  EXPECT_THAT(script.sent(alice), ElementsAre("SUBACK 3: 0 0 0 0 0 0 0 0 151"));
  for (int i = 8; i < 50; ++i) subscribe(script, alice, {.filter = "more/" + std::to_string(i)});
  script.sent(alice);

  subscribe(script, alice, {.filter = "one/too/many"});
  subscribe(script, alice, {.filter = "more/9", .qos = QoS::at_least_once});

  EXPECT_THAT(script.sent(alice), ElementsAre("SUBACK 7: 151", "SUBACK 7: 1"));
  EXPECT_EQ(script.core().subscription_count(), 50u);
}

TEST_F(CoreDelivery, AMillionSubscribesToOneFilterAreOneSubscription) {
  for (int i = 0; i < 10'000; ++i) subscribe(script, alice, {.filter = "a", .qos = static_cast<QoS>(i % 3)});
  script.sent(alice);

  script.publish(bob, "a", "x");

  EXPECT_THAT(script.sent(alice), ElementsAre("PUBLISH a 'x'"));
  EXPECT_EQ(script.interested.at("a"), 1);
}

TEST_F(CoreDelivery, UnsubscribeEndsDeliveryAndSaysWhatWasKnown) {
  script.subscribe(alice, "a");

  script.send(alice, mqtt::Unsubscribe{.packet_id = 4, .filters = {"a", "b"}});
  script.publish(bob, "a", "x");

  EXPECT_THAT(script.sent(alice), ElementsAre("UNSUBACK 4: 0 17"));
  EXPECT_THAT(script.interested, IsEmpty());
}

TEST_F(CoreDelivery, SubscribingAgainReplacesTheOptions) {
  subscribe(script, alice, {.filter = "a", .qos = QoS::at_least_once}, 5);
  subscribe(script, alice, {.filter = "a", .qos = QoS::at_most_once});
  script.sent(alice);

  script.publish(bob, "a", "x", QoS::at_least_once);

  EXPECT_THAT(script.sent(alice), ElementsAre("PUBLISH a 'x'"));
}

TEST_F(CoreDelivery, WithoutTheRightTheFilterIsRefusedInItsPlace) {
  auto rights = std::make_shared<DenyList>();
  rights->filters = {"secret/#"};
  rights->received = {"open/secret"};
  script.doorman.verdict.rights = rights;
  const ConnectionId carol = script.connect(connect_v5("carol"));

  script.send(carol,
              mqtt::Subscribe{.packet_id = 1, .subscriptions = {{.filter = "secret/#"}, {.filter = "open/#"}}});
  script.publish(bob, "secret/x", "x");
  script.publish(bob, "open/secret", "x");
  script.publish(bob, "open/x", "x");

  EXPECT_THAT(script.sent(carol), ElementsAre("CONNACK", "SUBACK 1: 135 0", "PUBLISH open/x 'x'"));
}

TEST_F(CoreDelivery, NoLocalKeepsAClientsOwnMessagesFromIt) {
  subscribe(script, alice, {.filter = "a", .no_local = true});
  script.sent(alice);

  script.publish(alice, "a", "mine");
  script.publish(bob, "a", "yours");

  EXPECT_THAT(script.sent(alice), ElementsAre("PUBLISH a 'yours'"));
}

TEST_F(CoreDelivery, RetainIsSetOnlyForNewSubscriptionsUnlessAskedFor) {
  script.subscribe(bob, "a", QoS::at_most_once);
  subscribe(script, alice, {.filter = "a", .retain_as_published = true});
  script.sent(alice);

  script.publish(bob, "a", "x", QoS::at_most_once, true);

  EXPECT_THAT(script.sent(bob), ElementsAre("PUBLISH a 'x'"));
  EXPECT_THAT(script.sent(alice), ElementsAre("PUBLISH a 'x' retain"));
}

TEST_F(CoreDelivery, RetainedMessagesComeAfterTheSuback) {
  script.publish(bob, "a/1", "old", QoS::at_least_once, true);
  script.publish(bob, "a/1", "new", QoS::at_least_once, true);
  script.publish(bob, "a/2", "x", QoS::at_most_once, true);
  script.publish(bob, "a/3", "y", QoS::at_most_once, true);
  script.publish(bob, "a/3", "", QoS::at_most_once, true);

  subscribe(script, alice, {.filter = "a/+", .qos = QoS::at_least_once});

  EXPECT_THAT(script.sent(alice),
              ElementsAre("SUBACK 7: 1", "PUBLISH a/1 'new' qos 1 id 1 retain", "PUBLISH a/2 'x' retain"));
}

TEST_F(CoreDelivery, RetainHandlingDecidesWhetherRetainedMessagesAreSent) {
  script.publish(bob, "a", "x", QoS::at_most_once, true);

  subscribe(script, alice, {.filter = "a", .retain_handling = 2});
  EXPECT_THAT(script.sent(alice), ElementsAre("SUBACK 7: 0"));
  subscribe(script, alice, {.filter = "a", .retain_handling = 1});
  EXPECT_THAT(script.sent(alice), ElementsAre("SUBACK 7: 0"));
  subscribe(script, alice, {.filter = "a", .retain_handling = 0});
  EXPECT_THAT(script.sent(alice), ElementsAre("SUBACK 7: 0", "PUBLISH a 'x' retain"));
  script.send(alice, mqtt::Unsubscribe{.packet_id = 8, .filters = {"a"}});
  subscribe(script, alice, {.filter = "a", .retain_handling = 1});
  EXPECT_THAT(script.sent(alice), ElementsAre("UNSUBACK 8: 0", "SUBACK 7: 0", "PUBLISH a 'x' retain"));
}

TEST_F(CoreDelivery, AsAtAwsAWildcardCanBeKeptFromRetainedMessages) {
  script.settings.retained_to_wildcards = false;
  script.publish(bob, "a", "x", QoS::at_most_once, true);

  subscribe(script, alice, {.filter = "+"});
  subscribe(script, alice, {.filter = "a"});

  EXPECT_THAT(script.sent(alice), ElementsAre("SUBACK 7: 0", "SUBACK 7: 0", "PUBLISH a 'x' retain"));
}

TEST_F(CoreDelivery, OverlappingSubscriptionsBringACopyEachWithItsIdentifier) {
  subscribe(script, alice, {.filter = "a/#"}, 1);
  subscribe(script, alice, {.filter = "a/b"}, 200);
  script.sent(alice);

  script.publish(bob, "a/b", "x");

  std::vector<std::uint32_t> identifiers;
  for (const mqtt::Packet& packet : script.packets(alice))
    for (std::uint32_t id : std::get<mqtt::Publish>(packet).properties.get()->subscription_identifiers)
      identifiers.push_back(id);
  EXPECT_THAT(identifiers, UnorderedElementsAre(1u, 200u));
}

TEST_F(CoreDelivery, AVersion5ReceiverIsToldHowLongAMessageStillLives) {
  const ConnectionId first = script.connect(resume_v5("carol", 600));
  script.subscribe(first, "a");
  script.lose(first);
  mqtt::Publish packet{.topic = "a", .payload = "x", .qos = QoS::at_least_once, .packet_id = 1};
  packet.properties.edit().message_expiry_interval = 60;
  script.send(alice, packet);
  packet.payload = "short";
  packet.properties.edit().message_expiry_interval = 10;
  script.send(alice, packet);
  script.pass(20);

  const ConnectionId second = script.connect(resume_v5("carol", 600));

  const auto received = script.packets(second);
  ASSERT_EQ(received.size(), 2u);  // the other one expired
  EXPECT_EQ(words(received[1]), "PUBLISH a 'x' qos 1 id 1");
  EXPECT_EQ(std::get<mqtt::Publish>(received[1]).properties.get()->message_expiry_interval, 40u);
}

TEST_F(CoreDelivery, PropertiesOfAMessageReachVersion5ReceiversAndAreLeftOutFor3) {
  script.subscribe(alice, "a");
  script.subscribe(bob, "a");
  mqtt::Publish packet{.topic = "a", .payload = "x"};
  packet.properties.edit().content_type = "text/plain";
  packet.properties.edit().user_properties = {{"k", "2"}, {"k", "1"}};

  script.send(alice, packet);

  const auto received = script.packets(alice);
  ASSERT_EQ(received.size(), 1u);
  const mqtt::PropertyBlock& properties = *std::get<mqtt::Publish>(received[0]).properties.get();
  EXPECT_EQ(properties.content_type, "text/plain");
  EXPECT_THAT(properties.user_properties, ElementsAre(std::pair("k", "2"), std::pair("k", "1")));
  EXPECT_THAT(script.sent(bob), ElementsAre("PUBLISH a 'x'"));
}

TEST_F(CoreDelivery, NoMoreThanReceiveMaximumIsUnacknowledgedAtATime) {
  mqtt::Connect packet = connect_v5("carol");
  packet.properties.edit().receive_maximum = 2;
  const ConnectionId carol = script.connect(packet);
  script.subscribe(carol, "a", QoS::exactly_once);
  for (const char* payload : {"1", "2", "3", "4"}) script.publish_whole(bob, "a", payload, QoS::exactly_once);
  script.publish(bob, "a", "0");
  EXPECT_THAT(script.sent(carol),
              ElementsAre("PUBLISH a '1' qos 2 id 1", "PUBLISH a '2' qos 2 id 2", "PUBLISH a '0'"));

  script.send(carol, mqtt::Pubrec{.packet_id = 1});
  EXPECT_THAT(script.sent(carol), ElementsAre("PUBREL 1"));
  script.send(carol, mqtt::Pubcomp{.packet_id = 1});
  script.send(carol, mqtt::Pubrec{.packet_id = 2, .reason = ReasonCode::quota_exceeded});

  EXPECT_THAT(script.sent(carol), ElementsAre("PUBLISH a '3' qos 2 id 3", "PUBLISH a '4' qos 2 id 4"));
}

TEST_F(CoreDelivery, AMessageLargerThanTheReceiverTakesIsLeftOut) {
  mqtt::Connect packet = connect_v5("carol");
  packet.properties.edit().maximum_packet_size = 512;
  const ConnectionId carol = script.connect(packet);
  script.subscribe(carol, "a");
  for (int i = 0; i < 200; ++i) script.publish(bob, "a", std::string(512, 'x'), QoS::at_least_once);
  script.publish(bob, "a", std::string(512, 'x'));

  script.publish(bob, "a", "fits", QoS::at_least_once);

  EXPECT_THAT(script.sent(carol), ElementsAre("PUBLISH a 'fits' qos 1 id 201"));
}

TEST_F(CoreDelivery, ASlowReaderLosesQos0AndNobodyElseDoes) {
  script.subscribe(alice, "a", QoS::at_most_once);
  script.unsent_bytes = script.settings.unsent_bytes_max;
  script.publish(bob, "a", "lost");
  script.unsent_bytes = 0;

  script.publish(bob, "a", "kept");

  EXPECT_THAT(script.sent(alice), ElementsAre("PUBLISH a 'kept'"));
}

TEST(CoreAliases, AClientThatTakesAliasesIsToldEachTopicOnce) {
  Script script;
  mqtt::Connect hello = connect_v5("alice");
  hello.properties.edit().topic_alias_maximum = 2;
  const ConnectionId alice = script.connect(hello), bob = script.connect(connect_v3("bob"));
  script.subscribe(alice, "#", QoS::at_most_once);

  for (const char* topic : {"a", "b", "a", "c", "b"}) script.publish(bob, topic, "x");

  std::vector<std::string> seen;
  for (const mqtt::Packet& packet : script.packets(alice)) {
    const auto& publish = std::get<mqtt::Publish>(packet);
    const mqtt::PropertyBlock* properties = publish.properties.get();
    seen.push_back(publish.topic + (properties && properties->topic_alias ? "=" + std::to_string(*properties->topic_alias) : ""));
  }
  EXPECT_THAT(seen, ElementsAre("a=1", "b=2", "=1", "c", "=2"));
}

}  // namespace croft::broker
