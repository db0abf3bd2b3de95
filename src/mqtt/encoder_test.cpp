#include "mqtt/encoder.h"

#include <gtest/gtest.h>

#include "mqtt/sample_packets.h"

namespace croft::mqtt {
namespace {

using samples::bytes;
using samples::encoded;

TEST(Encoder, WritesTheBytesOfTheSpecification) {
  EXPECT_EQ(encoded(Pingresp{}, Version::v5), bytes({0xD0, 0}));
  EXPECT_EQ(encoded(Puback{.packet_id = 0x0102}, Version::v3_1_1), bytes({0x40, 2, 1, 2}));
  EXPECT_EQ(encoded(Puback{.packet_id = 0x0102}, Version::v5), bytes({0x40, 2, 1, 2}));
  EXPECT_EQ(encoded(Pubrel{.packet_id = 1}, Version::v5), bytes({0x62, 2, 0, 1}));
  EXPECT_EQ(encoded(Disconnect{}, Version::v5), bytes({0xE0, 0}));
  EXPECT_EQ(encoded(Disconnect{.reason = ReasonCode::session_taken_over}, Version::v5), bytes({0xE0, 1, 0x8E}));
  EXPECT_EQ(encoded(Connack{}, Version::v5), bytes({0x20, 3, 0, 0, 0}));
  EXPECT_EQ(encoded(Connect{.client_id = "c"}, Version::v3_1_1),
            bytes({0x10, 13, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 0, 0, 1, 'c'}));
  EXPECT_EQ(encoded(Publish{.topic = "t", .payload = "p"}, Version::v5), bytes({0x30, 5, 0, 1, 't', 0, 'p'}));
}

TEST(Encoder, TranslatesRefusalsForTheOldVersion) {
  const auto return_code = [](ReasonCode reason) {
    return encoded(Connack{.reason = reason}, Version::v3_1_1).back();
  };

  EXPECT_EQ(return_code(ReasonCode::unsupported_protocol_version), 1);
  EXPECT_EQ(return_code(ReasonCode::client_identifier_not_valid), 2);
  EXPECT_EQ(return_code(ReasonCode::server_busy), 3);
  EXPECT_EQ(return_code(ReasonCode::bad_user_name_or_password), 4);
  EXPECT_EQ(return_code(ReasonCode::not_authorized), 5);
  EXPECT_EQ(encoded(Suback{.packet_id = 1, .reasons = {ReasonCode::not_authorized}}, Version::v3_1_1),
            bytes({0x90, 3, 0, 1, 0x80}));
}

TEST(Encoder, LeavesOutPropertiesThatThePacketCannotCarry) {
  Puback puback{.packet_id = 1};
  puback.properties.edit().topic_alias = 7;
  puback.properties.edit().server_keep_alive = 7;
  puback.properties.edit().reason_string = "x";

  EXPECT_EQ(encoded(puback, Version::v5), bytes({0x40, 8, 0, 1, 0, 4, 0x1F, 0, 1, 'x'}));
}

TEST(Properties, AnAbsentBlockEqualsAnEmptyOneAndCopiesAreDeep) {
  Properties absent, empty;
  empty.edit();
  Properties full;
  full.edit().topic_alias = 1;
  Properties copy = full;
  copy.edit().topic_alias = 2;

  EXPECT_EQ(absent, empty);
  EXPECT_NE(full, absent);
  EXPECT_NE(full, copy);
}

TEST(ReasonCodes, HaveNames) {
  EXPECT_EQ(name(ReasonCode::not_authorized), "not_authorized");
  EXPECT_EQ(name(static_cast<ReasonCode>(0x77)), "unknown");
}

}  // namespace
}  // namespace croft::mqtt
