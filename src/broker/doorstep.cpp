#include "broker/doorstep.h"

#include "mqtt/encoder.h"
#include "text/digest.h"

namespace croft::broker {

using mqtt::ReasonCode;

Doorstep::Doorstep(const Settings& settings)
    : settings_(settings), decoder_(mqtt::Decoder::Side::server, settings.packet_bytes_max) {}

Doorstep::Decision Doorstep::refuse(ReasonCode reason, const char* why) {
  Decision decision;
  decision.refused = true;
  decision.why = why;
  const mqtt::Version version = decoder_.version().value_or(mqtt::Version::v3_1_1);
  const bool sayable = version == mqtt::Version::v5 || mqtt::has_return_code(reason);
  if (sayable && (decoder_.version() || reason == ReasonCode::unsupported_protocol_version))
    mqtt::encode(mqtt::Connack{.reason = reason}, version, decision.answer);
  return decision;
}

static bool is_acceptable(std::string_view client_id) {
  for (unsigned char c : client_id)
    if (c < 0x20 || c == 0x7F) return false;  // would travel into topics, logs and rows
  return true;
}

std::optional<Doorstep::Decision> Doorstep::feed(std::span<const char> bytes) {
  std::vector<mqtt::Packet> packets;
  const mqtt::Decoder::One one = decoder_.feed_one(bytes, packets);
  if (one.fault) return refuse(one.fault->reason, one.fault->what);
  if (packets.empty()) return std::nullopt;

  auto& connect = std::get<mqtt::Connect>(packets.front());
  if (connect.client_id.size() > settings_.client_id_bytes_max || !is_acceptable(connect.client_id)) {
    return refuse(ReasonCode::client_identifier_not_valid, "client id too long or with control characters");
  }
  Decision decision;
  if (connect.client_id.empty()) {
    if (connect.version == mqtt::Version::v3_1_1 && !connect.clean_start) {
      return refuse(ReasonCode::client_identifier_not_valid, "no client id for a session that is to be kept");
    }
    connect.client_id = text::random_uuid();
    decision.assigned_client_id = true;
  }
  decision.connect = std::move(connect);
  decision.rest.assign(bytes.begin() + static_cast<std::ptrdiff_t>(one.consumed), bytes.end());
  return decision;
}

}  // namespace croft::broker
