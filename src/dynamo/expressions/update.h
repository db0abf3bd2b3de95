#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "dynamo/expressions/path.h"
#include "dynamo/expressions/placeholders.h"
#include "types/result.h"

namespace croft::dynamo {

// What stands right of the `=` of a SET: a path, a value or a function of such.
struct UpdateOperand {
  enum class Kind { path, value, if_not_exists, list_append } kind = Kind::value;
  Path path;
  ValuePtr value;
  std::vector<UpdateOperand> arguments;  // of the functions
};

// An update expression. Pure: apply() may run again with a newer item.
struct Update {
  enum class Arithmetic { none, plus, minus };
  struct Set {
    Path path;
    UpdateOperand left;
    Arithmetic arithmetic = Arithmetic::none;
    UpdateOperand right;
  };
  struct Change {  // ADD, DELETE
    Path path;
    ValuePtr value;
  };

  std::vector<Set> sets;
  std::vector<Path> removes;
  std::vector<Change> adds;
  std::vector<Change> deletes;
  bool legacy = false;  // AttributeUpdates: ADD may append to a list, and other words are used for types that do not fit

  static Result<Update> parse(std::string_view text, Placeholders& placeholders);

  // The item after the update. Every operand is read from `item` as it was before; elements of lists are named by
  // their places before, those set beyond the end are appended. ADD to a missing number starts at 0. Errors:
  // ValidationException with AWS's texts, also when the item would grow over its size.
  // Source: API Reference, UpdateItem; Developer Guide, "Update expressions".
  Result<Item> apply(const Item& item) const;

  // False when there are only REMOVE and DELETE: they do not make an item where none is.
  bool creates_item() const { return !sets.empty() || !adds.empty() || (removes.empty() && deletes.empty()); }

  // Everything it changes, SET paths first.
  std::vector<const Path*> paths() const;
  // Everything it reads right of a SET's `=`.
  std::vector<const Path*> operands() const;
};

}  // namespace croft::dynamo
