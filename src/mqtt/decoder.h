#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mqtt/packets.h"

namespace croft::mqtt {

// Turns the bytes of one connection, in pieces of any size, into packets.
//
// Threads: one at a time; may be moved to another thread between calls. Cost: a packet that arrives in one piece is
// read in place, its payload copied once; an unfinished one is collected in a buffer that grows with what was
// received and never with what was announced. Never throws for bad bytes: after the first Fault the stream is lost
// and every later call returns that Fault again.
class Decoder {
 public:
  enum class Side {
    server,  // accepts what clients send
    client,  // accepts what servers send
  };

  // `packet_bytes_max` bounds a whole packet, fixed header included, as Maximum Packet Size does.
  Decoder(Side side, std::uint32_t packet_bytes_max) : side_(side), packet_bytes_max_(packet_bytes_max) {}

  // Appends every whole packet to `out`, also those before a fault, and keeps a copy of an unfinished tail; nothing
  // refers to `bytes` afterwards. A packet over the limit, of a type that this side may not receive or with wrong
  // flags is refused as soon as its fixed header is known. On the server side only CONNECT is legal at first, and
  // bounded by limits::connect_bytes_max; a second CONNECT decodes, for the broker to judge.
  std::optional<Fault> feed(std::span<const char> bytes, std::vector<Packet>& out);

  // As feed, but stops after the first packet, so that the rest can be decoded elsewhere. Without a packet and
  // without a fault all bytes were taken and more are needed.
  struct One {
    std::size_t consumed = 0;  // of `bytes`
    std::optional<Fault> fault;
  };
  One feed_one(std::span<const char> bytes, std::vector<Packet>& out);

  // The cheap way for the packet that comes most: when `bytes` begin with a whole PUBLISH without a fault, and no
  // unfinished packet waits, `out` views it in place and its size is returned. 0: feed_one() says what it is.
  std::size_t take_publish(std::span<const char> bytes, InboundPublish& out) const;

  // The unfinished tail, which the decoder then forgets: feed it, before new bytes, to whoever goes on.
  std::string take_rest();

  // Server side: known once the protocol level of CONNECT was read, even when the rest of that CONNECT was refused.
  // Absent after unsupported_protocol_version: answer with a Connack in the 3.1.1 form, which every version reads.
  std::optional<Version> version() const { return version_; }

  // Client side: what its CONNECT says, before the first feed; 3.1.1 without it. Server side: goes on with a
  // connection whose CONNECT was decoded elsewhere.
  void set_version(Version version);

  // Holds from the next feed on.
  void set_packet_bytes_max(std::uint32_t packet_bytes_max) { packet_bytes_max_ = packet_bytes_max; }

 private:
  // What a fixed header says. `header_bytes` is 0 while it is not complete.
  struct Frame {
    std::size_t header_bytes = 0;
    std::size_t packet_bytes = 0;  // with the header
  };

  // Both take bytes until a packet is out, a fault stands, or no byte is left; they return how many.
  std::size_t take(std::string_view bytes, std::vector<Packet>& out);
  std::size_t take_into_tail(std::string_view bytes, std::vector<Packet>& out);
  Frame read_frame(std::string_view bytes);
  void check_first_byte(std::uint8_t first_byte);
  void check_length(const Frame& frame);
  void decode(std::string_view packet, const Frame& frame, std::vector<Packet>& out);
  void fail(ReasonCode reason, const char* what);

  Side side_;
  bool connect_seen_ = false;
  std::uint32_t packet_bytes_max_;
  std::optional<Version> version_;
  std::optional<Fault> fault_;
  std::string tail_;  // starts with a fixed header, whole or not
};

}  // namespace croft::mqtt
