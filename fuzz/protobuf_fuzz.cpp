// Descriptor sets and messages from anywhere: reading and decoding never throw, hang or overrun.
// Input: two bytes of the descriptor set's length, the set, the message. Every message type "M" of "f" is tried.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sql/protobuf.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace croft;
  if (size < 2) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::size_t length = std::min<std::size_t>(data[0] | data[1] << 8, rest.size());
  const auto schema = sql::ProtobufSchema::read(rest.substr(0, length));
  if (!schema) return 0;
  const auto value = (*schema)->decode("f", "M", rest.substr(length));
  if (value) (void)sql::write_json(*value, sql::SqlVersion::v2016_03_23, SIZE_MAX);
  return 0;
}
