#pragma once

#include <cstddef>
#include <cstdint>

#include "mqtt/packets.h"
#include "mqtt/topic.h"

namespace croft::broker {

// Every number the broker goes by; a setting each. What stands here is AWS IoT Core's dialect: its quotas and its
// deviations from the specification, where a comment does not say otherwise. Source: AWS IoT Core endpoints and quotas;
// AWS IoT developer guide, "MQTT", "How AWS IoT differs from MQTT version specifications".
struct Settings {
  // The specification to the letter, without AWS's quotas.
  static Settings oasis();

  // What is served.
  mqtt::QoS maximum_qos = mqtt::QoS::at_least_once;
  mqtt::ParentMatch parent_match = mqtt::ParentMatch::no;  // does `a/#` match `a`?
  bool retained_to_wildcards = false;                      // else to exact filters only
  bool subscription_identifiers = false;
  bool will_delay = false;                                 // else wills are said at once
  bool reserved_filters = true;                            // filters that begin with `$` are AWS's; others are refused
  bool bad_filter_ends_connection = false;                 // else it is refused in its place of the SUBACK
  bool announces_features = true;                          // CONNACK says what is available even where it need not

  // Connections.
  std::uint16_t keep_alive_min_s = 30;                   // a smaller request is treated as this
  std::uint16_t keep_alive_max_s = 1'200;                // 0 and larger requests are treated as this
  bool keep_alive_may_be_none = false;                   // 0 stays 0
  std::size_t client_id_bytes_max = 128;
  std::uint32_t packet_bytes_max = 149'504;              // 146 KB for an MQTT 5 packet
  std::uint32_t client_packet_bytes_min = 512;           // a client's Maximum Packet Size
  std::uint16_t receive_maximum = 100;                   // unacknowledged QoS 1 and 2 messages in either direction
  std::uint16_t topic_alias_maximum = 8;
  std::uint32_t websocket_life_s = 86'400;               // WebSocket connection duration
  std::size_t connect_wait_s = 10;                       // croft: from accept to a whole CONNECT
  std::size_t doorstep_max = 10'000;                     // croft: connections of a shard without a CONNECT
  std::size_t connections_max = 500'000;                 // of a shard
  std::uint32_t connects_per_s_max = 0;                  // of one client id; AWS has 1; 0 = any
  std::uint32_t publishes_per_s_max = 0;                 // of one connection; AWS has 100; 0 = any

  // Sessions.
  std::uint32_t session_expiry_default_s = 3'600;        // MQTT 3.1.1 with clean session 0
  std::uint32_t session_expiry_max_s = 604'800;          // 7 days
  bool wildcard_ids = false;                             // lifecycle events of client ids with `#` or `+`
  std::int64_t version_reset_ms = 3'600'000;             // versionNumber starts again at 0 after so long offline
  std::size_t subscriptions_per_packet_max = 8;
  std::size_t subscriptions_max = 50;                    // of one session
  std::size_t queued_messages_max = 100'000;             // of one session; AWS documents only a rate
  std::size_t queued_bytes_max = 64 << 20;               // of one session, with those in flight
  std::size_t queued_total_bytes_max = 1 << 30;          // of all sessions of a shard; the same again of all groups
  std::size_t group_messages_max = 500'000;              // that wait for one group of shared subscriptions

  // Messages.
  std::size_t topic_bytes_max = 256;
  std::size_t topic_levels_max = 8;                      // 7 slashes
  std::size_t share_name_bytes_max = 128;                // of a shared subscription
  std::size_t payload_bytes_max = 131'072;
  std::size_t user_properties_bytes_max = 8'192;         // of one packet
  std::size_t content_type_bytes_max = 256;
  std::size_t correlation_data_bytes_max = 8'192;
  std::uint32_t message_expiry_min_s = 1;                // smaller and larger ones are treated as these
  std::uint32_t message_expiry_max_s = 604'800;
  std::size_t retained_messages_max = 500'000;

  // Flow control; croft's own.
  std::size_t blocking_messages = 256;                   // waiting for a connected client: its publishers are slowed down above
  std::uint32_t stalled_after_s = 3;                     // a client that acknowledges nothing for so long slows nobody down
  std::size_t unsent_bytes_max = 1 << 20;                // to one slow reader: QoS 0 is dropped above
  std::size_t unread_bytes_max = 16 << 20;               // to one that asks and does not read: it is not heard above
  std::size_t turn_bytes_max = 2 << 20;                  // handed out before the sockets are written to
  std::size_t mail_bytes_max = 32 << 20;                 // waiting for one shard: publishers are not heard above
};

}  // namespace croft::broker
