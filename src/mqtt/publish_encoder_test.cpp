#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mqtt/sample_packets.h"

namespace croft::mqtt {
namespace {

using testing::ElementsAre;

Packet decoded(const std::string& bytes, Version version) {
  std::vector<Packet> out;
  const auto fault = samples::decoder(Decoder::Side::client, version).feed(bytes, out);
  EXPECT_FALSE(fault) << fault->what;
  EXPECT_EQ(out.size(), 1u);
  return out.empty() ? Packet() : out[0];
}

Publish message(QoS qos) {
  Publish publish{.topic = "plant/1", .payload = std::string(200, 'p'), .qos = qos};
  publish.properties.edit().content_type = "text/plain";
  publish.properties.edit().message_expiry_interval = 60;
  publish.properties.edit().user_properties = {{"k", "v"}};
  return publish;
}

PublishView view_of(const Publish& publish) {
  return {.topic = publish.topic,
          .payload = publish.payload,
          .qos = publish.qos,
          .retain = publish.retain,
          .dup = publish.dup,
          .packet_id = publish.packet_id,
          .properties = &publish.properties};
}

TEST(PublishForOneReceiver, IsTheMessageWithItsIdAndMarks) {
  for (const Version version : {Version::v3_1_1, Version::v5}) {
    for (const QoS qos : {QoS::at_most_once, QoS::at_least_once}) {
      Publish publish = message(qos);
      publish.packet_id = qos == QoS::at_most_once ? 0 : 513;
      publish.dup = qos == QoS::at_least_once;
      publish.retain = true;
      std::string out = "before";
      encode(view_of(publish), version, {}, out);

      if (version == Version::v3_1_1) publish.properties.clear();
      EXPECT_EQ(decoded(out.substr(6), version), Packet(publish));
    }
  }
}

TEST(PublishForOneReceiver, LeavesThePublishersAliasAndIdentifiersBehind) {
  Publish publish = message(QoS::at_most_once);
  publish.properties.edit().topic_alias = 3;
  publish.properties.edit().subscription_identifiers = {9};
  std::string out;
  encode(view_of(publish), Version::v5, {}, out);

  EXPECT_EQ(decoded(out, Version::v5), Packet(message(QoS::at_most_once)));
}

TEST(PublishForOneReceiver, AddsItsOwnProperties) {
  const Publish publish = message(QoS::at_least_once);
  const std::uint32_t identifiers[] = {5, 300};
  const PublishView view{.topic = publish.topic,
                         .payload = publish.payload,
                         .qos = publish.qos,
                         .packet_id = 4,
                         .properties = &publish.properties};
  std::string out;
  encode(view, Version::v5,
         {.subscription_identifiers = identifiers,
          .topic_alias = 2,
          .topic_is_known = true,
          .message_expiry_interval = 59},
         out);

  const Publish received = std::get<Publish>(decoded(out, Version::v5));
  EXPECT_EQ(received.topic, "");
  EXPECT_EQ(received.payload, publish.payload);
  EXPECT_EQ(received.packet_id, 4);
  ASSERT_TRUE(received.properties);
  EXPECT_THAT(received.properties.get()->subscription_identifiers, ElementsAre(5, 300));
  EXPECT_EQ(received.properties.get()->topic_alias, 2);
  EXPECT_EQ(received.properties.get()->message_expiry_interval, 59u);
  EXPECT_EQ(received.properties.get()->content_type, "text/plain");
}

TEST(PublishForOneReceiver, OfTheOldVersionGetsNoneOfThem) {
  const PublishView view{.topic = "t", .payload = "p"};
  std::string out;
  encode(view, Version::v3_1_1, {.topic_alias = 2, .topic_is_known = true, .message_expiry_interval = 59}, out);

  EXPECT_EQ(decoded(out, Version::v3_1_1), Packet(Publish{.topic = "t", .payload = "p"}));
}

TEST(PublishEncoder, RemainingLengthTakesAsManyBytesAsItNeeds) {
  for (const std::size_t payload_bytes : {124u, 125u, 16380u, 16381u, 2097148u, 2097149u}) {
    const Publish publish{.topic = "t", .payload = std::string(payload_bytes, 'x')};
    std::string out;
    encode(publish, Version::v3_1_1, out);
    Decoder decoder(Decoder::Side::client, 4 << 20);
    std::vector<Packet> packets;

    EXPECT_FALSE(decoder.feed(out, packets));
    EXPECT_THAT(packets, ElementsAre(Packet(publish)));
  }
}

}  // namespace
}  // namespace croft::mqtt
