#include <algorithm>
#include <chrono>

#include "sql/pattern_parts.h"
#include "sql/time_pattern.h"

namespace croft::sql {
namespace {

constexpr std::string_view letters = "GyuMLdDEaKhHkmsSAzVXxZO";
constexpr std::string_view numeric_letters = "yuMLdDKhHkmsSA";

struct Fields {
  std::optional<int> year, month, day, day_of_year, hour, half_day_hour, minute, second, milli_of_day;
  int nanosecond = 0;
  bool afternoon = false, before_christ = false;
  std::shared_ptr<const TimeZone> zone;
};

// Reads a text by the parts of a pattern. Functions return false when the text does not match.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool read(const std::vector<PatternPart>& parts) {
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const bool adjacent = i + 1 < parts.size() && is_numeric(parts[i + 1]);
      if (!(parts[i].letter ? field(parts[i], adjacent) : literal(parts[i].text))) return false;
    }
    return rest_.empty();
  }
  const Fields& fields() const { return fields_; }

 private:
  static bool is_numeric(const PatternPart& part) {
    return part.letter && numeric_letters.find(part.letter) != std::string_view::npos &&
           !(part.count > 2 && (part.letter == 'M' || part.letter == 'L'));
  }

  bool field(const PatternPart& part, bool adjacent) {
    const int width = part.count;
    switch (part.letter) {
      case 'y':
      case 'u': return year(width, adjacent);
      case 'M':
      case 'L': return width > 2 ? month_name(width) : number(fields_.month, width, adjacent, 2);
      case 'd': return number(fields_.day, width, adjacent, 2);
      case 'D': return number(fields_.day_of_year, width, adjacent, 3);
      case 'E': return any_name(weekday_names, width >= 4).has_value();
      case 'a': return half_of_day();
      case 'K': return number(fields_.half_day_hour, width, adjacent, 2) && *fields_.half_day_hour < 12;
      case 'h': return number(fields_.half_day_hour, width, adjacent, 2) && wrapped(*fields_.half_day_hour, 12);
      case 'H': return number(fields_.hour, width, adjacent, 2);
      case 'k': return number(fields_.hour, width, adjacent, 2) && wrapped(*fields_.hour, 24);
      case 'm': return number(fields_.minute, width, adjacent, 2);
      case 's': return number(fields_.second, width, adjacent, 2);
      case 'S': return fraction(width);
      case 'A': return number(fields_.milli_of_day, width, adjacent, 8);
      case 'G': return era();
      default: return zone();
    }
  }

  bool literal(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }

  std::size_t leading_digits() const {
    return std::min(rest_.find_first_not_of("0123456789"), rest_.size());
  }

  // Exactly `width` digits, or up to `most` for a single letter; before another number there is no choice.
  bool number(std::optional<int>& out, int width, bool adjacent, int most) {
    const int least = width;
    if (width > 1 || adjacent) most = width;
    if (most > 9) return false;
    const int digits = std::min(static_cast<int>(leading_digits()), most);
    if (digits < least) return false;
    int value = 0;
    for (int i = 0; i < digits; ++i) value = value * 10 + (rest_[static_cast<std::size_t>(i)] - '0');
    rest_.remove_prefix(static_cast<std::size_t>(digits));
    out = value;
    return true;
  }

  bool year(int width, bool adjacent) {
    if (width == 2) {  // 2000 to 2099
      if (!number(fields_.year, 2, true, 2)) return false;
      fields_.year = *fields_.year + 2000;
      return true;
    }
    const int digits = static_cast<int>(leading_digits());
    return number(fields_.year, adjacent ? width : std::clamp(digits, width, std::max(width, 4)), true, 9);
  }

  // 1..limit with limit standing for 0.
  static bool wrapped(int& hour, int limit) {
    if (hour < 1 || hour > limit) return false;
    hour %= limit;
    return true;
  }

  template <std::size_t count>
  std::optional<int> any_name(const std::string_view (&names)[count], bool full) {
    for (std::size_t i = 0; i < count; ++i) {
      if (literal(full ? names[i] : names[i].substr(0, 3))) return static_cast<int>(i);
    }
    return std::nullopt;
  }

  bool month_name(int width) {
    const std::optional<int> index = any_name(month_names, width >= 4);
    if (index) fields_.month = *index + 1;
    return index.has_value();
  }

  bool half_of_day() {
    fields_.afternoon = rest_.starts_with("PM");
    return literal("PM") || literal("AM");
  }

  bool era() {
    fields_.before_christ = rest_.starts_with("BC");
    return literal("BC") || literal("AD");
  }

  bool fraction(int width) {
    if (width > 9 || static_cast<int>(leading_digits()) < width) return false;
    int value = 0;
    for (int i = 0; i < 9; ++i) value = value * 10 + (i < width ? rest_[static_cast<std::size_t>(i)] - '0' : 0);
    rest_.remove_prefix(static_cast<std::size_t>(width));
    fields_.nanosecond = value;
    return true;
  }

  // The longest run of characters a zone's name or offset may have.
  bool zone() {
    std::size_t n = 0;
    while (n < rest_.size() && (std::isalnum(static_cast<unsigned char>(rest_[n])) ||
                                std::string_view("/_+-:").find(rest_[n]) != std::string_view::npos)) {
      ++n;
    }
    fields_.zone = TimeZone::find(rest_.substr(0, n));
    rest_.remove_prefix(n);
    return fields_.zone != nullptr;
  }

  std::string_view rest_;
  Fields fields_;
};

