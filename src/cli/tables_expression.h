// Conditions as one types them at a prompt, made into DynamoDB's expressions: age > 3 and begins_with(name, A)
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/tables_plain.h"

namespace croft::cli {

// Expressions of one request, which share their placeholders. Values for attributes that are keys have the key's type;
// other values are what they look like (5, true, null), and strings otherwise or in quotes.
//
//   NAME = V   != (<>)   <   <=   >   >=        NAME between V and V        NAME in (V, V)
//   begins_with(NAME, V)   contains(NAME, V)   exists(NAME)   missing(NAME)   type(NAME, S)   size(NAME) > V
//   and   or   not   ( )                        NAME is a path: a.b[0]; `NAME` may have any characters
class Expressions {
 public:
  explicit Expressions(KeyTypes types) : types_(std::move(types)) {}

  // Error: InvalidCondition, telling the place.
  Result<std::string> condition(std::string_view text);
  // One part of a key condition: NAME=VALUE, NAME<=VALUE with all that follows as the value, or as in condition().
  Result<std::string> key_condition(std::string_view text);
  // "a, b.c" as a ProjectionExpression.
  Result<std::string> projection(std::string_view names);
  // "n=5" as "#0 = :0", for SET and ADD: the value as attribute_of_text().
  Result<std::string> assignment(std::string_view text, std::string_view between);
  Result<std::string> path(std::string_view text);

  // Puts ExpressionAttributeNames and ExpressionAttributeValues where they belong, when there are any.
  void add_to(json::object& request) const;

  std::string name(std::string_view attribute);
  std::string value(json::value attribute);
  // "" for what is no key.
  std::string_view type_of(std::string_view attribute) const;

 private:
  KeyTypes types_;
  std::vector<std::string> names_;
  std::vector<json::value> values_;
};

}  // namespace croft::cli
