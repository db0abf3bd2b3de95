// Feeds the input to the WebSocket codec as one piece and in pieces whose sizes the input chooses: payload, answers and
// state must be the same. Then the input is payload itself: framed as a client frames it, it must come out unchanged.
#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "net/websocket.h"
#include "types/assert.h"

namespace {

using croft::net::WebSocketCodec;

constexpr std::uint64_t message_bytes_max = 4096;

struct Decoded {
  std::string payload;
  std::string output;
  WebSocketCodec::State state;
  friend bool operator==(const Decoded&, const Decoded&) = default;
};

// Pieces of 1 to `piece_max` bytes, in an order that `seed` decides.
Decoded decode(std::string_view bytes, std::size_t piece_max, std::uint32_t seed) {
  WebSocketCodec codec(message_bytes_max);
  Decoded decoded;
  while (!bytes.empty()) {
    seed = seed * 1664525 + 1013904223;
    const std::size_t size = piece_max == 0 ? bytes.size() : std::min<std::size_t>(bytes.size(), 1 + (seed >> 8) % piece_max);
    std::string piece(bytes.substr(0, size));  // freed at once: nothing may refer to it
    const std::size_t payload = codec.feed(piece);
    CROFT_ASSERT(payload <= size);
    decoded.payload.append(piece, 0, payload);
    decoded.output += codec.take_output();
    bytes.remove_prefix(size);
  }
  decoded.state = codec.state();
  return decoded;
}

// One message in fragments of at most `fragment_max` bytes, with a ping between them.
std::string framed(std::string_view payload, std::size_t fragment_max) {
  constexpr std::uint8_t mask[] = {0xA1, 0x00, 0x7F, 0x3C};
  std::string out;
  bool first = true;
  do {
    const std::string_view part = payload.substr(0, fragment_max);
    payload.remove_prefix(part.size());
    std::string header = croft::net::binary_frame_header(part.size());
    header[0] = static_cast<char>((payload.empty() ? 0x80 : 0) | (first ? 2 : 0));
    header[1] = static_cast<char>(header[1] | '\x80');
    out += header;
    out.append(reinterpret_cast<const char*>(mask), sizeof mask);
    for (std::size_t i = 0; i < part.size(); ++i) out += static_cast<char>(static_cast<std::uint8_t>(part[i]) ^ mask[i % 4]);
    if (!payload.empty()) out += std::string("\x89\x80\x01\x02\x03\x04", 6);
    first = false;
  } while (!payload.empty());
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::uint32_t seed = size == 0 ? 0 : data[0] * 2654435761u + static_cast<std::uint32_t>(size);

  const Decoded whole = decode(bytes, 0, seed);
  CROFT_ASSERT(whole.payload.size() <= size && whole.output.size() < size + 4);
  CROFT_ASSERT(whole == decode(bytes, 1, seed));
  CROFT_ASSERT(whole == decode(bytes, 64, seed));

  if (size == 0 || size > message_bytes_max) return 0;
  const Decoded echoed = decode(framed(bytes, 1 + seed % 300), 50, seed);
  CROFT_ASSERT(echoed.payload == bytes && echoed.state == WebSocketCodec::State::open);
  return 0;
}
