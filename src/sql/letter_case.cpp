#include "sql/letter_case.h"

#include <cstdint>

namespace croft::sql {
namespace {

// Capital letters [first, last] and how far their small letters are; step 2 where capital and small alternate.
struct CaseRange {
  std::uint16_t first, last, step, distance;
};
constexpr CaseRange ranges[] = {
    {'A', 'Z', 1, 32},        {0xC0, 0xD6, 1, 32},      {0xD8, 0xDE, 1, 32},      {0x100, 0x12E, 2, 1},
    {0x132, 0x136, 2, 1},     {0x139, 0x147, 2, 1},     {0x14A, 0x176, 2, 1},     {0x179, 0x17D, 2, 1},
    {0x391, 0x3A1, 1, 32},    {0x3A3, 0x3AB, 1, 32},    {0x410, 0x42F, 1, 32},    {0x400, 0x40F, 1, 80},
    {0x460, 0x480, 2, 1},     {0x48A, 0x4BE, 2, 1},     {0x4D0, 0x52E, 2, 1},
};

std::uint32_t small(std::uint32_t letter) {
  for (const CaseRange& range : ranges) {
    if (letter < range.first || letter > range.last) continue;
    return (letter - range.first) % range.step == 0 ? letter + range.distance : letter;
  }
  return letter;
}

std::uint32_t capital(std::uint32_t letter) {
  for (const CaseRange& range : ranges) {
    const std::uint32_t from = letter - range.distance;  // wraps below the range, and then does not lie in it
    if (from < range.first || from > range.last) continue;
    return (from - range.first) % range.step == 0 ? from : letter;
  }
  return letter;
}

// Of the characters in `ranges` each has one or two bytes, and so has its other case.
template <class Change>
std::string changed(std::string_view text, Change change) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0x80) {
      out += static_cast<char>(change(lead));
    } else if ((lead & 0xE0) == 0xC0 && i + 1 < text.size()) {
      const auto next = static_cast<unsigned char>(text[++i]);
      const std::uint32_t letter = change((lead & 0x1Fu) << 6 | (next & 0x3Fu));
      out += static_cast<char>(0xC0 | letter >> 6);
      out += static_cast<char>(0x80 | (letter & 0x3F));
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace

std::string lower_case(std::string_view text) { return changed(text, small); }
std::string upper_case(std::string_view text) { return changed(text, capital); }

}  // namespace croft::sql
