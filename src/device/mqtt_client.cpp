#include "device/mqtt_client.h"

#include "device/limits.h"
#include "mqtt/encoder.h"
#include "net/connector.h"

namespace croft::device {

namespace {

// The server's verdict on the client's certificate arrives as an alert; so does "no common cipher", which is none.
bool is_certificate_alert(const std::string& failure) {
  if (failure.find("alert") == std::string::npos) return false;
  for (std::string_view word : {"certificate", "unknown ca", "access denied", "decrypt error"}) {
    if (failure.find(word) != std::string::npos) return true;
  }
  return false;
}

Error tls_error(const std::string& failure) {
  if (is_certificate_alert(failure)) return {"CertificateRejected", "the server refused the certificate: " + failure};
  if (failure.find("verify failed") != std::string::npos) {
    return {"ServerNotTrusted", "the server's certificate cannot be trusted: " + failure};
  }
  return {"TlsFailed", "TLS failed: " + failure};
}

}  // namespace

bool may_heal(const Error& error) {
  if (error.code == "CertificateRejected" || error.code == "ServerNotTrusted") return false;
  return error.code != "ConnectRefused" ||
         (error.details != "not_authorized" && error.details != "client_identifier_not_valid");
}

Error MqttClient::lost(std::string_view fallback) const {
  if (fault_) return {"ProtocolError", std::string("the server broke the protocol: ") + fault_->what};
  if (stream_ && !stream_->failure().empty()) return tls_error(stream_->failure());
  if (deadline_passed_ && connected_) return {"KeepAliveTimeout", "the server did not answer a ping in time"};
  if (deadline_passed_) return {"ConnectTimeout", "the server did not answer CONNECT in time"};
  return {"ConnectionLost", std::string(fallback)};
}

Task<Result<mqtt::Connack>> MqttClient::connect(Target target, mqtt::Connect packet,
                                                std::chrono::milliseconds timeout) {
  auto opened = co_await net::connect(shard_, target.host, target.port, nullptr, timeout);
  if (!opened) co_return opened.error();
  stream_.emplace(std::move(*opened), target.tls);
  version_ = packet.version;
  decoder_ = mqtt::Decoder(mqtt::Decoder::Side::client, limits::packet_bytes_max);
  decoder_.set_version(version_);
  connect_deadline_ms_ = MonoTime::now().ms + timeout.count();
  const std::int64_t keep_alive_ms = std::int64_t{packet.keep_alive_s} * 1000;
  send(packet);
  auto answer = co_await next_packet();
  connect_deadline_ms_ = 0;
  if (!answer) co_return answer.error();
  const auto* connack = std::get_if<mqtt::Connack>(&*answer);
  if (!connack) {
    abort();
    co_return Error{"ProtocolError", "the server broke the protocol: its first packet is no CONNACK"};
  }
  if (mqtt::is_failure(connack->reason)) {
    abort();
    const std::string reason(mqtt::name(connack->reason));
    co_return Error{"ConnectRefused", "the server refused the connection: " + reason, 400, reason};
  }
  connected_ = true;
  keep_alive_ms_ = keep_alive_ms;
  co_return *connack;
}

Task<Result<mqtt::Packet>> MqttClient::next_packet() {
  std::vector<mqtt::Packet> decoded;
  while (packets_.empty()) {
    if (fault_) {
      abort();
      co_return lost({});
    }
    const std::span<const char> bytes = co_await stream_->read(shard_.read_buffer());
    if (bytes.empty()) {
      const Error why =
          lost(connected_ ? "the connection was lost" : "the server closed the connection before CONNACK");
      abort();
      co_return why;
    }
    fault_ = decoder_.feed(bytes, decoded);
    for (mqtt::Packet& packet : decoded) packets_.push_back(std::move(packet));
    decoded.clear();
  }
  mqtt::Packet packet = std::move(packets_.front());
  packets_.pop_front();
  co_return packet;
}

Task<Result<mqtt::Packet>> MqttClient::receive() {
  for (;;) {
    auto packet = co_await next_packet();
    if (!packet) co_return packet.error();
    if (std::holds_alternative<mqtt::Pingresp>(*packet)) {
      ping_sent_ms_ = 0;
      continue;
    }
    if (const auto* message = std::get_if<mqtt::Publish>(&*packet);
        message && message->qos == mqtt::QoS::at_least_once) {
      mqtt::Puback answer;
      answer.packet_id = message->packet_id;
      send(answer);
    }
    co_return std::move(*packet);
  }
}

void MqttClient::send(const mqtt::Packet& packet) {
  std::string bytes;
  mqtt::encode(packet, version_, bytes);
  stream_->send(bytes);
  last_sent_ms_ = MonoTime::now().ms;
}

std::uint16_t MqttClient::next_packet_id() {
  if (++packet_id_ == 0) ++packet_id_;
  return packet_id_;
}

Task<bool> MqttClient::drained() {
  const bool sent = co_await stream_->drained();
  co_return sent;
}

void MqttClient::tick(MonoTime now) {
  if (!stream_) return;
  if (connect_deadline_ms_ != 0 && now.ms >= connect_deadline_ms_) {
    deadline_passed_ = true;
    stream_->abort();
    return;
  }
  if (!connected_ || keep_alive_ms_ == 0) return;
  const std::int64_t answer_max = std::min<std::int64_t>(keep_alive_ms_, limits::ping_answer_max.count());
  if (ping_sent_ms_ != 0 && now.ms - ping_sent_ms_ >= answer_max) {
    deadline_passed_ = true;
    stream_->abort();
  } else if (ping_sent_ms_ == 0 && now.ms - last_sent_ms_ >= keep_alive_ms_) {
    send(mqtt::Pingreq{});
    ping_sent_ms_ = now.ms;
  }
}

void MqttClient::disconnect() {
  if (!stream_) return;
  if (connected_) send(mqtt::Disconnect{});
  stream_->close();
}

void MqttClient::abort() {
  if (stream_) stream_->abort();
}

}  // namespace croft::device
