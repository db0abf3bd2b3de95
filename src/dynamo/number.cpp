#include "dynamo/number.h"

#include <algorithm>

#include "dynamo/errors.h"
#include "dynamo/limits.h"
#include "types/assert.h"

namespace croft::dynamo {

namespace {

constexpr std::int64_t exponent_bound = 100'000;  // beyond it the value is out of range whatever its digits

Error not_a_number(std::string_view text) {
  if (text.empty()) return validation_error("The parameter cannot be converted to a numeric value");
  return validation_error("The parameter cannot be converted to a numeric value: " + std::string(text));
}

Error overflow() {
  return validation_error("Number overflow. Attempting to store a number with magnitude larger than supported range");
}

Error underflow() {
  return validation_error(
      "Number underflow. Attempting to store a number with magnitude smaller than supported range");
}

Error too_precise() { return validation_error("Attempting to store more than 38 significant digits in a Number"); }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// What a number's text says, before ranges are looked at: leading and trailing zeros are gone from `significant`.
struct Literal {
  bool negative = false;
  std::string significant;
  std::int64_t exponent = 0;  // of the last significant digit
};

// The exponent after E; nothing when it is not one.
bool read_exponent(std::string_view text, std::int64_t& exponent) {
  const bool negative = !text.empty() && text[0] == '-';
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  if (text.empty()) return false;
  std::int64_t value = 0;
  for (char c : text) {
    if (!is_digit(c)) return false;
    value = std::min(value * 10 + (c - '0'), exponent_bound);
  }
  exponent = negative ? -value : value;
  return true;
}

bool read_literal(std::string_view text, Literal& out) {
  out.negative = !text.empty() && text[0] == '-';
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  if (const std::size_t e = text.find_first_of("eE"); e != std::string_view::npos) {
    if (!read_exponent(text.substr(e + 1), out.exponent)) return false;
    text = text.substr(0, e);
  }
  bool fraction = false, any = false;
  for (char c : text) {
    if (c == '.') {
      if (fraction) return false;
      fraction = true;
      continue;
    }
    if (!is_digit(c)) return false;
    any = true;
    if (fraction) --out.exponent;
    if (c != '0' || !out.significant.empty()) out.significant += c;
  }
  while (!out.significant.empty() && out.significant.back() == '0') {
    out.significant.pop_back();
    ++out.exponent;
  }
  return any;
}

}  // namespace

Number::Number(std::int64_t value) : negative_(value < 0) {
  digits_ = value < 0 ? Digits(0) - static_cast<Digits>(value) : static_cast<Digits>(value);
  if (value < 0) digits_ = static_cast<std::uint64_t>(digits_);
  while (digits_ != 0 && digits_ % 10 == 0) {
    digits_ /= 10;
    ++exponent_;
  }
}

int Number::count(Digits digits) {
  int n = 0;
  for (; digits != 0; digits /= 10) ++n;
  return n;
}

// The one way to a valid Number: trims trailing zeros, then checks digits and magnitude.
Result<Number> Number::make(bool negative, Digits digits, int exponent) {
  Number number;
  if (digits == 0) return number;
  while (digits % 10 == 0) {
    digits /= 10;
    ++exponent;
  }
  const int length = count(digits);
  const int leading = exponent + length - 1;
  if (leading > limits::number_exponent_max) return overflow();
  if (leading < limits::number_exponent_min) return underflow();
  if (length > limits::number_digits_max) return too_precise();
  number.negative_ = negative;
  number.digits_ = digits;
  number.exponent_ = static_cast<std::int16_t>(exponent);
  return number;
}

Result<Number> Number::parse(std::string_view text) {
  Literal literal;
  if (!read_literal(text, literal)) return not_a_number(text);
  if (literal.significant.empty()) return Number();
  const std::int64_t leading = literal.exponent + static_cast<std::int64_t>(literal.significant.size()) - 1;
  if (leading > limits::number_exponent_max) return overflow();
  if (leading < limits::number_exponent_min) return underflow();
  if (literal.significant.size() > limits::number_digits_max) return too_precise();
  Digits digits = 0;
  for (char c : literal.significant) digits = digits * 10 + static_cast<Digits>(c - '0');
  return make(literal.negative, digits, static_cast<int>(literal.exponent));
}

std::string Number::text() const {
  if (digits_ == 0) return "0";
  std::string digits;
  for (Digits rest = digits_; rest != 0; rest /= 10) digits += static_cast<char>('0' + static_cast<int>(rest % 10));
  std::reverse(digits.begin(), digits.end());
  const std::string sign = negative_ ? "-" : "";
  if (exponent_ >= 0) return sign + digits + std::string(static_cast<std::size_t>(exponent_), '0');
  const std::size_t fraction = static_cast<std::size_t>(-exponent_);
  if (digits.size() > fraction) return sign + digits.insert(digits.size() - fraction, 1, '.');
  return sign + "0." + std::string(fraction - digits.size(), '0') + digits;
}

// Both are brought to the smaller exponent. When that takes more than 39 digits, or the sum of unlike exponents more
// than 38, the last digit stays and the result has more digits than a Number: the smaller operand ends in a digit
// that is not zero, the larger one in zeros.
Result<Number> Number::add(const Number& a, const Number& b) {
  if (a.digits_ == 0) return b;
  if (b.digits_ == 0) return a;
  const Number& high = a.exponent_ >= b.exponent_ ? a : b;
  const Number& low = a.exponent_ >= b.exponent_ ? b : a;
  if (high.leading_exponent() - low.exponent_ > limits::number_digits_max) return too_precise();
  Digits aligned = high.digits_;
  Digits ceiling = 2;  // times 10^38: an aligned operand above it cannot shrink to 38 digits again
  for (int i = 0; i < limits::number_digits_max; ++i) ceiling *= 10;
  for (int shift = high.exponent_ - low.exponent_; shift > 0; --shift) {
    if (aligned > ceiling / 10) return too_precise();
    aligned *= 10;
  }
  if (high.negative_ == low.negative_) return make(high.negative_, aligned + low.digits_, low.exponent_);
  if (aligned >= low.digits_) return make(high.negative_, aligned - low.digits_, low.exponent_);
  return make(low.negative_, low.digits_ - aligned, low.exponent_);
}

Result<Number> Number::subtract(const Number& a, const Number& b) {
  Number negated = b;
  if (b.digits_ != 0) negated.negative_ = !b.negative_;
  return add(a, negated);
}

std::strong_ordering operator<=>(const Number& a, const Number& b) {
  const auto sign = [](const Number& n) { return n.digits_ == 0 ? 0 : n.negative_ ? -1 : 1; };
  if (sign(a) != sign(b)) return sign(a) <=> sign(b);
  if (sign(a) == 0) return std::strong_ordering::equal;
  const Number& small = a.negative_ ? b : a;  // the comparison of magnitudes turns round for negative numbers
  const Number& large = a.negative_ ? a : b;
  if (small.leading_exponent() != large.leading_exponent())
    return small.leading_exponent() <=> large.leading_exponent();
  Number::Digits x = small.digits_, y = large.digits_;
  for (int i = small.exponent_; i > large.exponent_; --i) x *= 10;
  for (int i = large.exponent_; i > small.exponent_; --i) y *= 10;
  return x < y ? std::strong_ordering::less : x > y ? std::strong_ordering::greater : std::strong_ordering::equal;
}

// Digits before the point and behind it are counted apart, so 1.5 costs more than 15. Zeros at the ends do not count.
// Source: measured at AWS's limit of item sizes; the Developer Guide's rule is an approximation.
std::size_t Number::counted_bytes() const {
  const auto half = [](int digits) { return (digits + 1) / 2; };
  if (digits_ == 0) return 1;
  const int whole = leading_exponent() + 1;  // digits before the point
  const bool straddles = exponent_ < 0 && whole > 0;
  const int bytes = straddles ? half(whole) + half(-exponent_) : half(count(digits_));
  return static_cast<std::size_t>(1 + bytes + (negative_ ? 1 : 0));
}

// Sign byte; exponent byte; pairs of digits from the front as 1..100, then 0. All but the first byte are complemented
// for negative numbers.
void Number::append_ordered(std::string& out) const {
  if (digits_ == 0) {
    out += '\x02';
    return;
  }
  out += negative_ ? '\x01' : '\x03';
  const unsigned char flip = negative_ ? 0xff : 0;
  const auto put = [&](int byte) { out += static_cast<char>(static_cast<unsigned char>(byte) ^ flip); };
  put(leading_exponent() - limits::number_exponent_min);
  unsigned char pairs[20];
  int length = count(digits_), used = 0;
  Digits rest = length % 2 ? digits_ * 10 : digits_;
  for (; rest != 0; rest /= 100) pairs[used++] = static_cast<unsigned char>(rest % 100 + 1);
  while (used > 0) put(pairs[--used]);
  put(0);
}

Number Number::take_ordered(std::string_view& bytes) {
  CROFT_ASSERT(!bytes.empty());
  const char sign = bytes.front();
  bytes.remove_prefix(1);
  if (sign == '\x02') return {};
  const unsigned char flip = sign == '\x01' ? 0xff : 0;
  const auto take = [&]() -> int {
    CROFT_ASSERT(!bytes.empty());
    const int byte = static_cast<unsigned char>(bytes.front()) ^ flip;
    bytes.remove_prefix(1);
    return byte;
  };
  int exponent = take() + limits::number_exponent_min + 1;
  Digits digits = 0;
  for (int pair = take(), pairs = 0; pair != 0; pair = take()) {
    CROFT_ASSERT(pair <= 100 && ++pairs <= 19);
    digits = digits * 100 + static_cast<Digits>(pair - 1);
    exponent -= 2;
  }
  const Result<Number> number = make(sign == '\x01', digits, exponent);
  CROFT_ASSERT(number.has_value());
  return *number;
}

}  // namespace croft::dynamo
