#include "sql/pattern_parts.h"

#include "sql/limits.h"

namespace croft::sql {

// Text from an opening quote at `at`; leaves `at` after the closing one.
static bool quoted(std::string_view pattern, std::size_t& at, std::string& out) {
  if (pattern.substr(at, 2) == "''") {
    out += '\'';
    at += 2;
    return true;
  }
  for (++at; at < pattern.size(); ++at) {
    if (pattern[at] != '\'') {
      out += pattern[at];
    } else if (pattern.substr(at, 2) == "''") {
      out += pattern[at++];
    } else {
      ++at;
      return true;
    }
  }
  return false;
}

std::optional<std::vector<PatternPart>> pattern_parts(std::string_view pattern, std::string_view letters) {
  if (pattern.size() > limits::pattern_bytes_max) return std::nullopt;
  std::vector<PatternPart> parts;
  const auto text = [&]() -> std::string& {
    if (parts.empty() || parts.back().letter) parts.emplace_back();
    return parts.back().text;
  };
  for (std::size_t at = 0; at < pattern.size();) {
    const char c = pattern[at];
    if (c == '\'') {
      if (!quoted(pattern, at, text())) return std::nullopt;
    } else if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
      if (letters.find(c) == std::string_view::npos) return std::nullopt;
      PatternPart run{.letter = c};
      for (; at < pattern.size() && pattern[at] == c; ++at) ++run.count;
      parts.push_back(run);
    } else {
      text() += c;
      ++at;
    }
  }
  return parts;
}

}  // namespace croft::sql
