#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "mqtt/limits.h"
#include "mqtt/packets.h"
#include "mqtt/topic.h"

namespace croft::mqtt {

// Reads the data types of MQTT 5.0, 1.5 from the body of one packet. The first failure stands and empties the rest:
// later reads give zeros and empty views, so a sequence of reads needs one check, at its end. Views are into the
// body.
class WireReader {
 public:
  explicit WireReader(std::string_view body) : rest_(body) {}

  void fail(ReasonCode reason, const char* what) {
    if (!fault_) fault_ = Fault{reason, what};
    rest_ = {};
  }
  const std::optional<Fault>& fault() const { return fault_; }
  bool at_end() const { return rest_.empty(); }

  std::uint8_t u8() { return static_cast<std::uint8_t>(big_endian(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(big_endian(2)); }
  std::uint32_t u32() { return big_endian(4); }

  std::uint32_t variable_integer() {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < limits::variable_integer_bytes_max; ++i) {
      const std::uint8_t byte = u8();
      value |= static_cast<std::uint32_t>(byte & 0x7F) << (7 * i);
      if ((byte & 0x80) != 0) continue;
      if (byte == 0 && i > 0) fail(ReasonCode::malformed_packet, "variable byte integer longer than needed");
      return fault_ ? 0 : value;
    }
    fail(ReasonCode::malformed_packet, "variable byte integer of more than four bytes");
    return 0;
  }

  std::string_view bytes(std::size_t count) {
    if (count > rest_.size()) {
      fail(ReasonCode::malformed_packet, "packet ends inside a field");
      return {};
    }
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  std::string_view binary() {
    const std::size_t length = u16();
    return bytes(length);
  }
  std::string_view string() {
    const std::string_view read = binary();
    if (!is_valid_string(read)) {
      fail(ReasonCode::malformed_packet, "string is not UTF-8 or has U+0000");
      return {};
    }
    return read;
  }
  std::string_view rest() { return bytes(rest_.size()); }

  std::uint16_t packet_id() {
    const std::uint16_t id = u16();
    if (id == 0) fail(ReasonCode::protocol_error, "packet id is 0");
    return id;
  }

 private:
  std::uint32_t big_endian(std::size_t count) {
    std::uint32_t value = 0;
    for (const char byte : bytes(count)) value = value << 8 | static_cast<unsigned char>(byte);
    return value;
  }

  std::string_view rest_;
  std::optional<Fault> fault_;
};

}  // namespace croft::mqtt
