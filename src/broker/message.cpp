#include "broker/message.h"

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

}  // namespace croft::broker
