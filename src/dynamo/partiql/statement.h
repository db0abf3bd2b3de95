// A PartiQL statement as a tree: what the parser makes and the compiler takes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "dynamo/expressions/path.h"
#include "dynamo/partiql/token.h"
#include "dynamo/requests.h"
#include "types/result.h"

namespace croft::dynamo::partiql {

struct Expression {
  enum class Kind {
    missing, null, boolean, number, string, ion,  // literals: `text` is the content, "true" or "false"
    list, bag, sequence,                          // [..], <<..>>, (.., ..)
    tuple,                                        // names and values in turn
    parameter,                                    // `number` counts them from 0
    path,
    call,                                         // `text` is the function's name in lower case
    star,                                         // in count(*)
    all, any, negation,                           // AND, OR, NOT
    equal, not_equal, less, less_equal, greater, greater_equal, between, in,
    is_type,                                      // `text` is the type's name in lower case
    plus, minus,
    operation,                                    // what DynamoDB has not: `text` is the operator
  };

  Kind kind = Kind::missing;
  Position at{};
  std::string text{};
  std::vector<Expression> operands{};
  Path path{};
  std::size_t number = 0;
  std::size_t depth = 1;
};

// A table, or one of its indexes ("" = the table itself).
struct Source {
  std::string table;
  std::string index{};
};

struct Column {
  Path path;
  std::string name;  // of the attribute in the answer
};

struct Select {
  Source source;
  std::vector<Column> columns{};  // none: *
  std::optional<Expression> where{};
  struct Order {
    Path path;
    bool descending = false;
  };
  std::vector<Order> order{};
};

// The condition of a transaction: EXISTS(SELECT ...).
struct Exists {
  Select select;
};

struct Insert {
  Source source;
  Expression item;
};

struct UpdateStatement {
  Source source;
  struct Set {
    Path path;
    Expression value;
  };
  std::vector<std::variant<Set, Path>> actions{};  // a Path is to be removed
  std::optional<Expression> where{};
  ReturnValues returning = ReturnValues::none;
};

struct Delete {
  Source source;
  std::optional<Expression> where{};
  ReturnValues returning = ReturnValues::none;
};

struct Statement {
  std::variant<Select, Exists, Insert, UpdateStatement, Delete> action;
  std::size_t parameters = 0;  // how many `?` there are

  bool reads() const { return std::holds_alternative<Select>(action); }
  const Source& source() const;
};

// ValidationException with AWS's texts: "Statement wasn't well formed, can't be processed: ..." for what the grammar
// refuses, otherwise what of PartiQL DynamoDB does not have. Pure; the tree's depth is limited.
// Source: Developer Guide, "PartiQL - a SQL-compatible query language for Amazon DynamoDB"; messages as observed.
Result<Statement> parse(std::string_view text);

}  // namespace croft::dynamo::partiql
