#pragma once

#include <string_view>
#include <vector>

#include "dynamo/expressions/path.h"
#include "dynamo/expressions/placeholders.h"
#include "types/result.h"

namespace croft::dynamo {

// One side of a comparison: a path or a value, or the size of what it names.
struct Operand {
  Path path;        // used when `value` is null
  ValuePtr value;
  bool size = false;

  static Operand of(Path path) { return {std::move(path), nullptr, false}; }
  static Operand of(ValuePtr value) { return {{}, std::move(value), false}; }
};

// A condition, filter or key condition as a tree.
struct Condition {
  enum class Kind {
    all, any, none,  // AND, OR, NOT over `children`
    equal, not_equal, less, less_equal, greater, greater_equal, between, in,
    attribute_exists, attribute_not_exists, attribute_type, begins_with, contains,
  };

  Kind kind = Kind::all;
  std::vector<Condition> children;
  std::vector<Operand> operands;

  // `kind` is the parameter's name: "ConditionExpression", "FilterExpression" or "KeyConditionExpression". Errors are
  // ValidationException with AWS's texts.
  static Result<Condition> parse(std::string_view kind, std::string_view text, Placeholders& placeholders);

  // A comparison with something that does not exist or is of another type is false, `<>` true. Source: Developer
  // Guide, "Condition and filter expressions, operators, and functions".
  bool matches(const Item& item) const;

  // Every path in it.
  std::vector<const Path*> paths() const;
};

// "=", "BETWEEN", "begins_with", as messages name it.
std::string_view operator_name(Condition::Kind kind);

}  // namespace croft::dynamo
