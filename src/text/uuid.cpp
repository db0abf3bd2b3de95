#include "text/uuid.h"

namespace croft::text {

static constexpr std::size_t text_bytes = 36;

static bool is_dash_place(std::size_t at) { return at == 8 || at == 13 || at == 18 || at == 23; }

static int value_of(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  return -1;
}

Uuid::Uuid(std::string_view text) {
  if (text.size() != text_bytes) return;
  std::array<unsigned char, 16> bytes{};
  std::size_t digits = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (is_dash_place(at)) {
      if (text[at] != '-') return;
      continue;
    }
    const int value = value_of(text[at]);
    if (value < 0) return;
    bytes[digits / 2] = static_cast<unsigned char>(bytes[digits / 2] << 4 | value);
    ++digits;
  }
  bytes_ = bytes;
}

std::string Uuid::text() const {
  constexpr char digits[] = "0123456789abcdef";
  std::string text(text_bytes, '-');
  std::size_t digit = 0;
  for (std::size_t at = 0; at < text_bytes; ++at) {
    if (is_dash_place(at)) continue;
    const unsigned char byte = bytes_[digit / 2];
    text[at] = digits[digit % 2 == 0 ? byte >> 4 : byte & 15];
    ++digit;
  }
  return text;
}

}  // namespace croft::text
