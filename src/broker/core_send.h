#pragma once

#include "broker/core.h"
#include "mqtt/encoder.h"

namespace croft::broker {

template <class Packet>
bool Core::answer(const Connection& connection, const Packet& packet, std::string& lane) {
  const std::size_t before = lane.size();
  mqtt::encode(packet, connection.version, lane);
  const bool fits = lane.size() - before <= connection.maximum_packet_size;
  if (!fits) lane.resize(before);
  return fits;
}

// One control packet to the peer of a connection.
template <class Packet>
bool Core::send(const Connection& connection, const Packet& packet) {
  return answer(connection, packet, connection.outlet->bytes());
}

}  // namespace croft::broker