// Days since 1970 of the date that the fields name.
std::optional<std::int64_t> date_of(const Fields& fields) {
  using namespace std::chrono;
  if (!fields.year) return std::nullopt;
  const year y(fields.before_christ ? 1 - *fields.year : *fields.year);
  if (fields.day_of_year && !fields.month) {
    if (*fields.day_of_year < 1 || *fields.day_of_year > (y.is_leap() ? 366 : 365)) return std::nullopt;
    return (sys_days(y / January / 1) + days(*fields.day_of_year - 1)).time_since_epoch().count();
  }
  if (!fields.month || !fields.day || *fields.month > 12 || *fields.day > 31) return std::nullopt;
  const month m(static_cast<unsigned>(*fields.month));
  if (!m.ok() || *fields.day < 1) return std::nullopt;
  // java.time's SMART resolution: the 31st of a shorter month is its last day.
  const auto end = static_cast<unsigned>((y / m / last).day());
  const year_month_day date(y, m, std::chrono::day(std::min(static_cast<unsigned>(*fields.day), end)));
  return sys_days(date).time_since_epoch().count();
}

// Seconds of the day; a time that is not named at all is midnight, and one with minutes needs an hour.
std::optional<std::int64_t> time_of(const Fields& fields) {
  if (fields.milli_of_day) {
    if (*fields.milli_of_day >= 86'400'000) return std::nullopt;
    return *fields.milli_of_day / 1000;
  }
  std::optional<int> hour = fields.hour;
  if (!hour && fields.half_day_hour) hour = *fields.half_day_hour + (fields.afternoon ? 12 : 0);
  const int minute = fields.minute.value_or(0), second = fields.second.value_or(0);
  if (!hour && (fields.minute || fields.second)) return std::nullopt;
  if (hour.value_or(0) > 23 || minute > 59 || second > 59) return std::nullopt;
  return hour.value_or(0) * 3600 + minute * 60 + second;
}

}  // namespace

std::optional<std::string> reading_pattern_problem(std::string_view pattern) {
  const bool has_optional = pattern.find_first_of("[]{}#") != std::string_view::npos;
  if (!has_optional && pattern_parts(pattern, letters)) return std::nullopt;
  return "the time pattern has an open quote, an optional part or a letter that is none of " + std::string(letters);
}

std::optional<std::int64_t> read_time(std::string_view text, std::string_view pattern) {
  if (reading_pattern_problem(pattern)) return std::nullopt;
  Reader reader(text);
  if (!reader.read(*pattern_parts(pattern, letters))) return std::nullopt;
  const Fields& fields = reader.fields();
  const std::optional<std::int64_t> days = date_of(fields), seconds = time_of(fields);
  if (!days || !seconds) return std::nullopt;
  const std::int64_t local = *days * 86400 + *seconds;
  const std::int64_t epoch_s = fields.zone ? fields.zone->epoch_of_local(local) : local;
  const int millis = fields.milli_of_day ? *fields.milli_of_day % 1000 : fields.nanosecond / 1'000'000;
  return epoch_s * 1000 + millis;
}

}  // namespace croft::sql
