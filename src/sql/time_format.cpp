#include <chrono>
#include <cstdlib>

#include "sql/pattern_parts.h"
#include "sql/time_pattern.h"

namespace croft::sql {
namespace {

constexpr std::string_view letters = "GCYxwEeyDMdaKhHkmsSzZ";

// One instant, taken apart on the zone's clock.
struct Clock {
  int year, month, day, weekday, day_of_year;  // weekday: Monday is 1
  int week_year, week;                         // ISO
  int hour, minute, second, millisecond;
  TimeZone::Offset offset;
  std::string zone;
};

void set_iso_week(Clock& clock, std::chrono::sys_days date) {
  using namespace std::chrono;
  const sys_days thursday = date + days(4 - clock.weekday);  // an ISO week belongs to the year of its Thursday
  const year_month_day of_thursday(thursday);
  clock.week_year = static_cast<int>(of_thursday.year());
  clock.week = static_cast<int>((thursday - sys_days(of_thursday.year() / January / 1)).count()) / 7 + 1;
}

Clock clock_at(std::int64_t epoch_ms, const TimeZone& zone) {
  using namespace std::chrono;
  const std::int64_t epoch_s = floor<seconds>(milliseconds(epoch_ms)).count();
  Clock clock{};
  clock.offset = zone.at(epoch_s);
  clock.zone = zone.name();
  const std::int64_t local_s = epoch_s + clock.offset.seconds;
  const sys_days date = floor<days>(sys_seconds(seconds(local_s)));
  const year_month_day parts(date);
  clock.year = static_cast<int>(parts.year());
  clock.month = static_cast<int>(static_cast<unsigned>(parts.month()));
  clock.day = static_cast<int>(static_cast<unsigned>(parts.day()));
  clock.weekday = static_cast<int>(weekday(date).iso_encoding());
  clock.day_of_year = static_cast<int>((date - sys_days(parts.year() / January / 1)).count()) + 1;
  set_iso_week(clock, date);
  const auto second_of_day = static_cast<int>(local_s - date.time_since_epoch().count() * 86400);
  clock.hour = second_of_day / 3600;
  clock.minute = second_of_day / 60 % 60;
  clock.second = second_of_day % 60;
  clock.millisecond = static_cast<int>(epoch_ms - epoch_s * 1000);
  return clock;
}

std::string padded(int value, int width) {
  std::string digits = std::to_string(std::abs(value));
  if (static_cast<int>(digits.size()) < width) digits.insert(0, static_cast<std::size_t>(width) - digits.size(), '0');
  return value < 0 ? "-" + digits : digits;
}

std::string year_text(int year, int count) {
  return count == 2 ? padded(std::abs(year) % 100, 2) : padded(year, count);
}

std::string name_text(std::string_view name, bool full) { return std::string(full ? name : name.substr(0, 3)); }

// The first `count` digits of the fraction of a second.
std::string fraction(int millisecond, int count) {
  std::string digits = padded(millisecond, 3);
  digits.resize(static_cast<std::size_t>(count), '0');
  return digits;
}

std::string offset_text(const Clock& clock, int count) {
  if (count > 2) return clock.zone;
  const int seconds = std::abs(clock.offset.seconds);
  return (clock.offset.seconds < 0 ? "-" : "+") + padded(seconds / 3600, 2) + (count == 2 ? ":" : "") +
         padded(seconds / 60 % 60, 2);
}

std::string field(const PatternPart& part, const Clock& clock) {
  const int count = part.count;
  switch (part.letter) {
    case 'G': return clock.year > 0 ? "AD" : "BC";
    case 'C': return padded(clock.year / 100, count);
    case 'Y':
    case 'y': return year_text(clock.year, count);
    case 'x': return year_text(clock.week_year, count);
    case 'w': return padded(clock.week, count);
    case 'e': return padded(clock.weekday, count);
    case 'E': return name_text(weekday_names[clock.weekday - 1], count >= 4);
    case 'D': return padded(clock.day_of_year, count);
    case 'M':
      return count >= 3 ? name_text(month_names[clock.month - 1], count >= 4) : padded(clock.month, count);
    case 'd': return padded(clock.day, count);
    case 'a': return clock.hour < 12 ? "AM" : "PM";
    case 'K': return padded(clock.hour % 12, count);
    case 'h': return padded((clock.hour + 11) % 12 + 1, count);
    case 'H': return padded(clock.hour, count);
    case 'k': return padded((clock.hour + 23) % 24 + 1, count);
    case 'm': return padded(clock.minute, count);
    case 's': return padded(clock.second, count);
    case 'S': return fraction(clock.millisecond, count);
    case 'z': return clock.offset.abbreviation;
    default: return offset_text(clock, count);
  }
}

}  // namespace

std::optional<std::string> format_pattern_problem(std::string_view pattern) {
  if (pattern_parts(pattern, letters)) return std::nullopt;
  return "the time pattern has an open quote or a letter that is none of " + std::string(letters);
}

std::optional<std::string> format_time(std::string_view pattern, std::int64_t epoch_ms, const TimeZone& zone) {
  constexpr std::int64_t beyond = 253'402'300'800'000;  // 10000-01-01
  if (epoch_ms <= -beyond || epoch_ms >= beyond) return std::nullopt;
  const std::optional<std::vector<PatternPart>> parts = pattern_parts(pattern, letters);
  if (!parts) return std::nullopt;
  const Clock clock = clock_at(epoch_ms, zone);
  std::string out;
  for (const PatternPart& part : *parts) out += part.letter ? field(part, clock) : part.text;
  return out;
}

}  // namespace croft::sql
