#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <unordered_map>

#include "broker/authority.h"
#include "broker/message.h"
#include "broker/outputs.h"
#include "mqtt/decoder.h"

namespace croft::broker {

struct Client;

// An outgoing QoS 1 or 2 message between its sending and its acknowledgement.
struct InFlight {
  MessagePtr message;
  mqtt::QoS qos;
  bool released = false;  // QoS 2: PUBREC came, PUBREL was sent
  std::uint32_t identifier = 0;
  bool retain = false;
  bool on_wire = false;   // sent on the connection that is open now
};

// A message that waits for a free in-flight place, or for its client to come back.
struct Queued {
  MessagePtr message;
  mqtt::QoS qos;
  std::uint32_t identifier = 0;
  bool retain = false;
};

// MQTT's Session State of one client: what survives its connection when the session does.
struct Session {
  std::map<std::string, SubscriptionState, std::less<>> subscriptions;
  std::map<std::uint16_t, InFlight> in_flight;
  std::deque<Queued> queue;
  std::size_t queued_bytes = 0;
  std::size_t shared_subscriptions = 0;   // of the subscriptions
  std::set<std::uint16_t> received_qos2;  // packet ids between PUBLISH and PUBREL
  std::uint16_t next_packet_id = 1;
};

// A connection that named its client.
struct Connection {
  ConnectionId id = 0;
  Client* client = nullptr;
  mqtt::Decoder decoder;
  mqtt::Version version = mqtt::Version::v3_1_1;
  bool established = false;  // its connect is durable and CONNACK was sent
  std::string early;         // bytes received before that
  std::uint32_t keep_alive_ms = 0;  // after which of silence it is closed; 0 = never
  MonoTime last_input;
  MonoTime end_of_life{INT64_MAX};  // of a WebSocket, or as a custom authorizer wished
  DisconnectReason end_of_life_reason = DisconnectReason::none;
  std::optional<mqtt::Will> will;
  std::shared_ptr<const Rights> rights;
  std::string source_ip;
  std::uint16_t receive_maximum = 65'535;       // the client's
  std::uint32_t maximum_packet_size = UINT32_MAX;  // the client's
  std::unordered_map<std::uint16_t, std::string> aliases;  // topics the client gave numbers
  std::uint16_t told_aliases_max = 0;                      // as many topics may be given numbers to the client
  std::unordered_map<std::string, std::uint16_t> told_aliases;
  std::deque<std::uint16_t> to_resend;                     // in flight since an earlier connection, oldest first
  std::size_t unacknowledged = 0;                          // in flight and sent on this connection
  mqtt::Connack connack;                        // to be sent when established

  Connection(ConnectionId id, std::uint32_t packet_bytes_max)
      : id(id), decoder(mqtt::Decoder::Side::server, packet_bytes_max) {}

  // The shortest of several limits counts.
  void limit_life(Now now, std::uint32_t life_s, DisconnectReason reason) {
    const MonoTime end{now.mono.ms + std::int64_t{life_s} * 1000};
    if (end >= end_of_life) return;
    end_of_life = end;
    end_of_life_reason = reason;
  }
};

// A will that waits for its delay, while the session of its connection goes on. MQTT 5.0, 3.1.3.2.2.
struct PendingWill {
  mqtt::Will will;
  std::string source_ip;
  std::shared_ptr<const Rights> rights;
  MonoTime due;
};

// A client id: its state and, while it has them, its session and connection.
struct Client {
  ClientState state;
  std::optional<PendingWill> pending_will;
  std::unique_ptr<Session> session;
  Connection* connection = nullptr;
};

}  // namespace croft::broker
