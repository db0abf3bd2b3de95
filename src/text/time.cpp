#include "text/time.h"

#include <cstdio>
#include <ctime>

namespace croft::text {

static std::tm utc(Timestamp t) {
  const std::time_t seconds = static_cast<std::time_t>(t.ms >= 0 ? t.ms / 1000 : (t.ms - 999) / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  return parts;
}

static std::string format(const char* pattern, const std::tm& parts) {
  char buffer[64];
  return {buffer, std::strftime(buffer, sizeof buffer, pattern, &parts)};
}

static std::string milliseconds(Timestamp t) {
  char buffer[8];
  std::snprintf(buffer, sizeof buffer, ".%03d", static_cast<int>(((t.ms % 1000) + 1000) % 1000));
  return buffer;
}

std::string iso8601(Timestamp t) { return format("%Y-%m-%dT%H:%M:%S", utc(t)) + milliseconds(t) + "Z"; }
std::string amz_date(Timestamp t) { return format("%Y%m%dT%H%M%SZ", utc(t)); }
std::string http_date(Timestamp t) { return format("%a, %d %b %Y %H:%M:%S GMT", utc(t)); }

std::string local_clock(Timestamp t) {
  const std::time_t seconds = static_cast<std::time_t>(t.ms / 1000);
  std::tm parts{};
  localtime_r(&seconds, &parts);
  return format("%H:%M:%S", parts) + milliseconds(t);
}

static std::optional<Timestamp> from_pattern(std::string_view text, const char* pattern, int length) {
  if (text.size() < static_cast<std::size_t>(length)) return std::nullopt;
  const std::string head(text.substr(0, static_cast<std::size_t>(length)));
  std::tm parts{};
  const char* end = strptime(head.c_str(), pattern, &parts);
  if (!end || *end) return std::nullopt;
  return Timestamp{static_cast<std::int64_t>(timegm(&parts)) * 1000};
}

std::optional<Timestamp> from_iso8601(std::string_view text) {
  auto whole = from_pattern(text, "%Y-%m-%dT%H:%M:%S", 19);
  if (!whole) return std::nullopt;
  std::string_view rest = text.substr(19);
  if (!rest.empty() && rest[0] == '.') {
    std::int64_t scale = 100;
    rest.remove_prefix(1);
    while (!rest.empty() && rest[0] >= '0' && rest[0] <= '9') {
      whole->ms += (rest[0] - '0') * scale;
      scale /= 10;
      rest.remove_prefix(1);
    }
  }
  if (rest != "Z" && rest != "+00:00") return std::nullopt;
  return whole;
}

std::optional<Timestamp> from_amz_date(std::string_view text) {
  if (text.size() != 16 || text[15] != 'Z') return std::nullopt;
  return from_pattern(text, "%Y%m%dT%H%M%S", 15);
}

}  // namespace croft::text
