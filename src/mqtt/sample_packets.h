// For tests: packets that use every field, and the bytes of packets built by hand.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "mqtt/decoder.h"
#include "mqtt/encoder.h"
#include "mqtt/packets.h"

namespace croft::mqtt::samples {

// Every packet that travels towards `receiver` in `version`, with and without its optional parts.
std::vector<Packet> packets(Decoder::Side receiver, Version version);

// A decoder that is past CONNECT.
Decoder decoder(Decoder::Side side, Version version);

std::string encoded(const Packet& packet, Version version);

std::string bytes(std::initializer_list<int> values);

// The two-byte length and the text.
std::string string(std::string_view text);

// A whole packet: first byte, remaining length, body.
std::string packet(int first_byte, const std::string& body);

}  // namespace croft::mqtt::samples
