#include "broker/message.h"

#include <algorithm>

#include "broker/limits.h"

namespace croft::broker {

mqtt::PublishView Message::view(mqtt::QoS qos, bool retain) const {
  return {.topic = content_.topic,
          .payload = content_.payload.view(),
          .qos = qos,
          .retain = retain,
          .properties = content_.properties ? &content_.properties : nullptr};
}

const mqtt::PublishWire& Message::wire(mqtt::Version version, mqtt::QoS qos) const {
  Wire& wire = wires_[(version == mqtt::Version::v5 ? 3u : 0u) + static_cast<std::size_t>(qos)];
  std::call_once(wire.built, [&] { wire.form = mqtt::encode_publish(view(qos, false), version); });
  return wire.form;
}

std::optional<Timestamp> expiry_of(const mqtt::Properties& properties, Timestamp at) {
  const mqtt::PropertyBlock* block = properties.get();
  if (!block || !block->message_expiry_interval) return std::nullopt;
  const std::uint32_t seconds =
      std::clamp(*block->message_expiry_interval, limits::message_expiry_min_s, limits::message_expiry_max_s);
  return Timestamp{at.ms + std::int64_t{seconds} * 1000};
}

}  // namespace croft::broker
