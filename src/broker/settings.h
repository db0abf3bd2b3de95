#pragma once

#include <cstddef>
#include <cstdint>

#include "mqtt/packets.h"
#include "mqtt/topic.h"

namespace croft::broker {

// Every number the broker goes by; a setting each, with AWS IoT Core's value unless its comment says otherwise.
struct Settings {
  std::uint32_t packet_bytes_max = 149'504;              // AWS IoT quotas: 146 KB for an MQTT 5 packet
  std::uint16_t keep_alive_min_s = 30;                   // AWS: a smaller request is treated as this
  std::uint16_t keep_alive_max_s = 1'200;                // AWS: 0 and larger requests are treated as this
  mqtt::QoS maximum_qos = mqtt::QoS::exactly_once;       // AWS refuses QoS 2; croft serves it
  std::uint16_t receive_maximum = 100;                   // unacknowledged QoS 1 and 2 messages in either direction
  std::uint16_t topic_alias_maximum = 8;
  std::uint32_t session_expiry_default_s = 3'600;        // MQTT 3.1.1 with clean session 0
  std::uint32_t session_expiry_max_s = 604'800;          // 7 days
  std::size_t client_id_bytes_max = 128;
  std::size_t topic_bytes_max = 256;
  std::size_t topic_levels_max = 8;                      // 7 slashes
  std::size_t share_name_bytes_max = 128;                // of a shared subscription
  std::size_t subscriptions_per_packet_max = 8;
  std::size_t subscriptions_max = 50;                    // of one session
  std::size_t queued_messages_max = 100'000;             // of one session; AWS documents only a rate
  std::size_t queued_bytes_max = 64 << 20;               // of one session, with those in flight
  std::size_t queued_total_bytes_max = 1 << 30;          // of all sessions of a shard
  std::size_t blocking_messages = 256;                   // waiting for a connected client: its publishers are slowed down above
  std::uint32_t stalled_after_s = 3;                     // a client that acknowledges nothing for so long slows nobody down
  std::size_t unsent_bytes_max = 1 << 20;                // to one slow reader: QoS 0 is dropped above
  std::size_t unread_bytes_max = 16 << 20;               // to one that asks and does not read: it is not heard above
  std::size_t turn_bytes_max = 2 << 20;                  // handed out before the sockets are written to
  std::size_t mail_bytes_max = 32 << 20;                 // waiting for one shard: publishers are not heard above
  std::uint32_t websocket_life_s = 86'400;               // AWS IoT quotas, WebSocket connection duration
  std::size_t connect_wait_s = 10;                       // from accept to a whole CONNECT
  std::int64_t version_reset_ms = 3'600'000;             // versionNumber starts again at 0 after so long offline
  mqtt::ParentMatch parent_match = mqtt::ParentMatch::no;  // AWS: `a/#` does not match `a`
  bool retained_to_wildcards = true;                     // AWS sends retained messages to exact filters only
};

}  // namespace croft::broker
