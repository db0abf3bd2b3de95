#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "types/result.h"

namespace croft::dynamo {

// A number as DynamoDB keeps it: a decimal of at most 38 significant digits, magnitude from 1E-130 to 9.9...E+125,
// or zero. Exact: what was stored reads back digit for digit. A value; there is one form for each number.
class Number {
 public:
  Number() = default;
  explicit Number(std::int64_t value);

  // Decimal text with optional sign, fraction and exponent. ValidationException with AWS's text for anything else,
  // for more than 38 significant digits and for magnitudes out of range.
  static Result<Number> parse(std::string_view text);

  // Plain decimal notation, never an exponent: "1E+2" prints as "100".
  std::string text() const;

  // Exact sums; ValidationException when the exact result is not a Number.
  static Result<Number> add(const Number& a, const Number& b);
  static Result<Number> subtract(const Number& a, const Number& b);

  friend std::strong_ordering operator<=>(const Number& a, const Number& b);
  friend bool operator==(const Number& a, const Number& b) = default;

  // What AWS counts towards an item's size: one byte for two digits, on each side of the point; one more, one for a
  // sign.
  std::size_t counted_bytes() const;

  // Bytes whose order is the order of the numbers. Self-delimiting: no encoding is a prefix of another.
  void append_ordered(std::string& out) const;
  // Takes one number off the front of `bytes`, which append_ordered() wrote.
  static Number take_ordered(std::string_view& bytes);

 private:
  __extension__ using Digits = unsigned __int128;

  static Result<Number> make(bool negative, Digits digits, int exponent);
  static int count(Digits digits);
  int leading_exponent() const { return exponent_ + count(digits_) - 1; }

  // (-1)^negative * digits * 10^exponent, digits not divisible by ten; zero is all members zero.
  Digits digits_ = 0;
  std::int16_t exponent_ = 0;
  bool negative_ = false;
};

}  // namespace croft::dynamo
