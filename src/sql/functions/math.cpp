// Numeric functions. Every argument goes through To Decimal; what does not convert gives Undefined.
#include <algorithm>
#include <cmath>

#include "sql/functions/function.h"
#include "text/digest.h"

namespace croft::sql {
namespace {

// Functions of one double; NaN and infinities become Undefined.
template <double (*compute)(double)>
Value of_double(const Invocation& in) {
  const std::optional<Number> x = in.number(0);
  return x ? Value::number(Number::from_double(compute(x->as_double()))) : Value();
}

template <double (*compute)(double, double)>
Value of_doubles(const Invocation& in) {
  const std::optional<Number> x = in.number(0), y = in.number(1);
  return x && y ? Value::number(Number::from_double(compute(x->as_double(), y->as_double()))) : Value();
}

template <Number (Number::*compute)() const>
Value of_number(const Invocation& in) {
  const std::optional<Number> x = in.number(0);
  return x ? Value::number(((*x).*compute)()) : Value();
}

Value absolute(const Invocation& in) {
  const std::optional<Number> x = in.number(0);
  return x ? Value::number(x->sign() < 0 ? x->negated() : *x) : Value();
}

Value sign(const Invocation& in) {
  const std::optional<Number> x = in.number(0);
  return x ? Value::integer(x->sign()) : Value();
}

Value remainder(const Invocation& in) {
  const std::optional<Number> x = in.number(0), y = in.number(1);
  return x && y ? Value::number(Number::remainder(*x, *y)) : Value();
}

Value truncate(const Invocation& in) {
  const std::optional<Number> x = in.number(0), places = in.number(1);
  if (!x || !places) return Value();
  const auto kept = std::clamp<std::int64_t>(places->floor_int64(), 0, Number::digits_max);
  return Value::number(x->truncated(static_cast<int>(kept)));
}

// Int128 operands, rounded down, in two's complement.
template <class Combine>
Value of_bits(const Invocation& in, Combine combine) {
  const std::optional<Number> x = in.number(0), y = in.number(in.size() - 1);
  if (!x || !y) return Value();
  const std::optional<Int128> a = x->floor_int128(), b = y->floor_int128();
  return a && b ? Value::number(Number::integer128(combine(*a, *b))) : Value();
}

Value bit_and(const Invocation& in) {
  return of_bits(in, [](Int128 a, Int128 b) { return a & b; });
}
Value bit_or(const Invocation& in) {
  return of_bits(in, [](Int128 a, Int128 b) { return a | b; });
}
Value bit_xor(const Invocation& in) {
  return of_bits(in, [](Int128 a, Int128 b) { return a ^ b; });
}
// AWS's example bitnot(13) = 2 inverts four bits only; two's complement gives -14.
Value bit_not(const Invocation& in) {
  return of_bits(in, [](Int128 a, Int128) { return ~a; });
}

// 53 random bits, as java.lang.Math.random().
Value random(const Invocation& in) {
  const auto& source = in.evaluator.context().random_bytes;
  const std::string bytes = source ? source(8) : text::random_bytes(8);
  std::uint64_t bits = 0;
  for (const char byte : bytes) bits = bits << 8 | static_cast<unsigned char>(byte);
  return Value::number(Number::from_double(static_cast<double>(bits >> 11) * 0x1p-53));
}

constexpr SqlVersion v2015 = SqlVersion::v2015_10_08;

constexpr Function rows[] = {
    {"abs", 1, 1, v2015, absolute},
    {"acos", 1, 1, v2015, of_double<std::acos>},
    {"asin", 1, 1, v2015, of_double<std::asin>},
    {"atan", 1, 1, v2015, of_double<std::atan>},
    {"atan2", 2, 2, v2015, of_doubles<std::atan2>},
    {"cos", 1, 1, v2015, of_double<std::cos>},
    {"cosh", 1, 1, v2015, of_double<std::cosh>},
    {"sin", 1, 1, v2015, of_double<std::sin>},
    {"sinh", 1, 1, v2015, of_double<std::sinh>},
    {"tan", 1, 1, v2015, of_double<std::tan>},
    {"tanh", 1, 1, v2015, of_double<std::tanh>},
    {"exp", 1, 1, v2015, of_double<std::exp>},
    {"ln", 1, 1, v2015, of_double<std::log>},
    {"log", 1, 1, v2015, of_double<std::log10>},
    {"power", 2, 2, v2015, of_doubles<std::pow>},
    {"sqrt", 1, 1, v2015, of_double<std::sqrt>},
    {"ceil", 1, 1, v2015, of_number<&Number::ceil>},
    {"floor", 1, 1, v2015, of_number<&Number::floor>},
    {"round", 1, 1, v2015, of_number<&Number::rounded>},
    {"trunc", 2, 2, v2015, truncate},
    {"sign", 1, 1, v2015, sign},
    {"mod", 2, 2, v2015, remainder},
    {"remainder", 2, 2, v2015, remainder},
    {"rand", 0, 0, v2015, random},
    {"bitand", 2, 2, v2015, bit_and},
    {"bitor", 2, 2, v2015, bit_or},
    {"bitxor", 2, 2, v2015, bit_xor},
    {"bitnot", 1, 1, v2015, bit_not},
};

}  // namespace

std::span<const Function> math_functions() { return rows; }

}  // namespace croft::sql
