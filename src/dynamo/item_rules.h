// What a write asks of an item before and after it, whoever writes: single operations, batches, transactions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dynamo/definition.h"
#include "dynamo/expressions/condition.h"
#include "dynamo/expressions/projection.h"
#include "dynamo/expressions/update.h"
#include "dynamo/requests.h"

namespace croft::dynamo {

// The item of a row. Nothing when there is no row, or nothing of it is needed but its size (`decode` is false).
std::optional<Item> decoded(const std::optional<std::string>& row, bool decode);

inline const Item* pointer(const std::optional<Item>& item) { return item ? &*item : nullptr; }

// ConditionalCheckFailedException, with the item when there is one and it was asked for.
Result<void> check_condition(const std::optional<Condition>& condition, const std::optional<Item>& item,
                             bool item_in_failure);

// The same of a put; that of an INSERT is a DuplicateItemException.
Result<void> check_put_condition(const PutItem& put, const std::optional<Item>& item);

// Size and depth of an item to be put, which need no table.
Result<void> check_limits(const Item& item);

// An item to be put: its keys, those of indexes, its size and depth.
Result<void> check_put(const TableDefinition& table, const Item& item);

// Keys are scalars, so no expression leads into an attribute that is a key of the table or of an index.
// Source: Amazon's texts for each of projections, conditions, filters and updates.
Result<void> check_scalar_keys(const TableDefinition& table, const std::vector<std::string>& entered);
inline Result<void> check_scalar_keys(const TableDefinition& table, const Condition& condition) {
  return check_scalar_keys(table, entered_attributes(condition.paths()));
}
inline Result<void> check_scalar_keys(const TableDefinition& table, const std::optional<Condition>& condition) {
  return condition ? check_scalar_keys(table, *condition) : Result<void>();
}
inline Result<void> check_scalar_keys(const TableDefinition& table, const std::optional<Projection>& projection) {
  return projection ? check_scalar_keys(table, projection->entered_attributes()) : Result<void>();
}

// No path of an update leads to the key, none into the key of an index.
Result<void> check_update_paths(const TableDefinition& table, const Update& update);

// No text or binary that is to become a key, of the table or of an index, is empty. `by_update`: AWS words it differently.
Result<void> check_no_empty_key(const TableDefinition& table, const Item& item, bool by_update);

// The item as the update made it.
Result<void> check_updated(const TableDefinition& table, const Update& update, const Item& item);

// UpdateItem's own limit of size, beside the item's: what the update wrote and its actions. Transactions and PartiQL do
// not have it. Source: AWS's answers as measured to the byte: 3 bytes, 19 for each SET and ADD, one more for a SET by an
// index, 2 for each REMOVE and DELETE, and the attributes that were written.
Result<void> check_written_size(const Update& update, const Item& item);

}  // namespace croft::dynamo
