#include "sql/number.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace croft::sql {
namespace {

constexpr int exponent_max = 999;
constexpr int power_max = 38;  // 10^38 is the largest power of ten an Int128 holds

constexpr std::array<Int128, power_max + 1> make_powers() {
  std::array<Int128, power_max + 1> powers{};
  powers[0] = 1;
  for (int i = 1; i <= power_max; ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}
constexpr std::array<Int128, power_max + 1> power_of_ten = make_powers();
constexpr Int128 coefficient_end = power_of_ten[Number::digits_max];

Int128 magnitude(Int128 value) { return value < 0 ? -value : value; }

// Nearly every number of a message is one that 64 bits hold, and arithmetic on these is many times faster.
bool is_small(Int128 value) {
  return value == static_cast<std::int64_t>(value);
}
constexpr int small_digits = 18;  // of any length in 64 bits

int digit_count(Int128 value) {
  value = magnitude(value);
  int digits = 1;
  while (digits <= power_max && value >= power_of_ten[digits]) ++digits;
  return digits;
}

// value / 10^places, halves away from zero.
Int128 rounded_shift(Int128 value, int places) {
  if (places <= 0) return value;
  if (places > power_max) return 0;
  const Int128 divisor = power_of_ten[places];
  const Int128 rest = magnitude(value % divisor);
  const Int128 quotient = value / divisor;
  if (rest < divisor - rest) return quotient;
  return value < 0 ? quotient - 1 : quotient + 1;
}

Int128 floor_shift(Int128 value, int places) {
  if (places <= 0) return value;
  if (places > power_max) return value < 0 ? -1 : 0;
  const Int128 quotient = value / power_of_ten[places];
  return value < 0 && value % power_of_ten[places] != 0 ? quotient - 1 : quotient;
}

std::string digits_of(Int128 value) {
  char buffer[40];
  char* start = buffer + sizeof buffer;
  do {
    *--start = static_cast<char>('0' + static_cast<int>(value % 10));
    value /= 10;
  } while (value != 0);
  return {start, buffer + sizeof buffer};
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Collects the significant digits of a decimal text; digits over the 35th only move the exponent.
struct DigitCollector {
  Int128 coefficient = 0;
  int exponent = 0;
  int digits = 0;

  void take(char digit, bool after_point) {
    if (digits <= Number::digits_max) {
      coefficient = coefficient * 10 + (digit - '0');
      if (coefficient != 0) ++digits;
      if (after_point) --exponent;
    } else if (!after_point) {
      ++exponent;
    }
  }
};

}  // namespace

std::optional<SqlVersion> sql_version_from(std::string_view name) {
  if (name == "2015-10-08") return SqlVersion::v2015_10_08;
  if (name == "2016-03-23") return SqlVersion::v2016_03_23;
  if (name == "beta") return SqlVersion::beta;
  return std::nullopt;
}

std::string_view name_of(SqlVersion version) {
  switch (version) {
    case SqlVersion::v2015_10_08: return "2015-10-08";
    case SqlVersion::v2016_03_23: return "2016-03-23";
    case SqlVersion::beta: break;
  }
  return "beta";
}

std::optional<Number> Number::canonical(Int128 coefficient, int exponent, bool decimal) {
  if (coefficient == 0) return Number(0, 0, decimal);
  if (exponent <= 0 && exponent > -exponent_max / 2 && is_small(coefficient)) {
    auto digits = static_cast<std::int64_t>(coefficient);
    for (; exponent < 0 && digits % 10 == 0; ++exponent) digits /= 10;
    return Number(digits, exponent, decimal || exponent != 0);
  }
  if (const int excess = digit_count(coefficient) - digits_max; excess > 0) {
    coefficient = rounded_shift(coefficient, excess);
    exponent += excess;
    decimal = true;
  }
  if (magnitude(coefficient) == coefficient_end) {  // rounding carried into a 35th digit
    coefficient /= 10;
    ++exponent;
  }
  while (exponent < 0 && coefficient % 10 == 0) {
    coefficient /= 10;
    ++exponent;
  }
  if (exponent > 0) {
    const int room = std::min(exponent, digits_max - digit_count(coefficient));
    coefficient *= power_of_ten[std::max(room, 0)];
    exponent -= std::max(room, 0);
  }
  const int adjusted = exponent + digit_count(coefficient) - 1;
  if (adjusted > exponent_max) return std::nullopt;
  if (adjusted < -exponent_max) return Number(0, 0, decimal);
  return Number(coefficient, exponent, decimal || exponent != 0);
}

std::optional<Number> Number::integer128(Int128 value) {
  if (magnitude(value) >= coefficient_end) return std::nullopt;
  return Number(value, 0, false);
}

std::optional<Number> Number::from_double(double value) {
  if (!std::isfinite(value)) return std::nullopt;
  if (std::fabs(value) < 9007199254740992.0 && value == std::trunc(value)) {
    return Number(static_cast<std::int64_t>(value), 0, true);
  }
  char buffer[40];
  const auto [end, failure] = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific);
  std::optional<Number> number = from_text({buffer, end});
  return number ? std::optional(number->as_decimal()) : std::nullopt;
}

// -?digits[.digits] of at most 15 digits. A double keeps so many digits, so the way over one would change nothing.
std::optional<Number> Number::from_short(std::string_view text) {
  const bool negative = !text.empty() && text[0] == '-';
  if (negative) text.remove_prefix(1);
  if (text.empty() || text.size() > std::numeric_limits<double>::digits10 + 1 || !is_digit(text[0]))
    return std::nullopt;
  std::int64_t digits = 0;
  std::size_t point = text.size();
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_digit(text[i]))
      digits = digits * 10 + (text[i] - '0');
    else if (text[i] == '.' && point == text.size() && i + 1 < text.size())
      point = i;
    else
      return std::nullopt;
  }
  if (point == text.size()) {
    if (text.size() > std::numeric_limits<double>::digits10) return std::nullopt;
    return Number(negative ? -digits : digits, 0, false);
  }
  return canonical(negative ? -digits : digits, static_cast<int>(point) + 1 - static_cast<int>(text.size()), true);
}

