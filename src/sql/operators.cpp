#include "sql/operators.h"

#include <algorithm>

#include "sql/conversion.h"

namespace croft::sql {
namespace {

Value logical(Operator op, const Value& left, const Value& right) {
  const std::optional<bool> a = to_boolean(left), b = to_boolean(right);
  if (!a || !b) return Value();
  return Value::boolean(op == Operator::logical_and ? *a && *b : *a || *b);
}

Value is_in(const Value& element, const Value& collection) {
  if (!collection.is_array() || element.is_boolean() || element.is_null()) return Value();
  const Array& elements = collection.as_array();
  return Value::boolean(
      std::any_of(elements.begin(), elements.end(), [&](const Value& each) { return equals(each, element); }));
}

Value concatenated(const Value& left, const Value& right, SqlVersion version) {
  std::optional<std::string> a = to_text(left, version), b = to_text(right, version);
  if (!a || !b) return Value();
  return Value::string(std::move(*a) + *b);
}

Value arithmetic(Operator op, const Value& left, const Value& right) {
  const std::optional<Number> a = to_number(left), b = to_number(right);
  if (!a || !b) return Value();
  switch (op) {
    case Operator::add: return Value::number(Number::add(*a, *b));
    case Operator::subtract: return Value::number(Number::subtract(*a, *b));
    case Operator::multiply: return Value::number(Number::multiply(*a, *b));
    case Operator::divide: return Value::number(Number::divide(*a, *b));
    default: return Value::number(Number::remainder(*a, *b));
  }
}

}  // namespace

// There is no order of texts: 'abc' < 'abd' is Undefined, '2' < '10' is true.
std::optional<bool> compare(Operator op, const Value& left, const Value& right) {
  if (left.is_undefined() || right.is_undefined()) return std::nullopt;
  if (op == Operator::equal) return equals(left, right);
  if (op == Operator::not_equal) return !equals(left, right);
  const std::optional<Number> a = to_number(left), b = to_number(right);
  if (!a || !b) return std::nullopt;
  switch (op) {
    case Operator::less:
      return *a < *b;
    case Operator::less_or_equal:
      return *a <= *b;
    case Operator::greater:
      return *a > *b;
    default:
      return *a >= *b;
  }
}

static Value boolean_or_undefined(const std::optional<bool>& value) {
  return value ? Value::boolean(*value) : Value();
}

Value apply(Operator op, const Value& left, const Value& right, SqlVersion version) {
  if (left.is_undefined() || right.is_undefined()) return Value();
  switch (op) {
    case Operator::logical_and:
    case Operator::logical_or: return logical(op, left, right);
    case Operator::equal:
    case Operator::not_equal:
    case Operator::less:
    case Operator::less_or_equal:
    case Operator::greater:
    case Operator::greater_or_equal:
      return boolean_or_undefined(compare(op, left, right));
    case Operator::in: return is_in(left, right);
    case Operator::add:
      if (left.is_string() || right.is_string()) return concatenated(left, right, version);
      return arithmetic(op, left, right);
    case Operator::subtract:
    case Operator::multiply:
    case Operator::divide:
    case Operator::remainder: return arithmetic(op, left, right);
  }
  return Value();
}

Value logical_not(const Value& value) {
  const std::optional<bool> converted = to_boolean(value);
  return converted ? Value::boolean(!*converted) : Value();
}

Value negated(const Value& value) {
  const std::optional<Number> number = to_number(value);
  return number ? Value::number(number->negated()) : Value();
}

}  // namespace croft::sql
