#include "sql/time_zone.h"

#include <algorithm>
#include <chrono>
#include <fstream>

#include "sql/limits.h"

namespace croft::sql {
namespace {

constexpr std::int32_t hour = 3600;
constexpr std::int64_t day = 86400;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Numbers and signs off the front of a text. A reader that finds something else answers nothing.
struct Scanner {
  std::string_view rest;

  bool take(char c) {
    if (rest.empty() || rest[0] != c) return false;
    rest.remove_prefix(1);
    return true;
  }
  std::optional<int> digits(std::size_t least, std::size_t most) {
    int value = 0;
    std::size_t n = 0;
    for (; n < most && n < rest.size() && is_digit(rest[n]); ++n) value = value * 10 + (rest[n] - '0');
    if (n < least) return std::nullopt;
    rest.remove_prefix(n);
    return value;
  }
  // [+-]h[h[:mm[:ss]]], seconds.
  std::optional<std::int32_t> clock(std::size_t hour_digits_max) {
    const bool negative = take('-');
    if (!negative) take('+');
    const std::optional<int> hours = digits(1, hour_digits_max);
    if (!hours) return std::nullopt;
    std::int32_t seconds = *hours * hour;
    for (const int unit : {60, 1}) {
      if (!take(':')) break;
      const std::optional<int> part = digits(2, 2);
      if (!part) return std::nullopt;
      seconds += *part * unit;
    }
    return negative ? -seconds : seconds;
  }
  // EST, or <-03>.
  std::optional<std::string> abbreviation() {
    const bool quoted = take('<');
    std::size_t n = 0;
    while (n < rest.size() && (quoted ? rest[n] != '>' : std::isalpha(static_cast<unsigned char>(rest[n])) != 0)) ++n;
    if (n < 1) return std::nullopt;
    std::string name(rest.substr(0, n));
    rest.remove_prefix(n);
    if (quoted && !take('>')) return std::nullopt;
    return name;
  }
};

std::int64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  if (bytes.size() == 4) return static_cast<std::int32_t>(value);
  return static_cast<std::int64_t>(value);
}

bool is_zone_name(std::string_view name) {
  if (name.empty() || name.size() > limits::time_zone_name_max || name[0] == '/') return false;
  const bool letters = std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '/' || c == '_' || c == '-' || c == '+';
  });
  return letters && std::isalpha(static_cast<unsigned char>(name[0]));
}

int year_of(std::int64_t epoch_s) {
  using namespace std::chrono;
  const sys_days date = floor<days>(sys_seconds(seconds(epoch_s)));
  return static_cast<int>(year_month_day(date).year());
}

// Names that people write and the database does not have, by what java.time takes them for.
std::string_view full_name(std::string_view name) {
  static constexpr std::pair<std::string_view, std::string_view> names[] = {
      {"PST", "America/Los_Angeles"}, {"PDT", "America/Los_Angeles"}, {"MDT", "America/Denver"},
      {"CST", "America/Chicago"},     {"CDT", "America/Chicago"},     {"EDT", "America/New_York"},
      {"BST", "Europe/London"},       {"CEST", "Europe/Paris"},       {"EEST", "Europe/Helsinki"},
      {"JST", "Asia/Tokyo"},          {"IST", "Asia/Kolkata"},
  };
  for (const auto& [known, full] : names) {
    if (known == name) return full;
  }
  return name;
}

}  // namespace

std::shared_ptr<const TimeZone> TimeZone::utc() {
  auto zone = std::make_shared<TimeZone>();
  zone->name_ = "UTC";
  zone->types_ = {{0, "UTC"}};
  return zone;
}