std::optional<Number> Number::from_json(std::string_view text) {
  if (std::optional<Number> number = from_short(text)) return number;
  if (text.find_first_of(".eE") == std::string_view::npos) return from_text(text);
  double number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failure == std::errc() ? from_double(number) : from_text(text);
}

std::optional<Number> Number::from_text(std::string_view text) {
  if (std::optional<Number> number = from_short(text)) return number;
  std::size_t i = 0;
  const bool negative = !text.empty() && text[0] == '-';
  if (negative) ++i;
  DigitCollector collected;
  const std::size_t whole_start = i;
  for (; i < text.size() && is_digit(text[i]); ++i) collected.take(text[i], false);
  if (i == whole_start) return std::nullopt;
  bool decimal = false;
  if (i < text.size() && text[i] == '.') {
    const std::size_t fraction_start = ++i;
    for (; i < text.size() && is_digit(text[i]); ++i) collected.take(text[i], true);
    if (i == fraction_start) return std::nullopt;
    decimal = true;
  }
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    const bool down = i < text.size() && text[i] == '-';
    if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
    int power = 0;
    const std::size_t power_start = i;
    for (; i < text.size() && is_digit(text[i]); ++i) power = std::min(power * 10 + (text[i] - '0'), 10'000'000);
    if (i == power_start) return std::nullopt;
    const std::int64_t moved = std::int64_t{collected.exponent} + (down ? -power : power);
    collected.exponent = static_cast<int>(std::clamp<std::int64_t>(moved, -100'000'000, 100'000'000));
    decimal = true;
  }
  if (i != text.size()) return std::nullopt;
  return canonical(negative ? -collected.coefficient : collected.coefficient, collected.exponent, decimal);
}

double Number::as_double() const {
  if (exponent_ == 0 && magnitude(coefficient_) < (Int128{1} << 53)) return static_cast<double>(coefficient_);
  const std::string text = (coefficient_ < 0 ? "-" : "") + digits_of(magnitude(coefficient_)) + "e" +
                           std::to_string(exponent_);
  double value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc::result_out_of_range) return value;
  if (exponent_ < 0) return 0;
  return sign() * std::numeric_limits<double>::infinity();
}

std::optional<Int128> Number::floor_int128() const {
  if (exponent_ > 0) return std::nullopt;
  return floor_shift(coefficient_, -exponent_);
}

std::int64_t Number::floor_int64() const {
  constexpr std::int64_t low = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t high = std::numeric_limits<std::int64_t>::max();
  if (exponent_ > 0) return coefficient_ < 0 ? low : high;
  return static_cast<std::int64_t>(std::clamp<Int128>(floor_shift(coefficient_, -exponent_), low, high));
}

