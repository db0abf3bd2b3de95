#include "device/mqtt_client.h"

#include <gtest/gtest.h>

#include <future>

#include "mqtt/encoder.h"
#include "net/listener.h"

namespace croft::device {
namespace {

using namespace std::chrono_literals;
using mqtt::Version;

// A broker of one connection that answers by script.
class MqttClientTest : public testing::Test {
 protected:
  MqttClientTest() : shard_(0, "test") {}
  ~MqttClientTest() override { shard_.stop(); }

  // After CONNECT the server sends `answer`; with `closes` it then closes.
  void serve(std::string answer, bool closes) {
    answer_ = std::move(answer);
    closes_ = closes;
    auto opened = net::Listener::open(shard_, "127.0.0.1", 0, nullptr, false);
    ASSERT_TRUE(opened);
    listener_ = std::move(*opened);
    listener_->start([this](net::Transport transport) { shard_.spawn(answer_one(std::move(transport))); });
  }

  Task<void> answer_one(net::Transport transport) {
    std::vector<char> scratch(4096);
    mqtt::Decoder decoder(mqtt::Decoder::Side::server, 4096);
    std::vector<mqtt::Packet> packets;
    bool answered = false;
    for (;;) {
      const std::span<const char> bytes = co_await transport.read(scratch);
      if (bytes.empty()) co_return;
      decoder.feed(bytes, packets);
      for (mqtt::Packet& packet : packets) received_.push_back(std::move(packet));
      packets.clear();
      if (!answered) transport.send(answer_);
      answered = true;
      if (closes_) transport.close();
    }
  }

  // Runs `body` on the shard and returns what it makes.
  template <class T, class F>
  T run(F body) {
    std::promise<T> made;
    shard_.spawn(keep<T>(body, made));
    if (!started_) shard_.start();
    started_ = true;
    return made.get_future().get();
  }
  template <class T, class F>
  static Task<void> keep(F body, std::promise<T>& made) {
    T value = co_await body();
    made.set_value(std::move(value));
  }

  Task<Result<mqtt::Connack>> connect(MqttClient& client) {
    mqtt::Connect packet;
    packet.client_id = "pump";
    packet.keep_alive_s = 30;
    Target target{"127.0.0.1", listener_->port(), nullptr};
    auto connected = co_await client.connect(std::move(target), std::move(packet), 2000ms);
    co_return connected;
  }

  static std::string bytes_of(const mqtt::Packet& packet) {
    std::string bytes;
    mqtt::encode(packet, Version::v3_1_1, bytes);
    return bytes;
  }
  static std::string connack(mqtt::ReasonCode reason) {
    mqtt::Connack packet;
    packet.reason = reason;
    return bytes_of(packet);
  }

