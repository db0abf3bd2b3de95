// The tree of a compiled statement. Built by the parser, completed by the binder, read-only afterwards.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sql/conversion.h"
#include "sql/operators.h"
#include "sql/value.h"

namespace croft::sql {

struct Expression;
using ExpressionPtr = std::unique_ptr<Expression>;
struct Function;  // functions/function.h
class Regex;      // regex.h
class TimeZone;   // time_zone.h

struct Literal {
  Value value;
};
struct Star {};  // the whole payload; in a nested query, the whole element
struct Name {
  std::string name;
};
// A member of the payload by the names that lead to it from the top. The parser never makes one; see simplifier.h.
struct PayloadPath {
  std::vector<std::string> steps;
};
struct VariableReference {
  std::string name;
  std::uint8_t slot = 0;  // position in SET; filled in by the binder
};
struct Member {
  ExpressionPtr object;
  std::string name;
};
struct Not {
  ExpressionPtr operand;
};
struct Negation {
  ExpressionPtr operand;
};
struct Operation {
  Operator op;
  ExpressionPtr left, right;
};
struct Cast {
  ExpressionPtr operand;
  CastType type;
};
struct Case {
  struct Branch {
    ExpressionPtr when, then;
  };
  ExpressionPtr subject;
  std::vector<Branch> branches;
  ExpressionPtr otherwise;  // null without ELSE
};
struct ArrayLiteral {
  std::vector<ExpressionPtr> elements;
};
struct ObjectLiteral {
  std::vector<std::pair<std::string, ExpressionPtr>> members;
};
struct Call {
  std::string name;  // lower case
  std::vector<ExpressionPtr> arguments;
  const Function* function = nullptr;           // filled in by the binder
  std::shared_ptr<const Regex> regex;           // when the pattern is a literal
  std::shared_ptr<const TimeZone> time_zone;    // when the zone is a literal
  bool asks_external = false;                   // decode with 'proto'; set by its prepare
};

// What SELECT names.
struct Projection {
  struct Item {
    ExpressionPtr expression;
    std::vector<std::string> path;  // alias or derived name; two and more steps build nested objects
    bool spread = false;            // `*` or an object literal without alias: the members become the result's
  };
  bool is_value = false;  // SELECT VALUE, exactly one item
  std::vector<Item> items;

  // SELECT * or SELECT VALUE *: the source itself.
  bool is_star() const;
};

struct Subselect {
  Projection projection;
  ExpressionPtr source;
  std::string alias;    // "" for none
  ExpressionPtr where;  // null for none
};
struct Exists {
  ExpressionPtr subselect;
};

struct Expression {
  using Node = std::variant<Literal, Star, Name, VariableReference, Member, Not, Negation, Operation, Cast, Case,
                            ArrayLiteral, ObjectLiteral, Call, Subselect, Exists, PayloadPath>;
  Node node;
  std::uint32_t offset = 0;  // of the first character in the text
  std::uint16_t height = 1;  // of the tree below, so that walking it cannot exhaust the stack
};

struct Statement {
  struct Variable {
    std::string name;
    ExpressionPtr value;
    std::uint32_t offset = 0;
  };
  SqlVersion version = SqlVersion::v2016_03_23;
  std::vector<Variable> variables;
  Projection projection;
  std::string topic_filter;
  ExpressionPtr where;  // null for none
  bool reads_members = false;  // of the payload
  std::vector<std::string_view> externals;  // names of the external functions that are called
};

inline bool Projection::is_star() const {
  return items.size() == 1 && std::holds_alternative<Star>(items[0].expression->node) &&
         (is_value || items[0].spread);
}

}  // namespace croft::sql
