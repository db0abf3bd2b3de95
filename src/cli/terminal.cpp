#include "cli/terminal.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "cli/limits.h"
#include "text/encoding.h"

namespace croft::cli {

namespace {

bool has_colours() {
  static const bool yes = ::isatty(STDOUT_FILENO) == 1 && !std::getenv("NO_COLOR");
  return yes;
}

const char* code_of(Colour colour) {
  switch (colour) {
    case Colour::plain:
      return "0";
    case Colour::bold:
      return "1";
    case Colour::dim:
      return "2";
    case Colour::green:
      return "32";
    case Colour::red:
      return "31";
    case Colour::yellow:
      return "33";
    case Colour::cyan:
      return "36";
  }
  return "0";
}

struct Range {
  char32_t first, last;
};
// The blocks of wide characters (Unicode Standard Annex 11), whole blocks where that is close enough.
constexpr Range wide[] = {{0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0x33FF},  {0x3400, 0x4DBF},
                          {0x4E00, 0x9FFF},   {0xA000, 0xA4CF},   {0xAC00, 0xD7A3},  {0xF900, 0xFAFF},
                          {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},  {0x1F300, 0x1F64F},
                          {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}};
constexpr Range combining[] = {{0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x064B, 0x065F},
                               {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x200B, 0x200F}, {0x20D0, 0x20FF},
                               {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}};

template <std::size_t n>
bool is_in(const Range (&ranges)[n], char32_t c) {
  for (const Range& range : ranges)
    if (c >= range.first && c <= range.last) return true;
  return false;
}

}  // namespace

std::string painted(Colour colour, std::string_view text) {
  if (colour == Colour::plain || !has_colours()) return std::string(text);
  return std::string("\x1b[") + code_of(colour) + 'm' + std::string(text) + "\x1b[0m";
}

std::string shown(std::string_view outside) {
  return text::printable(outside, limits::cell_bytes_max);
}

// C1 controls and DEL are legal in JSON text and act on terminals: as escapes they are the same characters.
std::string without_controls(std::string_view json_text) {
  std::string out;
  out.reserve(json_text.size());
  for (std::size_t i = 0; i < json_text.size(); ++i) {
    const unsigned char c = static_cast<unsigned char>(json_text[i]);
    const unsigned char next = i + 1 < json_text.size() ? static_cast<unsigned char>(json_text[i + 1]) : 0;
    const bool is_c1 = c == 0xC2 && next >= 0x80 && next < 0xA0;
    if (!is_c1 && c != 0x7F) {
      out += json_text[i];
      continue;
    }
    char escape[8];
    std::snprintf(escape, sizeof escape, "\\u%04x", is_c1 ? next : c);
    out += escape;
    if (is_c1) ++i;
  }
  return out;
}

std::string json_line(const json::value& v) {
  return without_controls(json::dump(v));
}

std::string json_block(const json::value& v) {
  return without_controls(json::pretty(v));
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t i = 0; i < text.size();) {
    const unsigned char first = static_cast<unsigned char>(text[i++]);
    char32_t c = first;
    int more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : first >= 0xC0 ? 1 : 0;
    if (more > 0) c = first & (0x3F >> more);
    for (; more > 0 && i < text.size(); --more) c = (c << 6) | (static_cast<unsigned char>(text[i++]) & 0x3F);
    if (!is_in(combining, c)) width += is_in(wide, c) ? 2 : 1;
  }
  return width;
}

std::string local_date_time(Timestamp t) {
  if (t.ms == 0) return "-";
  const std::time_t seconds = static_cast<std::time_t>(t.ms / 1000);
  std::tm parts{};
  ::localtime_r(&seconds, &parts);
  char text[32];
  return std::string(text, std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts));
}

void print_line(std::string_view line) {
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fputc('\n', stdout);
  std::fflush(stdout);
}

int fail(const Error& error) {
  std::fprintf(stderr, "croft: %s: %s\n", shown(error.code).c_str(), shown(error.message).c_str());
  return 1;
}

}  // namespace croft::cli
