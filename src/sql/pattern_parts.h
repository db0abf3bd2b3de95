#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace croft::sql {

// One run of a pattern letter, or text to be taken as it is.
struct PatternPart {
  char letter = 0;  // 0 for text
  int count = 0;
  std::string text;
};

// The parts of a pattern: letters are fields, 'quoted' is text, '' is one quote, other characters are themselves.
// Nothing when a quote is not closed, a letter is not among `letters`, or the pattern is too long.
std::optional<std::vector<PatternPart>> pattern_parts(std::string_view pattern, std::string_view letters);

inline constexpr std::string_view month_names[] = {"January",   "February", "March",    "April",
                                                   "May",       "June",     "July",     "August",
                                                   "September", "October",  "November", "December"};
// From Monday, the first day of ISO weeks.
inline constexpr std::string_view weekday_names[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                     "Friday", "Saturday", "Sunday"};

}  // namespace croft::sql
