// What a write asks of an item before and after it, whoever writes: single operations, batches, transactions.
#pragma once

#include <optional>
#include <string>

#include "dynamo/definition.h"
#include "dynamo/expressions/condition.h"
#include "dynamo/expressions/update.h"

namespace croft::dynamo {

// The item of a row. Nothing when there is no row, or nothing of it is needed but its size (`decode` is false).
std::optional<Item> decoded(const std::optional<std::string>& row, bool decode);

inline const Item* pointer(const std::optional<Item>& item) { return item ? &*item : nullptr; }

// ConditionalCheckFailedException, with the item when there is one and it was asked for.
Result<void> check_condition(const std::optional<Condition>& condition, const std::optional<Item>& item,
                             bool item_in_failure);

// Size and depth of an item to be put, which need no table.
Result<void> check_limits(const Item& item);

// An item to be put: its keys, those of indexes, its size and depth.
Result<void> check_put(const TableDefinition& table, const Item& item);

// No path of an update leads into the key.
Result<void> check_update_paths(const TableDefinition& table, const Update& update);

// No text or binary that is to become a key, of the table or of an index, is empty. `by_update`: AWS words it differently.
Result<void> check_no_empty_key(const TableDefinition& table, const Item& item, bool by_update);

// The item as the update made it.
Result<void> check_updated(const TableDefinition& table, const Update& update, const Item& item);

}  // namespace croft::dynamo
