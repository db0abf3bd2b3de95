#include "text/time.h"

#include <chrono>
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

// On the way of every signed request.
std::optional<Timestamp> from_amz_date(std::string_view text) {
  if (text.size() != 16 || text[8] != 'T' || text[15] != 'Z') return std::nullopt;
  bool is_sound = true;
  const auto number = [&](std::size_t at, std::size_t digits) {
    unsigned value = 0;
    for (char c : text.substr(at, digits)) {
      is_sound &= c >= '0' && c <= '9';
      value = value * 10 + static_cast<unsigned char>(c - '0');
    }
    return value;
  };
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(number(0, 4))), std::chrono::month(number(4, 2)),
                                         std::chrono::day(number(6, 2)));
  const unsigned hour = number(9, 2), minute = number(11, 2), second = number(13, 2);
  if (!is_sound || !date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return Timestamp{(days * 86'400 + hour * 3'600 + minute * 60 + second) * 1000};
}

}  // namespace croft::text