Number Number::floor() const {
  if (exponent_ >= 0) return Number(coefficient_, exponent_, exponent_ > 0);
  return Number(floor_shift(coefficient_, -exponent_), 0, false);
}

Number Number::ceil() const { return negated().floor().negated(); }

Number Number::rounded() const {
  if (exponent_ >= 0) return Number(coefficient_, exponent_, exponent_ > 0);
  return Number(rounded_shift(coefficient_, -exponent_), 0, false);
}

Number Number::truncated(int places) const {
  if (-exponent_ <= places) return *this;
  const Int128 kept = floor_shift(magnitude(coefficient_), -exponent_ - places);
  return canonical(coefficient_ < 0 ? -kept : kept, -places, decimal_).value_or(Number());
}

std::optional<Number> Number::add(const Number& a, const Number& b) {
  if (a.exponent_ < b.exponent_) return add(b, a);
  const bool decimal = a.decimal_ || b.decimal_;
  if (a.coefficient_ == 0) return Number(b.coefficient_, b.exponent_, decimal);
  if (const int scale = a.exponent_ - b.exponent_;
      scale <= small_digits && is_small(a.coefficient_) && is_small(b.coefficient_)) {
    return canonical(a.coefficient_ * power_of_ten[scale] + b.coefficient_, b.exponent_, decimal);
  }
  // One digit of an Int128 stays free for the carry.
  const int room = power_max - 1 - digit_count(a.coefficient_);
  const int scale = std::min(a.exponent_ - b.exponent_, room);
  const int exponent = a.exponent_ - scale;
  const Int128 sum = a.coefficient_ * power_of_ten[scale] + rounded_shift(b.coefficient_, exponent - b.exponent_);
  return canonical(sum, exponent, decimal);
}

std::optional<Number> Number::multiply(const Number& a, const Number& b) {
  constexpr Int128 base = power_of_ten[17];
  if (is_small(a.coefficient_) && is_small(b.coefficient_)) {
    return canonical(a.coefficient_ * b.coefficient_, a.exponent_ + b.exponent_, a.decimal_ || b.decimal_);
  }
  const bool negative = (a.coefficient_ < 0) != (b.coefficient_ < 0);
  const Int128 x = magnitude(a.coefficient_), y = magnitude(b.coefficient_);
  int exponent = a.exponent_ + b.exponent_;

  const Int128 low = (x % base) * (y % base);
  const Int128 middle = (x / base) * (y % base) + (x % base) * (y / base) + low / base;
  const Int128 high = (x / base) * (y / base) + middle / base;
  Int128 product = (middle % base) * base + low % base;  // the lower 34 digits
  if (high != 0) {
    const int taken = std::min(power_max - 1 - digit_count(high), digits_max);
    product = high * power_of_ten[taken] + product / power_of_ten[digits_max - taken];
    exponent += digits_max - taken;
  }
  return canonical(negative ? -product : product, exponent, a.decimal_ || b.decimal_);
}

std::optional<Number> Number::divide(const Number& a, const Number& b) {
  if (b.coefficient_ == 0) return std::nullopt;
  const bool negative = (a.coefficient_ < 0) != (b.coefficient_ < 0);
  const Int128 divisor = magnitude(b.coefficient_);
  Int128 quotient = magnitude(a.coefficient_) / divisor;
  Int128 rest = magnitude(a.coefficient_) % divisor;
  int exponent = a.exponent_ - b.exponent_;
  const bool decimal = a.decimal_ || b.decimal_ || rest != 0;
  if (is_small(divisor)) {
    while (rest != 0 && quotient < power_of_ten[power_max - 3]) {
      const int places = std::min(small_digits, power_max - 1 - digit_count(quotient));
      rest *= power_of_ten[places];
      quotient = quotient * power_of_ten[places] + rest / divisor;
      rest %= divisor;
      exponent -= places;
    }
    return canonical(negative ? -quotient : quotient, exponent, decimal);
  }
  for (int step = 0; rest != 0 && step < 2 * power_max && quotient < power_of_ten[power_max - 2]; ++step) {
    rest *= 10;
    quotient = quotient * 10 + rest / divisor;
    rest %= divisor;
    --exponent;
  }
  return canonical(negative ? -quotient : quotient, exponent, decimal);
}