  Shard shard_;
  std::unique_ptr<net::Listener> listener_;
  std::vector<mqtt::Packet> received_;  // by the server
  std::string answer_;
  bool closes_ = false;
  bool started_ = false;
};

TEST_F(MqttClientTest, ConnectsAsCleanSession311WithoutWillAndUserName) {
  serve(connack(mqtt::ReasonCode::success), false);
  MqttClient client(shard_);

  auto connected = run<Result<mqtt::Connack>>([&] { return connect(client); });

  ASSERT_TRUE(connected);
  ASSERT_EQ(received_.size(), 1u);
  const auto& packet = std::get<mqtt::Connect>(received_[0]);
  EXPECT_EQ(packet.version, Version::v3_1_1);
  EXPECT_EQ(packet.client_id, "pump");
  EXPECT_EQ(packet.keep_alive_s, 30);
  EXPECT_TRUE(packet.clean_start);
  EXPECT_FALSE(packet.will || packet.user_name || packet.password);
  shard_.stop();
}

TEST_F(MqttClientTest, RefusalByPolicyDoesNotHeal) {
  serve(connack(mqtt::ReasonCode::not_authorized), true);
  MqttClient client(shard_);

  auto connected = run<Result<mqtt::Connack>>([&] { return connect(client); });

  ASSERT_FALSE(connected);
  EXPECT_EQ(connected.error().code, "ConnectRefused");
  EXPECT_FALSE(may_heal(connected.error()));
  shard_.stop();
}

TEST_F(MqttClientTest, UnavailableServerMayHeal) {
  serve(connack(mqtt::ReasonCode::server_unavailable), true);
  MqttClient client(shard_);

  auto connected = run<Result<mqtt::Connack>>([&] { return connect(client); });

  ASSERT_FALSE(connected);
  EXPECT_TRUE(may_heal(connected.error()));
  shard_.stop();
}

TEST_F(MqttClientTest, CloseBeforeConnackIsALostConnection) {
  serve("", true);
  MqttClient client(shard_);

  auto connected = run<Result<mqtt::Connack>>([&] { return connect(client); });

  ASSERT_FALSE(connected);
  EXPECT_EQ(connected.error().code, "ConnectionLost");
  shard_.stop();
}

TEST_F(MqttClientTest, AnotherPacketThanConnackIsAProtocolError) {
  serve(bytes_of(mqtt::Pingresp{}), false);
  MqttClient client(shard_);

  auto connected = run<Result<mqtt::Connack>>([&] { return connect(client); });

  ASSERT_FALSE(connected);
  EXPECT_EQ(connected.error().code, "ProtocolError");
  shard_.stop();
}

TEST_F(MqttClientTest, BytesThatAreNoMqttAreAProtocolError) {
  serve("HTTP/1.1 400 Bad Request\r\n\r\n", true);
  MqttClient client(shard_);

  auto connected = run<Result<mqtt::Connack>>([&] { return connect(client); });

  ASSERT_FALSE(connected);
  EXPECT_EQ(connected.error().code, "ProtocolError");
  shard_.stop();
}

TEST_F(MqttClientTest, AServerWithoutAnswerIsGivenUpAtTheDeadline) {
  serve("", false);
  MqttClient client(shard_);
  shard_.spawn([](MqttClient& c) -> Task<void> {
    co_await sleep_for(1ms);
    while (!c.is_connected()) {
      c.tick(MonoTime{MonoTime::now().ms + 3000});
      co_await sleep_for(1ms);
    }
  }(client));

  auto connected = run<Result<mqtt::Connack>>([&] { return connect(client); });

  ASSERT_FALSE(connected);
  EXPECT_EQ(connected.error().code, "ConnectTimeout");
  shard_.stop();
}

Task<Result<mqtt::Packet>> receive_after_connect(MqttClient& client, Task<Result<mqtt::Connack>> connecting) {
  auto connected = co_await std::move(connecting);
  if (!connected) co_return connected.error();
  auto packet = co_await client.receive();
  co_return packet;
}

TEST_F(MqttClientTest, QosOneMessagesAreAcknowledged) {
  mqtt::Publish message;
  message.topic = "a/b";
  message.payload = "hello";
  message.qos = mqtt::QoS::at_least_once;
  message.packet_id = 7;
  serve(connack(mqtt::ReasonCode::success) + bytes_of(mqtt::Pingresp{}) + bytes_of(message), false);
  MqttClient client(shard_);

  auto packet = run<Result<mqtt::Packet>>([&] { return receive_after_connect(client, connect(client)); });

  ASSERT_TRUE(packet);
  EXPECT_EQ(std::get<mqtt::Publish>(*packet).payload, "hello");
  run<int>([&]() -> Task<int> {
    while (received_.size() < 2) co_await sleep_for(1ms);
    co_return 0;
  });
  EXPECT_EQ(std::get<mqtt::Puback>(received_[1]).packet_id, 7);
  shard_.stop();
}

TEST_F(MqttClientTest, PingIsSentWhenNothingElseWasAndItsAnswerIsAwaited) {
  serve(connack(mqtt::ReasonCode::success), false);
  MqttClient client(shard_);
  shard_.spawn([](MqttClient& c) -> Task<void> {
    while (!c.is_connected()) co_await sleep_for(1ms);
    const std::int64_t now = MonoTime::now().ms;
    c.tick({now + 29'000});
    c.tick({now + 31'000});
    co_await sleep_for(5ms);
    c.tick({now + 60'000});
    c.tick({now + 61'500});
  }(client));

  auto packet = run<Result<mqtt::Packet>>([&] { return receive_after_connect(client, connect(client)); });

  ASSERT_FALSE(packet);
  EXPECT_EQ(packet.error().code, "KeepAliveTimeout");
  shard_.stop();
  ASSERT_EQ(received_.size(), 2u);
  EXPECT_TRUE(std::holds_alternative<mqtt::Pingreq>(received_[1]));
}

}  // namespace
}  // namespace croft::device
