#include "sql/json_text.h"

#include <charconv>
#include <cstdint>

namespace croft::sql {
namespace {

void append_utf8(std::string& out, std::uint32_t point) {
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xC0 | (point >> 6));
    out += static_cast<char>(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    out += static_cast<char>(0xE0 | (point >> 12));
    out += static_cast<char>(0x80 | ((point >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (point & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (point >> 18));
    out += static_cast<char>(0x80 | ((point >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((point >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (point & 0x3F));
  }
}

bool four_hex_digits(std::string_view text, std::size_t from, std::uint32_t& out) {
  if (from + 4 > text.size()) return false;
  const char* end = text.data() + from + 4;
  const auto [stop, failure] = std::from_chars(text.data() + from, end, out, 16);
  return failure == std::errc() && stop == end;
}

bool unicode_escape(std::string_view text, std::size_t& at, std::string& out) {
  constexpr std::uint32_t replacement = 0xFFFD;  // for half a surrogate pair
  std::uint32_t point = 0;
  if (!four_hex_digits(text, at + 1, point)) return false;
  at += 4;
  if (point >= 0xD800 && point < 0xDC00) {
    std::uint32_t low = 0;
    const bool paired =
        text.substr(at + 1, 2) == "\\u" && four_hex_digits(text, at + 3, low) && low >= 0xDC00 && low < 0xE000;
    if (paired) at += 6;
    point = paired ? 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00) : replacement;
  } else if (point >= 0xDC00 && point < 0xE000) {
    point = replacement;
  }
  append_utf8(out, point);
  return true;
}

}  // namespace

bool read_escape(std::string_view text, std::size_t& at, std::string& out) {
  if (++at >= text.size()) return false;
  switch (text[at]) {
    case '"':
      out += '"';
      return true;
    case '\\':
      out += '\\';
      return true;
    case '/':
      out += '/';
      return true;
    case 'b':
      out += '\b';
      return true;
    case 'f':
      out += '\f';
      return true;
    case 'n':
      out += '\n';
      return true;
    case 'r':
      out += '\r';
      return true;
    case 't':
      out += '\t';
      return true;
    case 'u':
      return unicode_escape(text, at, out);
    default:
      return false;
  }
}

std::string unescaped(std::string_view raw) {
  std::string out;
  out.reserve(raw.size());
  for (std::size_t at = 0; at < raw.size(); ++at) {
    if (raw[at] != '\\')
      out += raw[at];
    else if (!read_escape(raw, at, out))
      break;
  }
  return out;
}

}  // namespace croft::sql
