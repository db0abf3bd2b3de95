// Writers for the data types of MQTT 5.0, 1.5. All append to `out`, except the insert ones.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "mqtt/limits.h"
#include "types/assert.h"

namespace croft::mqtt {

inline void write_u8(std::uint8_t value, std::string& out) {
  out.push_back(static_cast<char>(value));
}

inline void write_u16(std::uint16_t value, std::string& out) {
  const char bytes[] = {static_cast<char>(value >> 8), static_cast<char>(value)};
  out.append(bytes, sizeof bytes);
}

inline void write_u32(std::uint32_t value, std::string& out) {
  write_u16(static_cast<std::uint16_t>(value >> 16), out);
  write_u16(static_cast<std::uint16_t>(value), out);
}

inline void write_string(std::string_view value, std::string& out) {
  CROFT_ASSERT(value.size() <= limits::string_bytes_max);
  write_u16(static_cast<std::uint16_t>(value.size()), out);
  out.append(value);
}

// A variable byte integer, on the stack.
class VariableInteger {
 public:
  explicit VariableInteger(std::size_t value) {
    CROFT_ASSERT(value <= limits::variable_integer_max);
    do {
      const auto low = static_cast<unsigned char>(value & 0x7F);
      value >>= 7;
      bytes_[size_++] = static_cast<char>(value > 0 ? low | 0x80 : low);
    } while (value > 0);
  }
  std::string_view view() const { return {bytes_.data(), size_}; }

 private:
  std::array<char, limits::variable_integer_bytes_max> bytes_{};
  std::size_t size_ = 0;
};

inline void write_variable_integer(std::size_t value, std::string& out) {
  out.append(VariableInteger(value).view());
}

// Puts the length of what was written since `start` in front of it: cheaper to move some bytes once than to measure
// every packet beforehand.
inline void insert_length(std::size_t start, std::string& out) {
  out.insert(start, VariableInteger(out.size() - start).view());
}

// As insert_length, with the first byte of the fixed header; `following` bytes of the packet come later.
inline void insert_fixed_header(std::uint8_t first_byte, std::size_t start, std::size_t following, std::string& out) {
  const VariableInteger length(out.size() - start + following);
  char header[1 + limits::variable_integer_bytes_max] = {static_cast<char>(first_byte)};
  length.view().copy(header + 1, length.view().size());
  out.insert(start, header, 1 + length.view().size());
}

}  // namespace croft::mqtt
