#include "mqtt/property_codec.h"

#include <array>

#include "mqtt/wire_writer.h"

namespace croft::mqtt {

namespace {

// One bit for each PropertyPlace.
using Places = std::uint32_t;
constexpr Places bit(PropertyPlace place) {
  return 1u << static_cast<unsigned>(place);
}
constexpr Places bit(PacketType type) {
  return bit(place_of(type));
}

// Indexed by property id; 0 for ids that do not exist.
constexpr std::array<Places, 0x2B> places_table() {
  constexpr Places connect = bit(PacketType::connect), connack = bit(PacketType::connack);
  constexpr Places publish = bit(PacketType::publish), will = bit(PropertyPlace::will);
  constexpr Places disconnect = bit(PacketType::disconnect), auth = bit(PacketType::auth);
  constexpr Places forwarded = bit(PropertyPlace::forwarded);
  constexpr Places subscribe = bit(PacketType::subscribe), unsubscribe = bit(PacketType::unsubscribe);
  constexpr Places answers = bit(PacketType::puback) | bit(PacketType::pubrec) | bit(PacketType::pubrel) |
                             bit(PacketType::pubcomp) | bit(PacketType::suback) | bit(PacketType::unsuback);

  std::array<Places, 0x2B> table{};
  const auto set = [&table](PropertyId id, Places places) { table[static_cast<std::size_t>(id)] = places; };
  set(PropertyId::payload_format_indicator, publish | will | forwarded);
  set(PropertyId::message_expiry_interval, publish | will);  // for each receiver anew, so not `forwarded`
  set(PropertyId::content_type, publish | will | forwarded);
  set(PropertyId::response_topic, publish | will | forwarded);
  set(PropertyId::correlation_data, publish | will | forwarded);
  set(PropertyId::subscription_identifier, publish | subscribe);
  set(PropertyId::session_expiry_interval, connect | connack | disconnect);
  set(PropertyId::assigned_client_identifier, connack);
  set(PropertyId::server_keep_alive, connack);
  set(PropertyId::authentication_method, connect | connack | auth);
  set(PropertyId::authentication_data, connect | connack | auth);
  set(PropertyId::request_problem_information, connect);
  set(PropertyId::will_delay_interval, will);
  set(PropertyId::request_response_information, connect);
  set(PropertyId::response_information, connack);
  set(PropertyId::server_reference, connack | disconnect);
  set(PropertyId::reason_string, connack | answers | disconnect | auth);
  set(PropertyId::receive_maximum, connect | connack);
  set(PropertyId::topic_alias_maximum, connect | connack);
  set(PropertyId::topic_alias, publish);
  set(PropertyId::maximum_qos, connack);
  set(PropertyId::retain_available, connack);
  set(PropertyId::user_property,
      connect | connack | publish | will | forwarded | answers | subscribe | unsubscribe | disconnect | auth);
  set(PropertyId::maximum_packet_size, connect | connack);
  set(PropertyId::wildcard_subscription_available, connack);
  set(PropertyId::subscription_identifier_available, connack);
  set(PropertyId::shared_subscription_available, connack);
  return table;
}
constexpr auto places_of = places_table();

// Reading: one overload for each data type; `field` is where the value goes.

void read(WireReader& in, std::optional<std::uint8_t>& field) {  // the only two bytes that there are, are 0 or 1
  const std::uint8_t value = in.u8();
  if (value > 1) in.fail(ReasonCode::protocol_error, "property is neither 0 nor 1");
  field = value;
}

void read(WireReader& in, std::optional<bool>& field) {
  std::optional<std::uint8_t> value;
  read(in, value);
  field = value == 1;
}

void read(WireReader& in, std::optional<std::uint16_t>& field) {
  field = in.u16();
}
void read(WireReader& in, std::optional<std::uint32_t>& field) {
  field = in.u32();
}
void read(WireReader& in, std::optional<std::string>& field) {
  field.emplace(in.string());
}

template <class T>
void read_once(WireReader& in, std::optional<T>& field) {
  if (field) return in.fail(ReasonCode::protocol_error, "property given twice");
  read(in, field);
}

template <class T>
void read_positive(WireReader& in, std::optional<T>& field) {
  read_once(in, field);
  if (field == T{0}) in.fail(ReasonCode::protocol_error, "property is 0");
}

void read_binary(WireReader& in, std::optional<std::string>& field) {
  if (field) return in.fail(ReasonCode::protocol_error, "property given twice");
  field.emplace(in.binary());
}

void read_response_topic(WireReader& in, std::optional<std::string>& field) {
  read_once(in, field);
  if (field && has_wildcard(*field)) in.fail(ReasonCode::protocol_error, "response topic has a wildcard");
}

void read_subscription_identifier(WireReader& in, PropertyPlace place, std::vector<std::uint32_t>& identifiers) {
  if (place == place_of(PacketType::subscribe) && !identifiers.empty())
    return in.fail(ReasonCode::protocol_error, "property given twice");
  if (identifiers.size() == limits::subscription_identifiers_max)
    return in.fail(ReasonCode::quota_exceeded, "too many subscription identifiers");
  identifiers.push_back(in.variable_integer());
  if (identifiers.back() == 0) in.fail(ReasonCode::protocol_error, "property is 0");
}

void read_user_property(WireReader& in, std::vector<std::pair<std::string, std::string>>& properties) {
  if (properties.size() == limits::user_properties_max)
    return in.fail(ReasonCode::quota_exceeded, "too many user properties");
  const std::string_view name = in.string();
  const std::string_view value = in.string();
  properties.emplace_back(name, value);
}

void read_property(PropertyId id, PropertyPlace place, WireReader& in, PropertyBlock& block) {
  switch (id) {
    case PropertyId::payload_format_indicator:
      return read_once(in, block.payload_format_indicator);
    case PropertyId::message_expiry_interval:
      return read_once(in, block.message_expiry_interval);
    case PropertyId::content_type:
      return read_once(in, block.content_type);
    case PropertyId::response_topic:
      return read_response_topic(in, block.response_topic);
    case PropertyId::correlation_data:
      return read_binary(in, block.correlation_data);
    case PropertyId::subscription_identifier:
      return read_subscription_identifier(in, place, block.subscription_identifiers);
    case PropertyId::session_expiry_interval:
      return read_once(in, block.session_expiry_interval);
    case PropertyId::assigned_client_identifier:
      return read_once(in, block.assigned_client_identifier);
    case PropertyId::server_keep_alive:
      return read_once(in, block.server_keep_alive);
    case PropertyId::authentication_method:
      return read_once(in, block.authentication_method);
    case PropertyId::authentication_data:
      return read_binary(in, block.authentication_data);
    case PropertyId::request_problem_information:
      return read_once(in, block.request_problem_information);
    case PropertyId::will_delay_interval:
      return read_once(in, block.will_delay_interval);
    case PropertyId::request_response_information:
      return read_once(in, block.request_response_information);
    case PropertyId::response_information:
      return read_once(in, block.response_information);
    case PropertyId::server_reference:
      return read_once(in, block.server_reference);
    case PropertyId::reason_string:
      return read_once(in, block.reason_string);
    case PropertyId::receive_maximum:
      return read_positive(in, block.receive_maximum);
    case PropertyId::topic_alias_maximum:
      return read_once(in, block.topic_alias_maximum);
    case PropertyId::topic_alias:
      return read_positive(in, block.topic_alias);
    case PropertyId::maximum_qos:
      return read_once(in, block.maximum_qos);
    case PropertyId::retain_available:
      return read_once(in, block.retain_available);
    case PropertyId::user_property:
      return read_user_property(in, block.user_properties);
    case PropertyId::maximum_packet_size:
      return read_positive(in, block.maximum_packet_size);
    case PropertyId::wildcard_subscription_available:
      return read_once(in, block.wildcard_subscription_available);
    case PropertyId::subscription_identifier_available:
      return read_once(in, block.subscription_identifier_available);
    case PropertyId::shared_subscription_available:
      return read_once(in, block.shared_subscription_available);
  }
}

// Writing.

void write_value(std::uint8_t value, std::string& out) {
  write_u8(value, out);
}
void write_value(bool value, std::string& out) {
  write_u8(value ? 1 : 0, out);
}
void write_value(std::uint16_t value, std::string& out) {
  write_u16(value, out);
}
void write_value(std::uint32_t value, std::string& out) {
  write_u32(value, out);
}
void write_value(const std::string& value, std::string& out) {
  write_string(value, out);
}

void write_id(PropertyId id, std::string& out) {
  write_u8(static_cast<std::uint8_t>(id), out);
}

}  // namespace

void read_properties(PropertyPlace place, WireReader& in, Properties& properties) {
  const std::uint32_t length = in.variable_integer();
  if (length == 0) return;

  WireReader block(in.bytes(length));
  while (!block.at_end()) {
    const std::uint32_t id = block.variable_integer();
    const Places places = id < places_of.size() ? places_of[id] : 0;
    if (places == 0) {
      block.fail(ReasonCode::malformed_packet, "unknown property");
    } else if ((places & bit(place)) == 0) {
      block.fail(ReasonCode::malformed_packet, "property of another packet");
    } else {
      read_property(static_cast<PropertyId>(id), place, block, properties.edit());
    }
  }
  const PropertyBlock* read = properties.get();
  if (read && read->authentication_data && !read->authentication_method)
    block.fail(ReasonCode::protocol_error, "authentication data without a method");
  if (block.fault()) in.fail(block.fault()->reason, block.fault()->what);
}

void write_property(PropertyId id, std::uint16_t value, std::string& out) {
  write_id(id, out);
  write_u16(value, out);
}

void write_property(PropertyId id, std::uint32_t value, std::string& out) {
  write_id(id, out);
  write_u32(value, out);
}

void write_subscription_identifier(std::uint32_t identifier, std::string& out) {
  write_id(PropertyId::subscription_identifier, out);
  write_variable_integer(identifier, out);
}

void write_property_fields(PropertyPlace place, const PropertyBlock& block, std::string& out) {
  const auto belongs = [place](PropertyId id) { return (places_of[static_cast<std::size_t>(id)] & bit(place)) != 0; };
  const auto write = [&](PropertyId id, const auto& field) {
    if (!field || !belongs(id)) return;
    write_id(id, out);
    write_value(*field, out);
  };
  write(PropertyId::payload_format_indicator, block.payload_format_indicator);
  write(PropertyId::message_expiry_interval, block.message_expiry_interval);
  write(PropertyId::content_type, block.content_type);
  write(PropertyId::response_topic, block.response_topic);
  write(PropertyId::correlation_data, block.correlation_data);
  write(PropertyId::session_expiry_interval, block.session_expiry_interval);
  write(PropertyId::assigned_client_identifier, block.assigned_client_identifier);
  write(PropertyId::server_keep_alive, block.server_keep_alive);
  write(PropertyId::authentication_method, block.authentication_method);
  write(PropertyId::authentication_data, block.authentication_data);
  write(PropertyId::request_problem_information, block.request_problem_information);
  write(PropertyId::will_delay_interval, block.will_delay_interval);
  write(PropertyId::request_response_information, block.request_response_information);
  write(PropertyId::response_information, block.response_information);
  write(PropertyId::server_reference, block.server_reference);
  write(PropertyId::reason_string, block.reason_string);
  write(PropertyId::receive_maximum, block.receive_maximum);
  write(PropertyId::topic_alias_maximum, block.topic_alias_maximum);
  write(PropertyId::topic_alias, block.topic_alias);
  write(PropertyId::maximum_qos, block.maximum_qos);
  write(PropertyId::retain_available, block.retain_available);
  write(PropertyId::maximum_packet_size, block.maximum_packet_size);
  write(PropertyId::wildcard_subscription_available, block.wildcard_subscription_available);
  write(PropertyId::subscription_identifier_available, block.subscription_identifier_available);
  write(PropertyId::shared_subscription_available, block.shared_subscription_available);
  if (belongs(PropertyId::subscription_identifier))
    for (const std::uint32_t identifier : block.subscription_identifiers)
      write_subscription_identifier(identifier, out);
  for (const auto& [name, value] : block.user_properties) {
    write_id(PropertyId::user_property, out);
    write_string(name, out);
    write_string(value, out);
  }
}

void write_properties(PropertyPlace place, const PropertyBlock* properties, std::string& out) {
  if (!properties) return write_u8(0, out);
  const std::size_t start = out.size();
  write_property_fields(place, *properties, out);
  insert_length(start, out);
}

}  // namespace croft::mqtt
