#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace croft {

// Numbers in the keys of rows: big-endian, so that the order of keys is the order of numbers.
template <class Integer>
void put_big_endian(std::string& out, Integer value) {
  for (int shift = static_cast<int>(sizeof value) * 8 - 8; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift);
}

inline std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (unsigned char c : bytes) value = value << 8 | c;
  return value;
}

}  // namespace croft
