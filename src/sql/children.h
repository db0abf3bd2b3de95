#pragma once

#include "sql/syntax.h"

namespace croft::sql {

// Calls visit(child) for each expression directly below, in the order of the text; not for those that are left out
// (ELSE). `Any` is Expression or const Expression.
template <class Any, class Visit>
void for_each_child(Any& expression, Visit visit) {
  const auto one = [&](auto& child) {
    if (child) visit(child);
  };
  auto& node = expression.node;
  if (auto* at = std::get_if<Member>(&node))
    one(at->object);
  else if (auto* at = std::get_if<Not>(&node))
    one(at->operand);
  else if (auto* at = std::get_if<Negation>(&node))
    one(at->operand);
  else if (auto* at = std::get_if<Cast>(&node))
    one(at->operand);
  else if (auto* at = std::get_if<Exists>(&node))
    one(at->subselect);
  else if (auto* at = std::get_if<Operation>(&node)) {
    one(at->left);
    one(at->right);
  } else if (auto* at = std::get_if<Case>(&node)) {
    one(at->subject);
    for (auto& branch : at->branches) {
      one(branch.when);
      one(branch.then);
    }
    one(at->otherwise);
  } else if (auto* at = std::get_if<ArrayLiteral>(&node)) {
    for (auto& element : at->elements) one(element);
  } else if (auto* at = std::get_if<ObjectLiteral>(&node)) {
    for (auto& [name, value] : at->members) one(value);
  } else if (auto* at = std::get_if<Call>(&node)) {
    for (auto& argument : at->arguments) one(argument);
  } else if (auto* at = std::get_if<Subselect>(&node)) {
    for (auto& item : at->projection.items) one(item.expression);
    one(at->source);
    one(at->where);
  }
}

}  // namespace croft::sql
