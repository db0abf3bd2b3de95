// Time as text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "types/timestamp.h"

namespace croft::text {

std::string iso8601(Timestamp t);         // 2026-11-22T20:09:01.123Z
std::string amz_date(Timestamp t);        // 20261122T200901Z, the X-Amz-Date form
std::string http_date(Timestamp t);       // Sun, 22 Nov 2026 20:09:01 GMT
std::string local_clock(Timestamp t);     // 20:09:01.123 in the machine's zone, for terminals

// Nothing unless the text is exactly of that form.
std::optional<Timestamp> from_iso8601(std::string_view text);
std::optional<Timestamp> from_amz_date(std::string_view text);

}  // namespace croft::text
