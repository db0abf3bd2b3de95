// Date and time by pattern, in English: formatting as Joda-Time does, reading as java.time does.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sql/time_zone.h"

namespace croft::sql {

// Why the pattern cannot be used to format or to read, or nothing.
std::optional<std::string> format_pattern_problem(std::string_view pattern);
std::optional<std::string> reading_pattern_problem(std::string_view pattern);

// The instant on the zone's clock. Nothing for a bad pattern and for years beyond 9999.
std::optional<std::string> format_time(std::string_view pattern, std::int64_t epoch_ms, const TimeZone& zone);

// Milliseconds since 1970 UTC of a text that matches the whole pattern. UTC when it names no zone, midnight when it
// names no time. Nothing when it does not match, is no date, or the pattern is bad.
std::optional<std::int64_t> read_time(std::string_view text, std::string_view pattern);

}  // namespace croft::sql