// "", Z, UTC, GMT, UT, each but Z with an offset behind it or alone; or a bare offset.
std::shared_ptr<const TimeZone> TimeZone::fixed(std::string_view name) {
  if (name == "Z" || name == "UTC" || name == "GMT" || name == "UT") return utc();
  Scanner scan{name};
  for (const std::string_view prefix : {"UTC", "GMT", "UT"}) {
    if (!scan.rest.starts_with(prefix)) continue;
    scan.rest.remove_prefix(prefix.size());
    break;
  }
  if (scan.rest.empty() || (scan.rest[0] != '+' && scan.rest[0] != '-')) return nullptr;
  if (scan.rest.size() == 5 && scan.rest.find(':') == std::string_view::npos) {  // +0100
    const std::string with_colon = std::string(name.substr(0, name.size() - 2)) + ":" +
                                   std::string(name.substr(name.size() - 2));
    return fixed(with_colon);
  }
  const std::optional<std::int32_t> seconds = scan.clock(2);
  if (!seconds || !scan.rest.empty() || std::abs(*seconds) > 18 * hour) return nullptr;
  auto zone = std::make_shared<TimeZone>();
  zone->name_ = name;
  zone->types_ = {{*seconds, std::string(name)}};
  return zone;
}

std::shared_ptr<const TimeZone> TimeZone::find(std::string_view name) {
  if (std::shared_ptr<const TimeZone> zone = fixed(name)) return zone;
  name = full_name(name);
  if (!is_zone_name(name)) return nullptr;
  std::ifstream file("/usr/share/zoneinfo/" + std::string(name), std::ios::binary);
  std::string bytes(limits::time_zone_bytes_max, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  auto zone = std::make_shared<TimeZone>();
  zone->name_ = name;
  return zone->read(bytes) ? zone : nullptr;
}

// RFC 8536: a header and block of 32-bit times, the same again with 64-bit times, and a rule for later years.
bool TimeZone::read(std::string_view file) {
  constexpr std::size_t header_bytes = 44;
  for (const std::size_t time_bytes : {4, 8}) {
    if (file.size() < header_bytes || !file.starts_with("TZif") || file[4] < '2') return false;
    std::size_t counts[6];  // of UT flags, standard flags, leap seconds, transitions, types, name bytes
    for (std::size_t i = 0; i < 6; ++i) {
      const std::int64_t count = big_endian(file.substr(20 + 4 * i, 4));
      if (count < 0 || count > static_cast<std::int64_t>(limits::time_zone_bytes_max)) return false;
      counts[i] = static_cast<std::size_t>(count);
    }
    const std::size_t block = counts[3] * (time_bytes + 1) + counts[4] * 6 + counts[5] +
                              counts[2] * (time_bytes + 4) + counts[1] + counts[0];
    if (file.size() < header_bytes + block) return false;
    if (time_bytes == 8 && !read_block(file.substr(header_bytes, block), counts[3], counts[4], counts[5])) {
      return false;
    }
    file.remove_prefix(header_bytes + block);
  }
  const std::size_t end = file.find('\n', 1);
  if (file.empty() || file[0] != '\n' || end == std::string_view::npos) return false;
  return end == 1 || read_rule(file.substr(1, end - 1));
}

bool TimeZone::read_block(std::string_view block, std::size_t transitions, std::size_t types,
                          std::size_t name_bytes) {
  const std::string_view type_records = block.substr(transitions * 9, types * 6);
  const std::string_view names = block.substr(transitions * 9 + types * 6, name_bytes);
  for (std::size_t i = 0; i < types; ++i) {
    const std::string_view record = type_records.substr(i * 6, 6);
    const std::size_t at = static_cast<unsigned char>(record[5]);
    if (at >= names.size()) return false;
    const std::string_view name = names.substr(at);
    types_.push_back({static_cast<std::int32_t>(big_endian(record.substr(0, 4))),
                      std::string(name.substr(0, name.find('\0')))});
  }
  for (std::size_t i = 0; i < transitions; ++i) {
    const auto type = static_cast<std::uint8_t>(block[transitions * 8 + i]);
    if (type >= types_.size()) return false;
    transitions_.push_back({big_endian(block.substr(i * 8, 8)), type});
  }
  return !types_.empty();
}

static std::string_view part_before(std::string_view& rest, char separator) {
  const std::size_t at = std::min(rest.find(separator), rest.size());
  const std::string_view part = rest.substr(0, at);
  rest.remove_prefix(std::min(at + 1, rest.size()));
  return part;
}

// POSIX: EST5EDT,M3.2.0,M11.1.0; offsets count west, so they are turned round.
bool TimeZone::read_rule(std::string_view text) {
  Rule rule;
  std::string_view changes = text;
  Scanner scan{part_before(changes, ',')};
  const std::optional<std::string> standard = scan.abbreviation();
  const std::optional<std::int32_t> west = scan.clock(2);
  if (!standard || !west) return false;
  rule.standard = {-*west, *standard};
  if (!scan.rest.empty()) {
    const std::optional<std::string> daylight = scan.abbreviation();
    const std::optional<std::int32_t> offset = scan.rest.empty() ? std::optional(*west - hour) : scan.clock(2);
    if (!daylight || !offset) return false;
    rule.daylight = {-*offset, *daylight};
    for (std::optional<YearlyChange>* change : {&rule.to_daylight, &rule.to_standard}) {
      Scanner when{part_before(changes, ',')};
      if (!when.take('M')) return true;  // the Julian forms are not used by any zone: the last transition stays
      const std::optional<int> month = when.digits(1, 2), week = when.take('.') ? when.digits(1, 1) : std::nullopt,
                               weekday = when.take('.') ? when.digits(1, 1) : std::nullopt;
      const std::optional<std::int32_t> clock = when.take('/') ? when.clock(3) : std::optional(2 * hour);
      if (!month || !week || !weekday || !clock || *month < 1 || *month > 12 || *week < 1 || *week > 5 ||
          *weekday > 6) {
        return false;
      }
      *change = YearlyChange{*month, *week, *weekday, *clock};
    }
  }
  rule_ = std::move(rule);
  return true;
}

std::int64_t TimeZone::YearlyChange::local_start(int year) const {
  using namespace std::chrono;
  const auto in_month = std::chrono::year(year) / std::chrono::month(static_cast<unsigned>(month));
  const std::chrono::weekday on(static_cast<unsigned>(weekday));
  const sys_days date = week == 5 ? sys_days(in_month / on[last])
                                  : sys_days(in_month / on[static_cast<unsigned>(week)]);
  return date.time_since_epoch().count() * day + seconds;
}

TimeZone::Offset TimeZone::by_rule(std::int64_t epoch_s) const {
  if (!rule_->to_daylight || !rule_->to_standard) return rule_->standard;
  const int year = year_of(epoch_s + rule_->standard.seconds);
  const std::int64_t start = rule_->to_daylight->local_start(year) - rule_->standard.seconds;
  const std::int64_t end = rule_->to_standard->local_start(year) - rule_->daylight.seconds;
  // South of the equator daylight saving spans the new year.
  const bool daylight = start < end ? epoch_s >= start && epoch_s < end : epoch_s >= start || epoch_s < end;
  return daylight ? rule_->daylight : rule_->standard;
}

TimeZone::Offset TimeZone::at(std::int64_t epoch_s) const {
  const auto after = std::upper_bound(transitions_.begin(), transitions_.end(), epoch_s,
                                      [](std::int64_t t, const Transition& each) { return t < each.epoch_s; });
  if (after == transitions_.end() && rule_) return by_rule(epoch_s);
  if (after == transitions_.begin()) return types_[0];
  return types_[std::prev(after)->type];
}

std::int64_t TimeZone::epoch_of_local(std::int64_t local_s) const {
  const std::int32_t before = at(local_s - day).seconds, after = at(local_s + day).seconds;
  if (before == after || at(local_s - before).seconds == before) return local_s - before;
  if (at(local_s - after).seconds == after) return local_s - after;
  return local_s - before;
}

}  // namespace croft::sql
