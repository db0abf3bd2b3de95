#include "broker/settings.h"

#include "mqtt/limits.h"

namespace croft::broker {

Settings Settings::oasis() {
  Settings s;
  s.maximum_qos = mqtt::QoS::exactly_once;
  s.parent_match = mqtt::ParentMatch::yes;
  s.retained_to_wildcards = true;
  s.subscription_identifiers = true;
  s.will_delay = true;
  s.reserved_filters = false;
  s.bad_filter_ends_connection = true;
  s.announces_features = false;

  s.keep_alive_min_s = 1;
  s.keep_alive_max_s = UINT16_MAX;
  s.keep_alive_may_be_none = true;
  s.client_id_bytes_max = mqtt::limits::string_bytes_max;
  s.packet_bytes_max = mqtt::limits::packet_bytes_max;
  s.client_packet_bytes_min = 1;
  s.receive_maximum = UINT16_MAX;
  s.topic_alias_maximum = 1'000;
  s.websocket_life_s = UINT32_MAX;

  s.session_expiry_default_s = UINT32_MAX;  // never
  s.session_expiry_max_s = UINT32_MAX;
  s.subscriptions_per_packet_max = mqtt::limits::filters_per_packet_max;
  s.subscriptions_max = 1'000'000;

  s.topic_bytes_max = mqtt::limits::string_bytes_max;
  s.topic_levels_max = 1'000;  // the topic tables walk a level a stack frame
  s.share_name_bytes_max = mqtt::limits::string_bytes_max;
  s.payload_bytes_max = mqtt::limits::packet_bytes_max;
  s.user_properties_bytes_max = mqtt::limits::packet_bytes_max;
  s.content_type_bytes_max = mqtt::limits::string_bytes_max;
  s.correlation_data_bytes_max = mqtt::limits::string_bytes_max;
  s.message_expiry_min_s = 0;
  s.message_expiry_max_s = UINT32_MAX;
  return s;
}

}  // namespace croft::broker
