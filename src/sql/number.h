#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace croft::sql {

__extension__ using Int128 = __int128;

enum class SqlVersion : std::uint8_t { v2015_10_08, v2016_03_23, beta };

// The awsIotSqlVersion names; nothing for any other text.
std::optional<SqlVersion> sql_version_from(std::string_view name);
std::string_view name_of(SqlVersion version);

// Int and Decimal of IoT SQL: coefficient * 10^exponent with at most 34 digits and magnitudes 1E-999 to 9.99E999.
// Arithmetic is decimal (0.1 + 0.2 is 0.3) and rounds half away from zero at the 34th digit. A Decimal remembers that
// it is one even when whole, because 2015-10-08 prints it as 10.0.
//
// Representation is canonical, so equal numbers of either kind have equal coefficient and exponent: the exponent is
// at most 0 when the digits allow it, and a coefficient has no needless trailing zeros otherwise.
class Number {
 public:
  static constexpr int digits_max = 34;

  constexpr Number() = default;
  static constexpr Number integer(std::int64_t value) { return Number(value, 0, false); }
  // Exact below 10^34; nothing above.
  static std::optional<Number> integer128(Int128 value);
  // Through the shortest text that reads back equal. Nothing for infinities and NaN.
  static std::optional<Number> from_double(double value);
  // -?digits[.digits][e[+-]digits], the whole text. Int when written without fraction and exponent and short enough.
  // Nothing when malformed or out of range; more than 34 digits are rounded.
  static std::optional<Number> from_text(std::string_view text);
  // A number of a JSON document, well-formed: integers exactly, fractions as a double reads them (AWS's own output
  // shows that: 36.903999599999999 comes out as 36.9039996); what no double holds stays decimal. Nothing when out of
  // range.
  static std::optional<Number> from_json(std::string_view text);

  bool is_decimal() const { return decimal_; }  // was written or computed as a Decimal
  bool is_whole() const { return exponent_ >= 0; }
  bool is_zero() const { return coefficient_ == 0; }
  int sign() const { return coefficient_ < 0 ? -1 : coefficient_ > 0 ? 1 : 0; }

  double as_double() const;
  // Toward minus infinity, held within int64.
  std::int64_t floor_int64() const;
  // Toward minus infinity; nothing over 34 digits.
  std::optional<Int128> floor_int128() const;

  // Int results. Halves go away from zero.
  Number floor() const;
  Number ceil() const;
  Number rounded() const;
  // Cut toward zero after `places` decimal places.
  Number truncated(int places) const;
  Number negated() const { return Number(-coefficient_, exponent_, decimal_); }
  // The same value counted as a Decimal.
  Number as_decimal() const { return Number(coefficient_, exponent_, true); }

  // Nothing when the result leaves the range, or the divisor is zero.
  static std::optional<Number> add(const Number& a, const Number& b);
  static std::optional<Number> subtract(const Number& a, const Number& b) { return add(a, b.negated()); }
  static std::optional<Number> multiply(const Number& a, const Number& b);
  // Int when both are Int and the division is exact, otherwise Decimal: never truncates silently.
  static std::optional<Number> divide(const Number& a, const Number& b);
  // Sign of the dividend.
  static std::optional<Number> remainder(const Number& a, const Number& b);

  // Plain digits, or 5E-12 for the very small and 1E+40 for the very large. Digits beyond a double's precision are
  // rounded to the shortest double, except in whole numbers. Whole Decimals: 10 (2016-03-23) or 10.0 (2015-10-08).
  // Always a valid JSON number.
  std::string text(SqlVersion version = SqlVersion::v2016_03_23) const;
  void append_to(std::string& out, SqlVersion version) const;

  // Reads back as the same number with from_text, to the last digit and in its kind.
  std::string exact_text() const;

  // By value: Int 3 equals Decimal 3.0.
  friend bool operator==(const Number& a, const Number& b) {
    return a.coefficient_ == b.coefficient_ && a.exponent_ == b.exponent_;
  }
  friend std::strong_ordering operator<=>(const Number& a, const Number& b);

 private:
  constexpr Number(Int128 coefficient, int exponent, bool decimal)
      : coefficient_(coefficient), exponent_(exponent), decimal_(decimal) {}
  static std::optional<Number> canonical(Int128 coefficient, int exponent, bool decimal);
  static std::optional<Number> from_short(std::string_view text);

  Int128 coefficient_ = 0;
  std::int32_t exponent_ = 0;
  bool decimal_ = false;
};

}  // namespace croft::sql
