#include "broker/doorstep.h"

#include <gtest/gtest.h>

#include "mqtt/encoder.h"

namespace croft::broker {

namespace {

using mqtt::ReasonCode;
using mqtt::Version;

std::string bytes_of(const mqtt::Connect& packet) {
  std::string bytes;
  mqtt::encode(packet, packet.version, bytes);
  return bytes;
}

std::optional<Doorstep::Decision> feed(Doorstep& doorstep, std::string_view bytes) {
  return doorstep.feed({bytes.data(), bytes.size()});
}

Doorstep::Decision decide(const std::string& bytes) {
  static const Settings settings;
  Doorstep doorstep(settings);
  auto decision = feed(doorstep, bytes);
  EXPECT_TRUE(decision.has_value());
  return decision.value_or(Doorstep::Decision{});
}

ReasonCode answered(const Doorstep::Decision& decision, Version version) {
  mqtt::Decoder decoder(mqtt::Decoder::Side::client, 1'000);
  decoder.set_version(version);
  std::vector<mqtt::Packet> packets;
  EXPECT_FALSE(decoder.feed(decision.answer, packets));
  EXPECT_EQ(packets.size(), 1u);
  return packets.empty() ? ReasonCode::success : std::get<mqtt::Connack>(packets[0]).reason;
}

}  // namespace

TEST(Doorstep, WaitsForTheWholeConnectAndHandsOverWhatFollows) {
  const Settings settings;
  const std::string bytes = bytes_of({.version = Version::v5, .keep_alive_s = 60, .client_id = "alice"});
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
    Doorstep doorstep(settings);
    ASSERT_FALSE(feed(doorstep, bytes.substr(0, cut)));

    const auto decision = feed(doorstep, bytes.substr(cut) + "\xC0\x01rest");

    ASSERT_TRUE(decision && decision->connect);
    EXPECT_EQ(decision->connect->client_id, "alice");
    EXPECT_EQ(decision->rest, "\xC0\x01rest");
    EXPECT_FALSE(decision->assigned_client_id);
  }
}

TEST(Doorstep, AnEmptyClientIdGetsOne) {
  const auto first = decide(bytes_of({.version = Version::v5, .clean_start = false}));
  const auto second = decide(bytes_of({.version = Version::v3_1_1}));

  ASSERT_TRUE(first.connect && second.connect);
  EXPECT_TRUE(first.assigned_client_id);
  EXPECT_EQ(first.connect->client_id.size(), 36u);
  EXPECT_NE(first.connect->client_id, second.connect->client_id);
}

TEST(Doorstep, AnEmptyClientIdWithAKeptSessionIsRefusedInVersion3) {
  const auto decision = decide(bytes_of({.version = Version::v3_1_1, .clean_start = false}));

  EXPECT_TRUE(decision.refused);
  EXPECT_EQ(answered(decision, Version::v3_1_1), ReasonCode::client_identifier_not_valid);
}

TEST(Doorstep, ClientIdsHaveAtMost128BytesAndNoControlCharacters) {
  EXPECT_FALSE(decide(bytes_of({.version = Version::v5, .client_id = std::string(128, 'x')})).refused);
  EXPECT_FALSE(decide(bytes_of({.version = Version::v5, .client_id = "a/b #+\xC3\xA9"})).refused);

  for (const std::string& id :
       {std::string(129, 'x'), std::string("a\nb"), std::string("\x1B[31m"), std::string("a\x7F")}) {
    const auto decision = decide(bytes_of({.version = Version::v5, .client_id = id}));
    EXPECT_TRUE(decision.refused);
    EXPECT_EQ(answered(decision, Version::v5), ReasonCode::client_identifier_not_valid);
  }
}

TEST(Doorstep, AnUnknownProtocolVersionIsAnsweredInTheOldForm) {
  std::string bytes = bytes_of({.version = Version::v3_1_1, .client_id = "alice"});
  bytes[8] = 3;  // behind fixed header, length and "MQTT"

  const auto decision = decide(bytes);

  EXPECT_TRUE(decision.refused);
  EXPECT_EQ(answered(decision, Version::v3_1_1), ReasonCode::unsupported_protocol_version);
}

TEST(Doorstep, WhatIsNoConnectIsRefusedWithoutAnAnswer) {
  for (const std::string& bytes :
       {std::string("\x30\x03\x00\x01x", 5), std::string("GET / HTTP/1.1\r\n"), std::string("\x16\x03\x01\x02", 4),
        std::string(1, '\0'), std::string("\x10\xFF\xFF\xFF\xFF\x7F"), std::string("\x10\xFF\xFF\xFF\x7F")}) {
    const auto decision = decide(bytes);

    EXPECT_TRUE(decision.refused);
    EXPECT_EQ(decision.answer, "");
  }
}

}  // namespace croft::broker
