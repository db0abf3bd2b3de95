#pragma once

#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "broker/authority.h"
#include "broker/delivery_queue.h"
#include "broker/outlet.h"
#include "broker/outputs.h"
#include "mqtt/decoder.h"

namespace croft::broker {

struct Client;

// MQTT's Session State of one client: what survives its connection when the session does.
struct Session {
  std::map<std::string, SubscriptionState, std::less<>> subscriptions;
  DeliveryQueue deliveries;
  std::size_t shared_subscriptions = 0;      // of the subscriptions
  std::vector<std::uint16_t> received_qos2;  // packet ids between PUBLISH and PUBREL, sorted
  bool stored = false;                       // its messages have rows: it outlives connections and the process
  bool behind_disk = false;                  // stored, and has QoS 2 deliveries: none goes out before its row is durable
  bool congested = false;                    // some of its messages block their sources
};

// Counts what may happen so often in a second.
class PerSecond {
 public:
  // False for what goes over `most` in this second; 0 = any number.
  bool allow(std::uint32_t most, Now now) {
    if (most == 0) return true;
    const auto second = static_cast<std::int32_t>(now.mono.ms / 1000);
    if (std::exchange(second_, second) != second) count_ = 0;
    return count_++ < most;
  }
  std::uint32_t count() const { return count_; }

 private:
  std::int32_t second_ = -1;
  std::uint32_t count_ = 0;
};

// Topics and the numbers that stand for them on one connection. MQTT 5.0, 3.3.2.3.4.
struct TopicAliases {
  std::unordered_map<std::uint16_t, std::string> theirs;  // which the client gave
  std::unordered_map<std::string, std::uint16_t> ours;    // which it was told
};

// What a connection that published has.
struct Publisher {
  SourcePtr source;
  PerSecond publishes;
  std::string last_topic;  // that it was allowed to publish to, RETAIN 0, at last_topic_revision
  std::uint64_t last_topic_revision = 0;
  std::uint64_t untold = 0;  // messages that Outputs::published() was not told of yet
  Timestamp untold_since{}, untold_until{};  // when the first and the last of them came
};

// A topic that a connection was allowed to receive from, and the revision of rights it holds for.
struct ReceivedTopic {
  std::string topic;
  std::uint64_t revision = 0;
};

// Until a connection is established.
struct Handshake {
  mqtt::Connack connack;  // to be sent when its connect is durable
  std::string early;      // bytes received before that
};

// A connection that named its client.
struct Connection {
  ConnectionId id = 0;
  Client* client = nullptr;
  std::shared_ptr<Outlet> outlet;
  mqtt::Decoder decoder;
  mqtt::Version version = mqtt::Version::v3_1_1;
  bool established = false;  // its connect is durable and CONNACK was sent
  bool wants_problem_information = true;  // MQTT 5.0, 3.1.2.11.7
  std::uint16_t receive_maximum = 65'535;          // the client's
  std::uint16_t told_aliases_max = 0;              // as many topics may be given numbers to the client
  DisconnectReason end_of_life_reason = DisconnectReason::none;
  std::uint32_t maximum_packet_size = UINT32_MAX;  // the client's
  std::uint32_t keep_alive_ms = 0;  // after which of silence it is closed; 0 = never
  std::uint32_t unacknowledged = 0; // deliveries in flight and sent on this connection
  MonoTime last_input;
  MonoTime end_of_life{INT64_MAX};  // of a WebSocket, or as a custom authorizer wished
  MonoTime last_progress;           // when it took a delivery last
  Sequence to_resend = 0;           // the first delivery of an earlier connection that did not go out on this one
  std::shared_ptr<const Rights> rights;
  std::unique_ptr<TopicAliases> aliases;
  std::unique_ptr<Publisher> published;   // null before the first message
  std::unique_ptr<Handshake> handshake;   // null once it is established
  std::unique_ptr<ReceivedTopic> received;  // the last one; null before it, and without rights

  Connection(ConnectionId id, std::uint32_t packet_bytes_max)
      : id(id), decoder(mqtt::Decoder::Side::server, packet_bytes_max) {}

  TopicAliases& topic_aliases() {
    if (!aliases) aliases = std::make_unique<TopicAliases>();
    return *aliases;
  }
  Publisher& publisher() {
    if (!published) published = std::make_unique<Publisher>();
    return *published;
  }
  // The shortest of several limits counts.
  void limit_life(Now now, std::uint32_t life_s, DisconnectReason reason) {
    const MonoTime end{now.mono.ms + std::int64_t{life_s} * 1000};
    if (end >= end_of_life) return;
    end_of_life = end;
    end_of_life_reason = reason;
  }
};

// A will that waits for its delay, while the session of its connection goes on. MQTT 5.0, 3.1.3.2.2.
// The will itself is in ClientState.
struct PendingWill {
  SourcePtr source;
  std::shared_ptr<const Rights> rights;
  MonoTime due;
};

// A client id: its state and, while it has them, its session and connection.
struct Client {
  ClientState state;
  std::unique_ptr<PendingWill> pending_will;  // null: none
  std::int64_t expires_at_ms = -1;  // of its entry in the core's expiries; negative: it has none
  PerSecond connects;
  std::unique_ptr<Session> session;
  Connection* connection = nullptr;
};

}  // namespace croft::broker
