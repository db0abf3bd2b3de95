#include "broker/message_row.h"

#include <climits>
#include <optional>

#include "mqtt/decoder.h"
#include "mqtt/encoder.h"

namespace croft::broker {

namespace {

constexpr char format = 2;         // 1 has no time of publication
constexpr char traced_format = 3;  // the id of its trace follows

void put_number(std::string& out, std::uint64_t value, int bytes) {
  for (int shift = bytes * 8 - 8; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift);
}

std::optional<std::uint64_t> take_number(std::string_view& row, std::size_t bytes) {
  if (row.size() < bytes) return std::nullopt;
  std::uint64_t value = 0;
  for (unsigned char c : row.substr(0, bytes)) value = value << 8 | c;
  row.remove_prefix(bytes);
  return value;
}

bool take_field(std::string_view& row, std::string& field) {
  const auto length = take_number(row, 4);
  if (!length || row.size() < *length) return false;
  field = row.substr(0, *length);
  row.remove_prefix(*length);
  return true;
}

}  // namespace

std::string to_row(const Message& message) {
  std::string row(1, message.trace() ? traced_format : format);
  put_number(row, static_cast<std::uint64_t>(message.expires_at() ? message.expires_at()->ms : 0), 8);
  put_number(row, static_cast<std::uint64_t>(message.published_at().ms), 8);
  if (message.trace()) row += message.trace().bytes();
  const Source& source = *message.source();
  for (const std::string* field : {&source.client_id, &source.principal, &source.source_ip}) {
    put_number(row, field->size(), 4);
    row += *field;
  }
  mqtt::PublishView view = message.view(message.qos(), message.retain());
  view.packet_id = 1;  // a PUBLISH with QoS 1 or 2 has one
  mqtt::encode(view, mqtt::Version::v5, {}, row);
  return row;
}

Result<MessagePtr> message_from_row(std::string_view row, unsigned republish_hops, bool will) {
  const Error damaged{"StoreFormat", "the row of a message is damaged"};
  Message::Content content;
  if (row.empty() || row.front() < 1 || row.front() > traced_format) return damaged;
  const bool has_time = row.front() >= format;
  const bool has_trace = row.front() == traced_format;
  row.remove_prefix(1);
  const auto expires_ms = take_number(row, 8);
  const auto published_ms = has_time ? take_number(row, 8) : 0;
  if (!published_ms) return damaged;
  content.published_at = Timestamp{static_cast<std::int64_t>(*published_ms)};
  if (has_trace) {
    if (row.size() < trace::Id::size) return damaged;
    content.trace = trace::Id(row.substr(0, trace::Id::size));
    row.remove_prefix(trace::Id::size);
  }
  std::string client_id, principal, source_ip;
  if (!expires_ms || !take_field(row, client_id) || !take_field(row, principal) || !take_field(row, source_ip)) return damaged;
  if (*expires_ms != 0) content.expires_at = Timestamp{static_cast<std::int64_t>(*expires_ms)};
  mqtt::Decoder decoder(mqtt::Decoder::Side::client, UINT32_MAX);
  decoder.set_version(mqtt::Version::v5);
  std::vector<mqtt::Packet> packets;
  if (decoder.feed({row.data(), row.size()}, packets) || packets.size() != 1) return damaged;
  auto* packet = std::get_if<mqtt::Publish>(&packets.front());
  if (!packet) return damaged;
  content.topic = packet->topic;
  content.payload = packet->payload;
  content.qos = packet->qos;
  content.retain = packet->retain;
  content.properties = std::move(packet->properties);
  content.source = make_source(std::move(client_id), std::move(principal), std::move(source_ip));
  content.republish_hops = republish_hops;
  content.will = will;
  return make_message(std::move(content));
}

}  // namespace croft::broker
