#pragma once

#include "broker/core.h"
#include "mqtt/encoder.h"

namespace croft::broker {

template <class Packet>
void Core::answer(const Connection& connection, const Packet& packet, std::string& lane) {
  mqtt::encode(packet, connection.version, lane);
}

// One control packet to the peer of a connection.
template <class Packet>
void Core::send(const Connection& connection, const Packet& packet) {
  answer(connection, packet, connection.outlet->bytes());
}

}  // namespace croft::broker
