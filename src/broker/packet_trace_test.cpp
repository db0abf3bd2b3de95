#include "broker/packet_trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mqtt/encoder.h"

namespace croft::broker {

namespace {

using testing::ElementsAre;

TracedPacket ping() {
  return {.bytes = 2, .packet = mqtt::Pingreq{}};
}

template <class Packet>
std::string wire(const Packet& packet) {
  std::string bytes;
  mqtt::encode(packet, mqtt::Version::v5, bytes);
  return bytes;
}

struct Connected {
  std::shared_ptr<PacketTrace> trace = std::make_shared<PacketTrace>(MonoTime{0});
  ConnectionTrace connection = make();

  ConnectionTrace make() {
    mqtt::Decoder incoming(mqtt::Decoder::Side::server, 1 << 20);
    incoming.set_version(mqtt::Version::v5);
    return {trace, std::move(incoming), mqtt::Version::v5};
  }
  std::vector<std::string> types() const {
    std::vector<std::string> out;
    for (const TracedPacketPtr& packet : trace->read(0, 100).packets) {
      const json::object described = describe(*packet, false);
      out.emplace_back(json::string_or(described, packet->packet ? "type" : "note", ""));
    }
    return out;
  }
};

}  // namespace

TEST(PacketTrace, OneThatIsTooSlowIsToldHowManyItLost) {
  PacketTrace trace(MonoTime{0});
  for (std::size_t i = 0; i < limits::traced_packets_max + 7; ++i) trace.add(ping());

  const PacketTrace::Page page = trace.read(3, 2);

  EXPECT_EQ(page.lost, 4u);
  ASSERT_EQ(page.packets.size(), 2u);
  EXPECT_EQ(page.packets.front()->sequence, 8u);
  EXPECT_EQ(page.next, 9u);
  EXPECT_EQ(trace.read(page.next, 10'000).lost, 0u);
  EXPECT_EQ(trace.read(trace.newest(), 1).packets.size(), 0u);
}

TEST(PacketTrace, LargePacketsAreBoundedByTheirBytes) {
  PacketTrace trace(MonoTime{0});
  for (int i = 0; i < 200; ++i) trace.add({.bytes = 100'000, .packet = mqtt::Pingreq{}});

  EXPECT_LE(trace.read(0, 1'000).packets.size() * 100'000, limits::traced_bytes_max);
  EXPECT_GE(trace.read(0, 1'000).packets.size(), limits::traced_bytes_max / 100'000 - 2);
}

TEST(PacketTrace, APayloadWeighsWhatIsKeptOfIt) {
  Connected client;
  for (int i = 0; i < 100; ++i)
    client.connection.received(wire(mqtt::Publish{.topic = "t", .payload = std::string(100'000, 'x')}));

  const PacketTrace::Page page = client.trace->read(0, 1'000);
  ASSERT_EQ(page.packets.size(), 100u);
  EXPECT_EQ(page.packets.front()->payload_bytes, 100'000u);
  EXPECT_EQ(std::get<mqtt::Publish>(*page.packets.front()->packet).payload.size(), limits::traced_payload_bytes_max);
}

TEST(PacketTraces, SoManyClientsAreWatchedAtOnce) {
  PacketTraces traces;
  std::vector<std::unique_ptr<PacketTrace::Reader>> readers;
  for (std::size_t i = 0; i < limits::traced_clients_max; ++i) {
    const auto watched = traces.watch(std::to_string(i), MonoTime{0});
    EXPECT_TRUE(watched.is_new);
    readers.push_back(std::make_unique<PacketTrace::Reader>(*watched.trace));
  }

  EXPECT_EQ(traces.watch("one more", MonoTime{INT64_MAX}).trace, nullptr);
  EXPECT_FALSE(traces.watch("0", MonoTime{0}).is_new);

  const PacketTracePtr left = traces.of("3");
  readers[3].reset();
  EXPECT_TRUE(traces.watch("one more", MonoTime{INT64_MAX}).is_new);
  EXPECT_FALSE(left->goes_on());
  EXPECT_EQ(traces.of("3"), nullptr);
}

TEST(PacketTraces, OneThatNobodyReadsEndsAfterAMinute) {
  PacketTraces traces;
  const PacketTracePtr trace = traces.watch("alice", MonoTime{1'000}).trace;

  traces.end_forgotten(MonoTime{1'000 + limits::trace_patience_ms});
  EXPECT_EQ(traces.of("alice"), trace);
  traces.end_forgotten(MonoTime{1'001 + limits::trace_patience_ms});
  EXPECT_EQ(traces.of("alice"), nullptr);
  EXPECT_FALSE(trace->goes_on());
  EXPECT_TRUE(traces.watch("alice", MonoTime{0}).is_new);
}

TEST(ConnectionTrace, AnEndedTraceIsToldToWhoeverWrites) {
  Connected client;
  EXPECT_TRUE(client.connection.received(wire(mqtt::Pingreq{})));
  client.trace->end();

  EXPECT_FALSE(client.connection.received(wire(mqtt::Pingreq{})));
  EXPECT_FALSE(client.connection.sent(wire(mqtt::Pingresp{})));
  EXPECT_THAT(client.types(), ElementsAre("PINGREQ"));
}

TEST(ConnectionTrace, PacketsInPiecesHaveTheirWholeSize) {
  Connected client;
  const std::string bytes = wire(mqtt::Publish{.topic = "t", .payload = "12345"}) + wire(mqtt::Pingreq{});
  for (char byte : bytes) client.connection.received({&byte, 1});
  client.connection.sent(wire(mqtt::Pingresp{}));

  EXPECT_THAT(client.types(), ElementsAre("PUBLISH", "PINGREQ", "PINGRESP"));
  EXPECT_EQ(client.trace->read(0, 1).packets.front()->bytes, bytes.size() - 2);
}

TEST(ConnectionTrace, AfterAFaultNothingIsReadAnyMore) {
  Connected client;
  client.connection.received(std::string("\xc1\x00", 2));
  client.connection.received(wire(mqtt::Pingreq{}));
  client.connection.sent(wire(mqtt::Pingresp{}));

  ASSERT_EQ(client.types().size(), 2u);
  EXPECT_EQ(client.types()[0].find("bytes that are no packet: malformed_packet"), 0u);
  EXPECT_EQ(client.types()[1], "PINGRESP");
}

TEST(ConnectionTrace, EveryPacketIsDescribed) {
  Connected client;
  client.connection.connect({.version = mqtt::Version::v5, .client_id = "made up", .password = "secret"}, true,
                            {.address = "::1", .port = 7});
  client.connection.received(wire(mqtt::Pubrec{.packet_id = 1, .reason = mqtt::ReasonCode::quota_exceeded}) +
                             wire(mqtt::Pubrel{.packet_id = 1}) + wire(mqtt::Pubcomp{.packet_id = 1}) +
                             wire(mqtt::Auth{}));

  EXPECT_THAT(client.types(),
              ElementsAre("connection from ::1 port 7", "CONNECT", "PUBREC", "PUBREL", "PUBCOMP", "AUTH"));
  const auto packets = client.trace->read(0, 100).packets;
  EXPECT_EQ(json::dump(describe(*packets[1], true)).find("secret"), std::string::npos);
  EXPECT_EQ(packets[1]->bytes, wire(mqtt::Connect{.password = "secret"}).size());
  EXPECT_EQ(json::string_or(describe(*packets[2], false), "reason", ""), "quota_exceeded");
}

TEST(ConnectionTrace, ZeroHasTheNameThatItsPacketGivesIt) {
  Connected client;
  client.connection.sent(
      wire(mqtt::Suback{.packet_id = 1,
                        .reasons = {mqtt::ReasonCode::granted_qos_0, mqtt::ReasonCode::granted_qos_1}}) +
      wire(mqtt::Unsuback{.packet_id = 1, .reasons = {mqtt::ReasonCode::success}}) + wire(mqtt::Disconnect{}));

  const auto packets = client.trace->read(0, 100).packets;
  EXPECT_EQ(json::dump(describe(*packets[0], false).at("reasons")), R"(["granted_qos_0","granted_qos_1"])");
  EXPECT_EQ(json::dump(describe(*packets[1], false).at("reasons")), R"(["success"])");
  EXPECT_EQ(describe(*packets[2], false).at("reason"), "normal_disconnection");
}

}  // namespace croft::broker
