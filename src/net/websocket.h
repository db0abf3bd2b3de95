#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "net/limits.h"

namespace croft::net {

// Status codes of a close frame. Source: RFC 6455, 7.4.1.
enum class CloseCode : std::uint16_t {
  normal = 1000,
  going_away = 1001,
  protocol_error = 1002,
  unsupported_data = 1003,
  no_status = 1005,  // never sent: the close frame had no body
  invalid_payload = 1007,
  message_too_big = 1009,
};

// The server's side of one WebSocket connection (RFC 6455) as a pure object: received bytes in, the payload of binary
// messages out. Pings and the close frame are answered; a text message ends the connection with 1003, a fault with
// 1002, 1007 or 1009. Payload goes on as it arrives, whole message or not: MQTT packets are not aligned to frames
// (MQTT 5.0, 6.0).
//
// Cost: one pass over the bytes, in place. Memory: a control frame's 125 bytes and what take_output() holds: less than
// what was fed, and a close frame.
class WebSocketCodec {
 public:
  enum class State {
    open,
    closed_by_peer,  // its close frame came, the answer is in take_output()
    failed,          // it broke the protocol, take_output() holds the close frame that says so
  };

  explicit WebSocketCodec(std::uint64_t message_bytes_max = limits::websocket_message_bytes_max)
      : message_bytes_max_(message_bytes_max) {}

  // Takes received bytes and overwrites them: the payload is at their front afterwards; returns how much. What comes
  // behind the end of the connection is dropped.
  std::size_t feed(std::span<char> bytes);
  // Frames to be sent.
  std::string take_output();
  State state() const { return state_; }

 private:
  enum class Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

  bool is_control() const { return static_cast<std::uint8_t>(opcode_) >= 8; }
  std::size_t header_size() const;
  std::size_t take_header(std::span<const char> bytes);
  void judge_first_byte();
  void judge_second_byte();
  void begin_frame();
  void unmask(std::span<char> payload);
  void end_frame();
  void answer_close();
  void fail(CloseCode code);

  const std::uint64_t message_bytes_max_;
  State state_ = State::open;
  std::array<std::uint8_t, 14> header_{};
  std::size_t header_bytes_ = 0;    // received of it
  bool in_frame_ = false;           // its header is whole
  Opcode opcode_ = Opcode::binary;  // of the frame
  bool final_ = true;
  std::uint64_t left_ = 0;          // payload of the frame that is still to come
  std::size_t mask_at_ = 0;
  bool in_message_ = false;         // a fragment came and its continuation is awaited
  std::uint64_t message_bytes_ = 0;
  std::string control_;             // payload of a control frame
  std::string output_;
};

// The header of an unmasked, unfragmented binary message with so much payload.
std::string binary_frame_header(std::uint64_t payload_bytes);
// A close frame without reason text.
std::string close_frame(CloseCode code);

}  // namespace croft::net
