#pragma once

#include "sql/value.h"

namespace croft::sql {

enum class Operator : std::uint8_t {
  logical_and,
  logical_or,
  equal,
  not_equal,
  less,
  less_or_equal,
  greater,
  greater_or_equal,
  in,
  add,
  subtract,
  multiply,
  divide,
  remainder,
};

// The operator tables of the AWS IoT SQL reference. Undefined is infectious: it gives Undefined whatever the other
// operand is (so does `true OR missing`, as the table reads). `+` concatenates as soon as one side is a String.
Value apply(Operator op, const Value& left, const Value& right, SqlVersion version);

// = <> < <= > >= of two values. Nothing is Undefined.
std::optional<bool> compare(Operator op, const Value& left, const Value& right);

inline bool is_logical(Operator op) {
  return op == Operator::logical_and || op == Operator::logical_or;
}
inline bool is_comparison(Operator op) {
  return op >= Operator::equal && op <= Operator::greater_or_equal;
}

Value logical_not(const Value& value);
// Unary minus: numbers and numeric strings.
Value negated(const Value& value);

// The `=` operator of two defined values: no conversion between kinds, Null equals Null.
inline bool equals(const Value& a, const Value& b) { return a == b; }

}  // namespace croft::sql
