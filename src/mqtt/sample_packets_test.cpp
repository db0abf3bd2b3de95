#include "mqtt/sample_packets.h"

#include "mqtt/wire_writer.h"

namespace croft::mqtt::samples {

namespace {

Properties message_properties() {
  Properties properties;
  PropertyBlock& block = properties.edit();
  block.payload_format_indicator = 1;
  block.message_expiry_interval = 3600;
  block.content_type = "application/json";
  block.response_topic = "answers/1";
  block.correlation_data = std::string("\0\xFF#", 3);
  block.user_properties = {{"b", "2"}, {"a", "1"}, {"b", ""}};
  return properties;
}

Properties reason_properties() {
  Properties properties;
  properties.edit().reason_string = "because";
  properties.edit().user_properties = {{"k", "v"}};
  return properties;
}

Properties user_properties() {
  Properties properties;
  properties.edit().user_properties = {{"k", "v"}, {"k", "v"}};
  return properties;
}

Connect full_connect(Version version) {
  Connect connect{.version = version, .clean_start = false, .keep_alive_s = 65535, .client_id = "d\xC3\xA4mmer-1"};
  connect.will =
      Will{.topic = "wills/1", .payload = std::string("\0gone", 5), .qos = QoS::at_least_once, .retain = true};
  connect.user_name = "?SDK=x";
  connect.password = std::string("\0\x80pass", 6);
  if (version == Version::v3_1_1) return connect;

  PropertyBlock& block = connect.properties.edit();
  block.session_expiry_interval = 0xFFFFFFFF;
  block.receive_maximum = 1;
  block.maximum_packet_size = 512;
  block.topic_alias_maximum = 8;
  block.request_problem_information = false;
  block.request_response_information = true;
  block.authentication_method = "SCRAM";
  block.authentication_data = std::string("\0", 1);
  block.user_properties = {{"", ""}};
  connect.will->properties = message_properties();
  connect.will->properties.edit().will_delay_interval = 5;
  return connect;
}

Connack full_connack() {
  Connack connack{.session_present = true, .reason = ReasonCode::success, .properties = reason_properties()};
  PropertyBlock& block = connack.properties.edit();
  block.session_expiry_interval = 3600;
  block.receive_maximum = 100;
  block.maximum_qos = 1;
  block.retain_available = true;
  block.maximum_packet_size = 149504;
  block.assigned_client_identifier = "assigned";
  block.topic_alias_maximum = 8;
  block.wildcard_subscription_available = true;
  block.subscription_identifier_available = false;
  block.shared_subscription_available = true;
  block.server_keep_alive = 1200;
  block.response_information = "info";
  block.server_reference = "elsewhere";
  block.authentication_method = "SCRAM";
  block.authentication_data = "data";
  return connack;
}

template <class P>
void add_acks(Version version, std::vector<Packet>& out) {
  out.push_back(P{.packet_id = 1});
  if (version == Version::v3_1_1) return;
  constexpr bool is_release = P::type == PacketType::pubrel || P::type == PacketType::pubcomp;
  constexpr ReasonCode reason = is_release ? ReasonCode::packet_identifier_not_found : ReasonCode::not_authorized;
  out.push_back(P{.packet_id = 65535, .reason = reason});
  out.push_back(P{.packet_id = 256, .reason = reason, .properties = reason_properties()});
}

void add_both_ways(Version version, std::vector<Packet>& out) {
  out.push_back(Publish{.topic = "a/b", .payload = ""});
  out.push_back(Publish{
      .topic = "/", .payload = std::string(300, 'x'), .qos = QoS::at_least_once, .dup = true, .packet_id = 7});
  out.push_back(Publish{.topic = "t", .payload = "p", .qos = QoS::exactly_once, .retain = true, .packet_id = 65535});
  if (version == Version::v5) {
    out.push_back(Publish{.topic = "t", .payload = "p", .properties = message_properties()});
    Publish aliased{.payload = "p"};
    aliased.properties.edit().topic_alias = 1;
    out.push_back(aliased);
  }
  add_acks<Puback>(version, out);
  add_acks<Pubrec>(version, out);
  add_acks<Pubrel>(version, out);
  add_acks<Pubcomp>(version, out);
}

void add_from_client(Version version, std::vector<Packet>& out) {
  out.push_back(Connect{.version = version});
  out.push_back(full_connect(version));
  out.push_back(
      Subscribe{.packet_id = 1, .subscriptions = {{.filter = "a/+/#", .qos = QoS::at_least_once}, {.filter = "b"}}});
  out.push_back(Unsubscribe{.packet_id = 2, .filters = {"a/+/#", "$share/g/b"}});
  out.push_back(Pingreq{});
  out.push_back(Disconnect{});
  if (version == Version::v3_1_1) return;
  Subscribe subscribe{.packet_id = 3, .properties = user_properties()};
  subscribe.subscriptions = {{"#", QoS::exactly_once, true, true, 2},
                             {"$share/g/b", QoS::at_most_once, false, false, 1}};
  subscribe.properties.edit().subscription_identifiers = {limits::variable_integer_max};
  out.push_back(subscribe);
  out.push_back(Unsubscribe{.packet_id = 2, .filters = {"x"}, .properties = user_properties()});
  out.push_back(Disconnect{.reason = ReasonCode::disconnect_with_will});
  Disconnect disconnect{.properties = reason_properties()};
  disconnect.properties.edit().session_expiry_interval = 0;
  out.push_back(disconnect);
}

void add_from_server(Version version, std::vector<Packet>& out) {
  out.push_back(Connack{});
  out.push_back(Connack{.reason = ReasonCode::client_identifier_not_valid});
  out.push_back(Suback{.packet_id = 1, .reasons = {ReasonCode::granted_qos_1, ReasonCode::unspecified_error}});
  out.push_back(Unsuback{.packet_id = 2});
  if (version == Version::v5) std::get<Unsuback>(out.back()).reasons = {ReasonCode::no_subscription_existed};
  out.push_back(Pingresp{});
  if (version == Version::v3_1_1) return;
  out.push_back(full_connack());
  Publish identified{.topic = "t", .payload = "p", .properties = message_properties()};
  identified.properties.edit().subscription_identifiers = {1, 127, 128, 16384};
  out.push_back(identified);
  out.push_back(Suback{.packet_id = 9, .reasons = {ReasonCode::not_authorized}, .properties = reason_properties()});
  out.push_back(Unsuback{.packet_id = 9, .reasons = {ReasonCode::success}, .properties = reason_properties()});
  out.push_back(Disconnect{.reason = ReasonCode::session_taken_over});
  Disconnect moved{.reason = ReasonCode::server_moved};
  moved.properties.edit().server_reference = "elsewhere";
  out.push_back(moved);
}

}  // namespace

std::vector<Packet> packets(Decoder::Side receiver, Version version) {
  std::vector<Packet> out;
  add_both_ways(version, out);
  if (receiver == Decoder::Side::server)
    add_from_client(version, out);
  else
    add_from_server(version, out);
  if (version == Version::v5) {
    Auth auth{.reason = ReasonCode::continue_authentication, .properties = reason_properties()};
    auth.properties.edit().authentication_method = "SCRAM";
    auth.properties.edit().authentication_data = "challenge";
    out.push_back(auth);
    out.push_back(Auth{});
  }
  return out;
}

Decoder decoder(Decoder::Side side, Version version) {
  Decoder made(side, 1 << 20);
  made.set_version(version);
  return made;
}

std::string encoded(const Packet& packet, Version version) {
  std::string out;
  encode(packet, version, out);
  return out;
}

std::string bytes(std::initializer_list<int> values) {
  std::string out;
  for (const int value : values) out.push_back(static_cast<char>(value));
  return out;
}

std::string string(std::string_view text) {
  std::string out;
  write_string(text, out);
  return out;
}

std::string packet(int first_byte, const std::string& body) {
  std::string out = body;
  insert_fixed_header(static_cast<std::uint8_t>(first_byte), 0, 0, out);
  return out;
}

}  // namespace croft::mqtt::samples
