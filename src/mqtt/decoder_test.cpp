#include "mqtt/decoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mqtt/limits.h"
#include "mqtt/sample_packets.h"

namespace croft::mqtt {
namespace {

using Side = Decoder::Side;
using samples::bytes;
using samples::encoded;
using samples::packet;
using samples::string;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using namespace std::literals;

constexpr Version v3 = Version::v3_1_1;
constexpr Version v5 = Version::v5;

// The reason why `input` is refused, success when it is not.
ReasonCode refusal(Side side, Version version, const std::string& input) {
  std::vector<Packet> out;
  const auto fault = samples::decoder(side, version).feed(input, out);
  EXPECT_EQ(out.size(), fault ? 0u : 1u);
  return fault ? fault->reason : ReasonCode::success;
}

std::string connect(int level, int flags, const std::string& after_keep_alive) {
  return packet(0x10, string("MQTT") + bytes({level, flags, 0, 60}) + after_keep_alive);
}

struct Case {
  const char* what;
  Version version;
  std::string input;
  ReasonCode expected;
};

void expect_refusals(Side side, const std::vector<Case>& cases) {
  for (const Case& c : cases) EXPECT_EQ(name(refusal(side, c.version, c.input)), name(c.expected)) << c.what;
}

TEST(Decoder, ReadsAWholePublishInPlace) {
  for (const Version version : {v3, v5}) {
    Publish publish{.topic = "plant/1", .payload = "wet", .qos = QoS::at_least_once, .retain = true, .packet_id = 7};
    if (version == v5) publish.properties.edit().content_type = "text/plain";
    const std::string input = encoded(publish, version) + "next";
    Decoder decoder = samples::decoder(Side::server, version);
    InboundPublish in_place;

    EXPECT_EQ(decoder.take_publish(input, in_place), input.size() - 4);
    EXPECT_EQ(in_place.topic, "plant/1");
    EXPECT_EQ(in_place.payload, "wet");
    EXPECT_EQ(in_place.packet_id, 7);
    EXPECT_TRUE(in_place.retain);
    EXPECT_EQ(in_place.properties, publish.properties);
    EXPECT_GE(in_place.payload.data(), input.data());
  }
}

TEST(Decoder, LeavesWhatIsNoWholeAndSoundPublishToTheOtherWay) {
  const std::string whole = encoded(Publish{.topic = "t", .payload = "p"}, v3);
  const std::string others[] = {"", whole.substr(0, 1), whole.substr(0, whole.size() - 1), bytes({0xC0, 0}), bytes({0x36, 0}),
                                bytes({0x30, 0x84, 0x00, 0, 1, 't', 'p'}), bytes({0x30, 3, 0, 1, '#'}),
                                bytes({0x32, 5, 0, 1, 't', 0, 0}), bytes({0x30, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF})};
  for (const std::string& input : others) {
    InboundPublish in_place;
    EXPECT_EQ(samples::decoder(Side::server, v3).take_publish(input, in_place), 0u) << testing::PrintToString(input);
  }
  Decoder in_the_middle = samples::decoder(Side::server, v3);
  std::vector<Packet> packets;
  EXPECT_FALSE(in_the_middle.feed(whole.substr(0, 2), packets));
  InboundPublish in_place;
  EXPECT_EQ(in_the_middle.take_publish(whole, in_place), 0u);
}

TEST(Decoder, RefusesBadFixedHeaders) {
  expect_refusals(
      Side::server,
      {
          {"type 0", v5, bytes({0x00, 0}), ReasonCode::malformed_packet},
          {"PINGREQ with flags", v5, bytes({0xC1, 0}), ReasonCode::malformed_packet},
          {"SUBSCRIBE without its flag", v3, bytes({0x80, 0}), ReasonCode::malformed_packet},
          {"PUBREL without its flag", v3, bytes({0x60, 2, 0, 1}), ReasonCode::malformed_packet},
          {"PUBLISH with QoS 3", v5, bytes({0x36, 0}), ReasonCode::malformed_packet},
          {"PUBLISH QoS 0 with DUP", v3, bytes({0x38, 0}), ReasonCode::malformed_packet},
          {"AUTH in 3.1.1", v3, bytes({0xF0, 0}), ReasonCode::protocol_error},
          {"CONNACK from a client", v5, bytes({0x20, 0}), ReasonCode::protocol_error},
          {"PINGRESP from a client", v5, bytes({0xD0, 0}), ReasonCode::protocol_error},
          {"five length bytes", v5, bytes({0x30, 0x80, 0x80, 0x80, 0x80, 0x01}), ReasonCode::malformed_packet},
          {"four length bytes that go on", v3, bytes({0x30, 0xFF, 0xFF, 0xFF, 0xFF}), ReasonCode::malformed_packet},
          {"length with a needless byte", v5, bytes({0xC0, 0x80, 0x00}), ReasonCode::malformed_packet},
          {"the same in 3.1.1", v3, bytes({0xC0, 0x80, 0x80, 0x00}), ReasonCode::success},
          {"PINGREQ with a body", v3, bytes({0xC0, 1, 0}), ReasonCode::malformed_packet},
          {"remaining length 268435455", v3, bytes({0x30, 0xFF, 0xFF, 0xFF, 0x7F}), ReasonCode::packet_too_large},
      });
  expect_refusals(Side::client,
                  {
                      {"CONNECT from a server", v5, bytes({0x10, 0}), ReasonCode::protocol_error},
                      {"SUBSCRIBE from a server", v5, bytes({0x82, 0}), ReasonCode::protocol_error},
                      {"DISCONNECT from a 3.1.1 server", v3, bytes({0xE0, 0}), ReasonCode::protocol_error},
                  });
}

TEST(Decoder, RefusesBadConnects) {
  const std::string c = string("c");
  const std::string none = bytes({0});  // an empty property block
  expect_refusals(
      Side::server,
      {
          {"level 3", v3, packet(0x10, string("MQIsdp") + bytes({3, 2, 0, 0}) + c),
           ReasonCode::unsupported_protocol_version},
          {"level 6", v3, connect(6, 2, c), ReasonCode::unsupported_protocol_version},
          {"bridge bit in the level", v3, connect(0x84, 2, c), ReasonCode::unsupported_protocol_version},
          {"other name", v3, packet(0x10, string("mqtt") + bytes({4, 2, 0, 0}) + c),
           ReasonCode::unsupported_protocol_version},
          {"reserved flag", v3, connect(4, 0x03, c), ReasonCode::malformed_packet},
          {"will QoS without a will", v3, connect(4, 0x0A, c), ReasonCode::malformed_packet},
          {"will retain without a will", v3, connect(4, 0x22, c), ReasonCode::malformed_packet},
          {"will QoS 3", v3, connect(4, 0x1E, c + string("w") + string("")), ReasonCode::malformed_packet},
          {"will missing", v3, connect(4, 0x06, c), ReasonCode::malformed_packet},
          {"will payload missing", v3, connect(4, 0x06, c + string("w")), ReasonCode::malformed_packet},
          {"will topic empty", v3, connect(4, 0x06, c + string("") + string("")), ReasonCode::topic_name_invalid},
          {"will topic with a wildcard", v3, connect(4, 0x06, c + string("a/#") + string("")),
           ReasonCode::topic_name_invalid},
          {"password alone, 3.1.1", v3, connect(4, 0x42, c + string("p")), ReasonCode::malformed_packet},
          {"password alone, 5", v5, connect(5, 0x42, none + c + string("p")), ReasonCode::success},
          {"client id not UTF-8", v3, connect(4, 2, string("\xFF")), ReasonCode::malformed_packet},
          {"client id with U+0000", v3, connect(4, 2, string("a\0b"sv)), ReasonCode::malformed_packet},
          {"user name not UTF-8", v3, connect(4, 0x82, c + string("\x80")), ReasonCode::malformed_packet},
          {"bytes after the end", v3, connect(4, 2, c + "x"), ReasonCode::malformed_packet},
          {"5 without properties", v5, connect(5, 2, ""), ReasonCode::malformed_packet},
          {"empty client id", v3, connect(4, 0, string("")), ReasonCode::success},
          {"will properties twice", v5,
           connect(5, 0x06, none + c + bytes({10, 0x18, 0, 0, 0, 1, 0x18, 0, 0, 0, 2}) + string("w") + string("")),
           ReasonCode::protocol_error},
      });
}

TEST(Decoder, RefusesBadProperties) {
  const auto with = [](const std::string& block) {
    return connect(5, 2, bytes({static_cast<int>(block.size())}) + block + string("c"));
  };
  expect_refusals(
      Side::server,
      {
          {"unknown", v5, with(bytes({0x7E, 0})), ReasonCode::malformed_packet},
          {"unknown, two bytes of id", v5, with(bytes({0x81, 0x01, 0})), ReasonCode::malformed_packet},
          {"of CONNACK", v5, with(bytes({0x13, 0, 1})), ReasonCode::malformed_packet},
          {"twice", v5, with(bytes({0x22, 0, 1, 0x22, 0, 1})), ReasonCode::protocol_error},
          {"string twice", v5, with("\x15"s + string("m") + "\x15" + string("m")), ReasonCode::protocol_error},
          {"receive maximum 0", v5, with(bytes({0x21, 0, 0})), ReasonCode::protocol_error},
          {"maximum packet size 0", v5, with(bytes({0x27, 0, 0, 0, 0})), ReasonCode::protocol_error},
          {"topic alias maximum 0", v5, with(bytes({0x22, 0, 0})), ReasonCode::success},
          {"flag of 2", v5, with(bytes({0x17, 2})), ReasonCode::protocol_error},
          {"data without a method", v5, with("\x16"s + string("d")), ReasonCode::protocol_error},
          {"block ends inside a value", v5, with(bytes({0x11, 0, 0})), ReasonCode::malformed_packet},
          {"block longer than the packet", v5, connect(5, 2, bytes({100}) + string("c")),
           ReasonCode::malformed_packet},
          {"block shorter than its content", v5, connect(5, 2, bytes({1, 0x22, 0, 1}) + string("c")),
           ReasonCode::malformed_packet},
          {"length of five bytes", v5, connect(5, 2, bytes({0x80, 0x80, 0x80, 0x80, 0x01})),
           ReasonCode::malformed_packet},
          {"length with a needless byte", v5, connect(5, 2, bytes({0x80, 0x00}) + string("c")),
           ReasonCode::malformed_packet},
          {"user property without a value", v5, with("\x26"s + string("k")), ReasonCode::malformed_packet},
          {"user property not UTF-8", v5, with("\x26"s + string("k") + string("\xFE")), ReasonCode::malformed_packet},
      });
}

TEST(Decoder, RefusesBadPublishes) {
  const auto v5_with = [](const std::string& block) {
    return packet(0x30, string("t") + bytes({static_cast<int>(block.size())}) + block);
  };
  expect_refusals(
      Side::server,
      {
          {"wildcard", v3, packet(0x30, string("a/+")), ReasonCode::topic_name_invalid},
          {"empty topic", v3, packet(0x30, string("")), ReasonCode::topic_name_invalid},
          {"empty topic without an alias", v5, packet(0x30, string("") + bytes({0})), ReasonCode::protocol_error},
          {"topic not UTF-8", v3, packet(0x30, string("\xC3")), ReasonCode::malformed_packet},
          {"topic with U+0000", v3, packet(0x30, string("a\0"sv)), ReasonCode::malformed_packet},
          {"packet id 0", v3, packet(0x32, string("t") + bytes({0, 0})), ReasonCode::protocol_error},
          {"packet id missing", v3, packet(0x32, string("t")), ReasonCode::malformed_packet},
          {"topic longer than the packet", v3, packet(0x30, bytes({0xFF, 0xFF, 'a'})), ReasonCode::malformed_packet},
          {"empty", v3, packet(0x30, ""), ReasonCode::malformed_packet},
          {"alias 0", v5, v5_with(bytes({0x23, 0, 0})), ReasonCode::protocol_error},
          {"payload format 2", v5, v5_with(bytes({0x01, 2})), ReasonCode::protocol_error},
          {"response topic with a wildcard", v5, v5_with("\x08"s + string("r/#")), ReasonCode::protocol_error},
          {"subscription identifier from a client", v5, v5_with(bytes({0x0B, 1})), ReasonCode::protocol_error},
          {"will delay", v5, v5_with(bytes({0x18, 0, 0, 0, 1})), ReasonCode::malformed_packet},
      });
}

TEST(Decoder, RefusesBadSubscribesAndAnswers) {
  const std::string id = bytes({0, 1});
  const std::string id_and_none = bytes({0, 1, 0});
  expect_refusals(
      Side::server,
      {
          {"packet id 0", v3, packet(0x82, bytes({0, 0}) + string("a") + bytes({0})), ReasonCode::protocol_error},
          {"no filter", v3, packet(0x82, id), ReasonCode::protocol_error},
          {"no filter, 5", v5, packet(0x82, id_and_none), ReasonCode::protocol_error},
          {"no options", v3, packet(0x82, id + string("a")), ReasonCode::malformed_packet},
          {"QoS 3", v3, packet(0x82, id + string("a") + bytes({3})), ReasonCode::protocol_error},
          {"5's options in 3.1.1", v3, packet(0x82, id + string("a") + bytes({4})), ReasonCode::malformed_packet},
          {"reserved options", v5, packet(0x82, id_and_none + string("a") + bytes({0x40})),
           ReasonCode::malformed_packet},
          {"retain handling 3", v5, packet(0x82, id_and_none + string("a") + bytes({0x30})),
           ReasonCode::protocol_error},
          {"no local, shared", v5, packet(0x82, id_and_none + string("$share/g/a") + bytes({4})),
           ReasonCode::protocol_error},
          {"identifier 0", v5, packet(0x82, id + bytes({2, 0x0B, 0}) + string("a") + bytes({0})),
           ReasonCode::protocol_error},
          {"two identifiers", v5, packet(0x82, id + bytes({4, 0x0B, 1, 0x0B, 2}) + string("a") + bytes({0})),
           ReasonCode::protocol_error},
          {"an invalid filter is the broker's", v3, packet(0x82, id + string("a#") + bytes({0})),
           ReasonCode::success},
          {"an empty filter too", v3, packet(0x82, id + string("") + bytes({0})), ReasonCode::success},
          {"UNSUBSCRIBE without a filter", v3, packet(0xA2, id), ReasonCode::protocol_error},
          {"UNSUBSCRIBE with half a filter", v3, packet(0xA2, id + bytes({0})), ReasonCode::malformed_packet},
          {"PUBACK 0", v3, packet(0x40, bytes({0, 0})), ReasonCode::protocol_error},
          {"PUBACK with a reason in 3.1.1", v3, packet(0x40, bytes({0, 1, 0})), ReasonCode::malformed_packet},
          {"PUBACK with DISCONNECT's reason", v5, packet(0x40, bytes({0, 1, 0x8E})), ReasonCode::protocol_error},
          {"PUBACK with an empty block", v5, packet(0x40, bytes({0, 1, 0, 0})), ReasonCode::success},
          {"DISCONNECT with a body in 3.1.1", v3, packet(0xE0, bytes({0})), ReasonCode::malformed_packet},
          {"DISCONNECT with an unknown reason", v5, packet(0xE0, bytes({0x05})), ReasonCode::protocol_error},
      });
  expect_refusals(Side::client,
                  {
                      {"CONNACK flags", v3, packet(0x20, bytes({2, 0})), ReasonCode::malformed_packet},
                      {"CONNACK code 6", v3, packet(0x20, bytes({0, 6})), ReasonCode::protocol_error},
                      {"session present in a refusal", v3, packet(0x20, bytes({1, 5})), ReasonCode::protocol_error},
                      {"maximum QoS 2", v5, packet(0x20, bytes({0, 0, 2, 0x24, 2})), ReasonCode::protocol_error},
                      {"SUBACK without reasons", v3, packet(0x90, id), ReasonCode::protocol_error},
                      {"SUBACK of 5 in 3.1.1", v3, packet(0x90, bytes({0, 1, 0x87})), ReasonCode::protocol_error},
                  });
}

TEST(Decoder, BoundsWhatOnePacketMayCost) {
  std::string block;
  for (std::size_t i = 0; i <= limits::user_properties_max; ++i) block += "\x26" + string("") + string("");
  std::string filters = bytes({0, 1});
  for (std::size_t i = 0; i <= limits::filters_per_packet_max; ++i) filters += string("a") + bytes({0});

  expect_refusals(Side::server, {
                                    {"user properties", v5, packet(0x30, string("t") + bytes({0x85, 0x28}) + block),
                                     ReasonCode::quota_exceeded},
                                    {"filters", v3, packet(0x82, filters), ReasonCode::quota_exceeded},
                                });
}

TEST(Decoder, FirstPacketMustBeConnect) {
  Decoder decoder(Side::server, 1000);
  std::vector<Packet> out;

  const auto fault = decoder.feed(bytes({0xC0}), out);

  ASSERT_TRUE(fault);
  EXPECT_EQ(fault->reason, ReasonCode::protocol_error);
}

TEST(Decoder, LearnsTheVersionFromConnect) {
  for (const Version version : {v3, v5}) {
    Decoder decoder(Side::server, 1000);
    std::vector<Packet> out;
    ASSERT_FALSE(decoder.version());

    EXPECT_FALSE(decoder.feed(encoded(Connect{.version = version}, version) + encoded(Pingreq{}, version), out));
    EXPECT_EQ(decoder.version(), version);
    EXPECT_THAT(out, SizeIs(2));
  }
}

TEST(Decoder, KnowsTheVersionOfAConnectThatItRefused) {
  Decoder decoder(Side::server, 1000);
  std::vector<Packet> out;

  EXPECT_TRUE(decoder.feed(connect(5, 0x03, bytes({0}) + string("c")), out));
  EXPECT_EQ(decoder.version(), v5);
}

TEST(Decoder, HasNoVersionAfterAnUnsupportedOne) {
  Decoder decoder(Side::server, 1000);
  std::vector<Packet> out;

  EXPECT_TRUE(decoder.feed(connect(3, 2, string("c")), out));
  EXPECT_EQ(decoder.version(), std::nullopt);
}

TEST(Decoder, ASecondConnectDecodesAndDoesNotChangeTheVersion) {
  Decoder decoder(Side::server, 1000);
  std::vector<Packet> out;

  EXPECT_FALSE(decoder.feed(encoded(Connect{.version = v5}, v5) + encoded(Connect{.version = v3}, v3), out));
  EXPECT_THAT(out, SizeIs(2));
  EXPECT_EQ(decoder.version(), v5);
}

TEST(Decoder, RefusesAPacketOverTheLimitByItsHeader) {
  Decoder decoder = samples::decoder(Side::server, v3);
  decoder.set_packet_bytes_max(100);
  std::vector<Packet> out;

  EXPECT_FALSE(decoder.feed(encoded(Publish{.topic = "t", .payload = std::string(95, 'x')}, v3), out));
  const auto fault = decoder.feed(bytes({0x30, 99}), out);

  EXPECT_THAT(out, SizeIs(1));
  ASSERT_TRUE(fault);
  EXPECT_EQ(fault->reason, ReasonCode::packet_too_large);
}

TEST(Decoder, BoundsAConnectBelowThePacketLimit) {
  const auto header = [](std::uint32_t packet_bytes) {  // four bytes of header announce it
    const std::uint32_t length = packet_bytes - 4;
    return bytes({0x10, int(length & 0x7F) | 0x80, int(length >> 7 & 0x7F) | 0x80, int(length >> 14)});
  };
  std::vector<Packet> out;

  EXPECT_FALSE(Decoder(Side::server, 1 << 20).feed(header(limits::connect_bytes_max), out));
  const auto fault = Decoder(Side::server, 1 << 20).feed(header(limits::connect_bytes_max + 1), out);
  ASSERT_TRUE(fault);
  EXPECT_EQ(fault->reason, ReasonCode::packet_too_large);
}

TEST(Decoder, GivesThePacketsBeforeAFaultAndThenStaysAtIt) {
  Decoder decoder = samples::decoder(Side::server, v3);
  std::vector<Packet> out;

  EXPECT_TRUE(decoder.feed(encoded(Pingreq{}, v3) + bytes({0x36, 0}) + encoded(Pingreq{}, v3), out));
  EXPECT_THAT(out, ElementsAre(Packet(Pingreq{})));
  EXPECT_TRUE(decoder.feed(encoded(Pingreq{}, v3), out));
  EXPECT_TRUE(decoder.feed_one(encoded(Pingreq{}, v3), out).fault);
  EXPECT_THAT(out, SizeIs(1));
}

TEST(Decoder, FeedOneStopsAfterThePacketAndLeavesTheRest) {
  const std::string first = encoded(Connect{.version = v5, .client_id = "c"}, v5);
  const std::string rest = encoded(Publish{.topic = "t", .payload = "p"}, v5);
  for (std::size_t cut = 0; cut < first.size(); ++cut) {
    Decoder decoder(Side::server, 1000);
    std::vector<Packet> out;
    const auto before = decoder.feed_one(std::string_view(first).substr(0, cut), out);
    EXPECT_EQ(before.consumed, cut);
    EXPECT_THAT(out, IsEmpty());

    const std::string more = first.substr(cut) + rest;
    const auto one = decoder.feed_one(more, out);

    EXPECT_FALSE(one.fault);
    EXPECT_THAT(out, SizeIs(1));
    EXPECT_EQ(more.substr(one.consumed), rest);
    EXPECT_EQ(decoder.take_rest(), "");
  }
}

TEST(Decoder, AnotherDecoderGoesOnWithTheRest) {
  const std::string publish = encoded(Publish{.topic = "t", .payload = "payload"}, v5);
  Decoder first = samples::decoder(Side::server, v5);
  Decoder second = samples::decoder(Side::server, v5);
  std::vector<Packet> out;

  EXPECT_FALSE(first.feed(std::string_view(publish).substr(0, 6), out));
  EXPECT_FALSE(second.feed(first.take_rest(), out));
  EXPECT_FALSE(second.feed(std::string_view(publish).substr(6), out));

  EXPECT_THAT(out, ElementsAre(Packet(Publish{.topic = "t", .payload = "payload"})));
  EXPECT_EQ(first.take_rest(), "");
}

}  // namespace
}  // namespace croft::mqtt
