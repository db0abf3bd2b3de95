#pragma once

#include "broker/core.h"
#include "mqtt/encoder.h"

namespace croft::broker {

// One control packet to the peer of a connection.
template <class Packet>
void Core::send(const Connection& connection, const Packet& packet) {
  std::string bytes;
  mqtt::encode(packet, connection.version, bytes);
  outputs_.send(connection.id, bytes);
}

}  // namespace croft::broker
