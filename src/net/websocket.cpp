#include "net/websocket.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "text/encoding.h"

namespace croft::net {

namespace {

constexpr std::uint8_t final_bit = 0x80, reserved_bits = 0x70, opcode_bits = 0x0F;
constexpr std::uint8_t mask_bit = 0x80, length_bits = 0x7F;
constexpr std::uint8_t length_in_2_bytes = 126, length_in_8_bytes = 127;
constexpr std::size_t control_bytes_max = 125;  // RFC 6455, 5.5
constexpr std::size_t mask_bytes = 4;

std::size_t extended_length_bytes(std::uint8_t short_length) {
  if (short_length == length_in_2_bytes) return 2;
  return short_length == length_in_8_bytes ? 8 : 0;
}

void append_big_endian(std::string& out, std::uint64_t number, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(number >> (8 * i) & 0xFF);
}

std::string frame_header(std::uint8_t opcode, std::uint64_t payload_bytes) {
  std::string out(1, static_cast<char>(final_bit | opcode));
  if (payload_bytes < length_in_2_bytes) {
    out += static_cast<char>(payload_bytes);
  } else if (payload_bytes <= 0xFFFF) {
    out += static_cast<char>(length_in_2_bytes);
    append_big_endian(out, payload_bytes, 2);
  } else {
    out += static_cast<char>(length_in_8_bytes);
    append_big_endian(out, payload_bytes, 8);
  }
  return out;
}

// What a peer may put into a close frame. Source: RFC 6455, 7.4, and the IANA registry behind it.
bool is_sendable(std::uint16_t code) {
  const bool is_defined = code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
  return is_defined || (code >= 3000 && code <= 4999);
}

}  // namespace

std::string binary_frame_header(std::uint64_t payload_bytes) { return frame_header(2, payload_bytes); }

std::string close_frame(CloseCode code) {
  if (code == CloseCode::no_status) return frame_header(8, 0);
  std::string out = frame_header(8, 2);
  append_big_endian(out, static_cast<std::uint16_t>(code), 2);
  return out;
}

std::size_t WebSocketCodec::feed(std::span<char> bytes) {
  std::size_t payload = 0, at = 0;
  while (at < bytes.size() && state_ == State::open) {
    if (!in_frame_) {
      at += take_header(bytes.subspan(at));
      continue;
    }
    const std::size_t count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size() - at));
    const std::span<char> piece = bytes.subspan(at, count);
    unmask(piece);
    if (is_control()) {
      control_.append(piece.data(), count);
    } else {
      if (payload != at) std::memmove(bytes.data() + payload, piece.data(), count);
      payload += count;
    }
    at += count;
    left_ -= count;
    if (left_ == 0) end_frame();
  }
  return payload;
}

std::string WebSocketCodec::take_output() { return std::exchange(output_, {}); }

std::size_t WebSocketCodec::header_size() const {
  return header_bytes_ < 2 ? 2 : 2 + extended_length_bytes(header_[1] & length_bits) + mask_bytes;
}

// Takes bytes until the header is whole; returns how many. A fault is told by the byte that makes it.
std::size_t WebSocketCodec::take_header(std::span<const char> bytes) {
  std::size_t taken = 0;
  while (taken < bytes.size() && state_ == State::open && !in_frame_) {
    header_[header_bytes_++] = static_cast<std::uint8_t>(bytes[taken++]);
    if (header_bytes_ == 1) judge_first_byte();
    if (header_bytes_ == 2) judge_second_byte();
    if (state_ == State::open && header_bytes_ == header_size()) begin_frame();
  }
  return taken;
}

// No extension is ever agreed on, so the reserved bits are 0. Source: RFC 6455, 5.2 and 5.4.
void WebSocketCodec::judge_first_byte() {
  const std::uint8_t opcode = header_[0] & opcode_bits;
  final_ = (header_[0] & final_bit) != 0;
  opcode_ = static_cast<Opcode>(opcode);
  if ((header_[0] & reserved_bits) != 0 || (opcode > 2 && opcode < 8) || opcode > 10) return fail(CloseCode::protocol_error);
  if (is_control()) {
    if (!final_) fail(CloseCode::protocol_error);
    return;
  }
  if (in_message_ != (opcode_ == Opcode::continuation)) return fail(CloseCode::protocol_error);
  if (opcode_ == Opcode::text) fail(CloseCode::unsupported_data);  // MQTT 5.0, 6.0: binary only
}

// A client masks every frame. Source: RFC 6455, 5.1.
void WebSocketCodec::judge_second_byte() {
  if (state_ != State::open) return;
  const bool is_long_control = is_control() && (header_[1] & length_bits) > control_bytes_max;
  if ((header_[1] & mask_bit) == 0 || is_long_control) fail(CloseCode::protocol_error);
}

void WebSocketCodec::begin_frame() {
  const std::uint8_t short_length = header_[1] & length_bits;
  const std::size_t extended = extended_length_bytes(short_length);
  std::uint64_t length = extended == 0 ? short_length : 0;
  for (std::size_t i = 0; i < extended; ++i) length = length << 8 | header_[2 + i];
  const bool is_minimal = extended == 0 || (extended == 2 ? length >= length_in_2_bytes : length > 0xFFFF);
  if (!is_minimal || (length >> 63) != 0) return fail(CloseCode::protocol_error);
  if (!is_control()) {
    if (opcode_ != Opcode::continuation) message_bytes_ = 0;
    if (length > message_bytes_max_ - message_bytes_) return fail(CloseCode::message_too_big);
    message_bytes_ += length;
  }
  in_frame_ = true;
  left_ = length;
  mask_at_ = 0;
  control_.clear();
  if (left_ == 0) end_frame();
}

void WebSocketCodec::unmask(std::span<char> payload) {
  std::array<std::uint8_t, mask_bytes> mask;
  for (std::size_t i = 0; i < mask_bytes; ++i) mask[i] = header_[header_bytes_ - mask_bytes + (mask_at_ + i) % mask_bytes];
  for (std::size_t i = 0; i < payload.size(); ++i)
    payload[i] = static_cast<char>(static_cast<std::uint8_t>(payload[i]) ^ mask[i % mask_bytes]);
  mask_at_ = (mask_at_ + payload.size()) % mask_bytes;
}

void WebSocketCodec::end_frame() {
  in_frame_ = false;
  header_bytes_ = 0;
  if (!is_control()) in_message_ = !final_;
  else if (opcode_ == Opcode::ping) output_ += frame_header(10, control_.size()) + control_;
  else if (opcode_ == Opcode::close) answer_close();
}

// Echoes the peer's status. Source: RFC 6455, 5.5.1.
void WebSocketCodec::answer_close() {
  if (control_.size() == 1) return fail(CloseCode::protocol_error);
  CloseCode code = CloseCode::no_status;
  if (control_.size() >= 2) {
    const auto high = static_cast<std::uint8_t>(control_[0]), low = static_cast<std::uint8_t>(control_[1]);
    const auto stated = static_cast<std::uint16_t>(high << 8 | low);
    if (!is_sendable(stated)) return fail(CloseCode::protocol_error);
    if (!text::is_utf8(std::string_view(control_).substr(2))) return fail(CloseCode::invalid_payload);
    code = static_cast<CloseCode>(stated);
  }
  state_ = State::closed_by_peer;
  output_ += close_frame(code);
}

void WebSocketCodec::fail(CloseCode code) {
  if (state_ != State::open) return;
  state_ = State::failed;
  output_ += close_frame(code);
}

}  // namespace croft::net
