#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "device/stream.h"
#include "mqtt/decoder.h"
#include "mqtt/packets.h"
#include "types/result.h"
#include "types/timestamp.h"

namespace croft::device {

// Where a client connects to.
struct Target {
  std::string host;
  std::uint16_t port = 0;
  std::shared_ptr<net::TlsContext> tls;  // null: plain
};

// One MQTT connection of a client. It lives once: a reconnect is a new object. Deadlines (CONNACK, keep-alive) are
// looked at in tick(), so that ten thousand of them share one timer; whoever owns a client calls it a few times a
// second.
//
// Threads: its shard. At most one coroutine is in connect() or receive().
class MqttClient {
 public:
  explicit MqttClient(Shard& shard) : shard_(shard), decoder_(mqtt::Decoder::Side::client, 0) {}

  // Connects, sends CONNECT and waits for an accepting CONNACK. Errors, each with a sentence for the log:
  // ConnectionFailed (no TCP connection), TlsFailed, CertificateRejected (the server's alert), ServerNotTrusted (its
  // certificate), ConnectRefused (CONNACK; `details` holds the code's name), ConnectTimeout, ConnectionLost,
  // ProtocolError.
  Task<Result<mqtt::Connack>> connect(Target target, mqtt::Connect packet, std::chrono::milliseconds timeout);

  // The next packet. PINGRESP is taken care of, and a QoS 1 PUBLISH is acknowledged when it is handed out.
  // Errors: ConnectionLost, KeepAliveTimeout, ProtocolError.
  Task<Result<mqtt::Packet>> receive();

  void send(const mqtt::Packet& packet);
  std::uint16_t next_packet_id();
  Task<bool> drained();

  // Sends PINGREQ when it is time, and aborts the connection when a deadline has passed.
  void tick(MonoTime now);

  // DISCONNECT, then an orderly close: the server takes it as the client's wish.
  void disconnect();
  // Closes the socket without a word: the server sees a lost connection.
  void abort();

  bool is_connected() const { return connected_; }

 private:
  Task<Result<mqtt::Packet>> next_packet();
  Error lost(std::string_view fallback) const;

  Shard& shard_;
  std::optional<Stream> stream_;
  mqtt::Decoder decoder_;
  mqtt::Version version_ = mqtt::Version::v3_1_1;
  std::deque<mqtt::Packet> packets_;  // received and not handed out
  std::optional<mqtt::Fault> fault_;
  bool connected_ = false;
  bool deadline_passed_ = false;
  std::int64_t connect_deadline_ms_ = 0;
  std::int64_t keep_alive_ms_ = 0;
  std::int64_t last_sent_ms_ = 0;
  std::int64_t ping_sent_ms_ = 0;  // 0: no answer is awaited
  std::uint16_t packet_id_ = 0;
};

// Whether trying again soon can help. False for a refusal by policy, client id or certificate.
bool may_heal(const Error& connect_error);

}  // namespace croft::device
