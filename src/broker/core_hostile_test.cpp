// Bytes cut, doubled and broken anywhere: the connection may end, the core lives, and its events stay in order.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "broker/core_script.h"

namespace croft::broker {

namespace {

using mqtt::QoS;
using testing::Contains;
using testing::ElementsAre;

// A busy minute of one client in either version.
std::string conversation(mqtt::Version version) {
  std::string bytes;
  mqtt::Publish rich{.topic = "a/b", .payload = "payload", .qos = QoS::exactly_once, .retain = true, .packet_id = 9};
  rich.properties.edit().user_properties = {{"key", "value"}};
  rich.properties.edit().topic_alias = 2;
  for (const mqtt::Packet& packet : std::initializer_list<mqtt::Packet>{
           mqtt::Subscribe{.packet_id = 1,
 .subscriptions = {{.filter = "a/#", .qos = QoS::exactly_once}, {.filter = "+/b"}}},
           mqtt::Publish{.topic = "a/b", .payload = "x", .qos = QoS::at_least_once, .packet_id = 2}, rich,
           mqtt::Pubrel{.packet_id = 9}, mqtt::Puback{.packet_id = 1}, mqtt::Pubrec{.packet_id = 2},
           mqtt::Pubcomp{.packet_id = 2}, mqtt::Pingreq{},
           mqtt::Unsubscribe{.packet_id = 3, .filters = {"a/#", "nothing"}}, mqtt::Disconnect{}}) {
    mqtt::encode(packet, version, bytes);
  }
  return bytes;
}

class CoreHostile : public testing::TestWithParam<mqtt::Version> {
 protected:
  mqtt::Connect hello(std::string client_id) const {
    return GetParam() == mqtt::Version::v5 ? resume_v5(std::move(client_id), 600) : resume_v3(std::move(client_id));
  }
};

}  // namespace

TEST_P(CoreHostile, APieceAtATimeIsTheSameAsTheWhole) {
  const std::string bytes = conversation(GetParam());
  Script whole;
  const ConnectionId first = whole.connect(hello("alice"));
  whole.receive(first, bytes);
  for (std::size_t piece : {1, 2, 3, 7}) {
    Script script;
    const ConnectionId alice = script.connect(hello("alice"));

    for (std::size_t i = 0; i < bytes.size(); i += piece) script.receive(alice, std::string(bytes.substr(i, piece)));

    EXPECT_EQ(script.topics_published().size(), whole.messages.size());
    EXPECT_EQ(script.told.size(), whole.told.size());
    EXPECT_TRUE(script.is_closed(alice));
  }
}

TEST_P(CoreHostile, AConnectionLostBehindAnyByteEndsAsConnectionLostAndItsSessionIsResumed) {
  const std::string bytes = conversation(GetParam());
  for (std::size_t cut = 0; cut + 2 < bytes.size(); ++cut) {
    Script script;
    const ConnectionId alice = script.connect(hello("alice"));
    script.receive(alice, bytes.substr(0, cut));
    script.lose(alice);
    EXPECT_THAT(script.events(), Contains("disconnected alice 0 CONNECTION_LOST")) << cut;

    const ConnectionId again = script.connect(hello("alice"));
    script.receive(again, bytes);

    EXPECT_EQ(script.events().back(), "disconnected alice 1 CLIENT_INITIATED_DISCONNECT") << cut;
  }
}

TEST_P(CoreHostile, AnyByteReplacedIsServedOrRefused) {
  const std::string bytes = conversation(GetParam());
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (int value : {0x00, 0x01, 0x7F, 0x80, 0xFF, bytes[at] ^ 0x10}) {
      Script script;
      const ConnectionId alice = script.connect(hello("alice"));
      std::string broken = bytes;
      broken[at] = static_cast<char>(value);

      script.receive(alice, broken);
      script.commit();
      script.crash();

      EXPECT_EQ(script.core().connection_count(), 0u);
    }
  }
}

TEST_P(CoreHostile, WhateverComesBehindTheEndOfAConnectionIsIgnored) {
  Script script;
  const ConnectionId alice = script.connect(hello("alice"));
  script.receive(alice, conversation(GetParam()) + conversation(GetParam()));
  script.receive(alice, conversation(GetParam()));
  script.core().recorded(alice, script.now);
  script.lose(alice);

  EXPECT_EQ(script.events().size(), 4u);
}

TEST_P(CoreHostile, RandomPiecesOfTwoClientsThatShareAnIdKeepTheOrderOfEvents) {
  const std::string bytes = conversation(GetParam());
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    Script script;
    std::vector<ConnectionId> all;
    for (int step = 0; step < 40; ++step) {
      const std::size_t from = random() % bytes.size();
      switch (random() % 5) {
        case 0:
          all.push_back(script.begin(hello("alice")));
          break;
        case 1:
          script.commit();
          break;
        case 2:
          if (!all.empty()) script.lose(all[random() % all.size()]);
          break;
        default:
          if (!all.empty()) script.receive(all[random() % all.size()], bytes.substr(from, random() % 20));
      }
    }
    script.core().stop(script.now);  // the script asserts that each client's events alternate
    EXPECT_EQ(script.core().connection_count(), 0u);
  }
}

INSTANTIATE_TEST_SUITE_P(Versions, CoreHostile, testing::Values(mqtt::Version::v3_1_1, mqtt::Version::v5));

}  // namespace croft::broker
