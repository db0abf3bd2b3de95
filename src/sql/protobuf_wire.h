#pragma once

#include <cstdint>
#include <string_view>

namespace croft::sql {

// Reads protobuf's wire format from bytes that may hold anything. Every function returns false when the bytes are not of
// that form, and leaves the position anywhere. Source: "Protocol Buffers", Encoding.
class WireReader {
 public:
  enum Type : std::uint8_t { varint = 0, fixed64 = 1, bytes = 2, group = 3, end_group = 4, fixed32 = 5 };
  struct Tag {
    std::uint32_t number = 0;
    Type type = varint;
  };

  explicit WireReader(std::string_view input) : rest_(input) {}

  bool at_end() const { return rest_.empty(); }

  bool read(Tag& tag) {
    std::uint64_t value = 0;
    if (!read_varint(value) || value > UINT32_MAX || (value & 7) > fixed32) return false;
    tag = {static_cast<std::uint32_t>(value >> 3), static_cast<Type>(value & 7)};
    return tag.number != 0;
  }

  bool read_varint(std::uint64_t& value) {
    value = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
      if (rest_.empty()) return false;
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      value |= std::uint64_t{byte & 0x7Fu} << shift;  // of the tenth byte one bit fits, as in protobuf's parsers
      if (byte < 0x80) return true;
    }
    return false;
  }

  bool read_fixed(std::size_t count, std::uint64_t& value) {
    if (rest_.size() < count) return false;
    value = 0;
    for (std::size_t i = 0; i < count; ++i) value |= std::uint64_t{static_cast<unsigned char>(rest_[i])} << (8 * i);
    rest_.remove_prefix(count);
    return true;
  }

  bool read_bytes(std::string_view& value) {
    std::uint64_t size = 0;
    if (!read_varint(size) || size > rest_.size()) return false;
    value = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return true;
  }

  // Past the field of this tag; a group with all that is in it.
  bool skip(Tag tag, int depth_left) {
    std::uint64_t number = 0;
    std::string_view text;
    switch (tag.type) {
      case varint: return read_varint(number);
      case fixed64: return read_fixed(8, number);
      case fixed32: return read_fixed(4, number);
      case bytes: return read_bytes(text);
      case group: return depth_left > 0 && skip_group(tag.number, depth_left - 1);
      case end_group: return false;
    }
    return false;
  }

 private:
  bool skip_group(std::uint32_t number, int depth_left) {
    for (Tag tag; read(tag);) {
      if (tag.type == end_group) return tag.number == number;
      if (!skip(tag, depth_left)) return false;
    }
    return false;
  }

  std::string_view rest_;
};

}  // namespace croft::sql