std::optional<Number> Number::remainder(const Number& a, const Number& b) {
  if (b.coefficient_ == 0) return std::nullopt;
  const bool decimal = a.decimal_ || b.decimal_;
  const int shift = a.exponent_ - b.exponent_;
  if (shift >= 0) {
    Int128 rest = a.coefficient_ % b.coefficient_;
    for (int i = 0; i < shift && rest != 0; ++i) rest = rest * 10 % b.coefficient_;
    return canonical(rest, b.exponent_, decimal);
  }
  if (digit_count(b.coefficient_) - shift >= power_max) return Number(a.coefficient_, a.exponent_, decimal);
  return canonical(a.coefficient_ % (b.coefficient_ * power_of_ten[-shift]), a.exponent_, decimal);
}

std::strong_ordering operator<=>(const Number& a, const Number& b) {
  if (a.exponent_ == b.exponent_) return a.coefficient_ <=> b.coefficient_;
  if (a.sign() != b.sign()) return a.sign() <=> b.sign();
  if (a.sign() == 0) return std::strong_ordering::equal;
  const int a_top = a.exponent_ + digit_count(a.coefficient_), b_top = b.exponent_ + digit_count(b.coefficient_);
  if (a_top != b_top) return a.sign() > 0 ? a_top <=> b_top : b_top <=> a_top;
  // Of one magnitude, so the exponents are less than 34 apart and scaling stays within 34 digits.
  const int low = std::min(a.exponent_, b.exponent_);
  const Int128 x = a.coefficient_ * power_of_ten[a.exponent_ - low];
  const Int128 y = b.coefficient_ * power_of_ten[b.exponent_ - low];
  if (x == y) return std::strong_ordering::equal;
  return x < y ? std::strong_ordering::less : std::strong_ordering::greater;
}

static std::string scientific(std::string digits, int adjusted) {
  digits.erase(digits.find_last_not_of('0') + 1);
  if (digits.size() > 1) digits.insert(1, ".");
  return digits + (adjusted < 0 ? "E-" : "E+") + std::to_string(adjusted < 0 ? -adjusted : adjusted);
}

std::string Number::exact_text() const {
  std::string digits = digits_of(magnitude(coefficient_));
  const std::string minus = coefficient_ < 0 ? "-" : "";
  if (exponent_ == 0) return minus + digits + (decimal_ ? ".0" : "");
  const int whole = static_cast<int>(digits.size()) + exponent_;
  if (exponent_ > 0 || whole <= -6) return minus + digits + "e" + std::to_string(exponent_);
  if (whole <= 0) digits.insert(0, static_cast<std::size_t>(1 - whole), '0');
  digits.insert(digits.size() - static_cast<std::size_t>(-exponent_), ".");
  return minus + digits;
}

void Number::append_to(std::string& out, SqlVersion version) const {
  char buffer[24];
  const bool is_short = is_small(coefficient_) && exponent_ <= 0 && exponent_ > -small_digits;
  if (!is_short) return void(out += text(version));
  const auto digits = static_cast<std::int64_t>(coefficient_);
  const char* const end = std::to_chars(buffer, buffer + sizeof buffer, digits < 0 ? -digits : digits).ptr;
  const auto whole = end - buffer + exponent_;  // digits before the point
  if (exponent_ != 0 && (whole <= 0 || end - buffer > std::numeric_limits<double>::digits10))
    return void(out += text(version));
  if (digits < 0) out += '-';
  out.append(buffer, static_cast<std::size_t>(whole));
  if (exponent_ != 0)
    out.append(1, '.').append(buffer + whole, static_cast<std::size_t>(end - buffer - whole));
  else if (decimal_ && version == SqlVersion::v2015_10_08)
    out += ".0";
}

std::string Number::text(SqlVersion version) const {
  constexpr int double_digits = 17;
  if (exponent_ < 0 && digit_count(coefficient_) > double_digits) {
    const std::optional<Number> nearest = from_double(as_double());
    if (nearest && nearest->coefficient_ != 0) return nearest->as_decimal().text(version);
  }
  std::string digits = digits_of(magnitude(coefficient_));
  const std::string minus = coefficient_ < 0 ? "-" : "";
  const int adjusted = exponent_ + static_cast<int>(digits.size()) - 1;
  if (exponent_ == 0) {
    return minus + digits + (decimal_ && version == SqlVersion::v2015_10_08 ? ".0" : "");
  }
  if (exponent_ > 0 || adjusted < -6) return minus + scientific(std::move(digits), adjusted);
  if (adjusted < 0) digits.insert(0, static_cast<std::size_t>(-adjusted), '0');
  digits.insert(digits.size() - static_cast<std::size_t>(-exponent_), ".");
  return minus + digits;
}

}  // namespace croft::sql
