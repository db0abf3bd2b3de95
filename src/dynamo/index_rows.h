// The rows of secondary indexes, written in one batch with their item.
#pragma once

#include "dynamo/definition.h"
#include "dynamo/requests.h"
#include "store/store.h"

namespace croft::dynamo {

// Whether the item appears in the index: it has the index's keys, with their types and not empty.
bool appears(const IndexDefinition& index, const Item& item);

// What the index's row holds of the item.
Item projected(const TableDefinition& table, const IndexDefinition& index, const Item& item);

// What a write does to an index: the write capacity units that AWS would count, and by how much it grows.
struct IndexWrite {
  double units = 0;
  std::int64_t rows = 0;
  std::int64_t bytes = 0;
};

// Adds to `batch` what brings the index from one version of an item to the next; either may be missing.
IndexWrite update_index_row(Batch& batch, const TableDefinition& table, const IndexDefinition& index, const Item* before,
                            const Item* after);

// ValidationException when a key attribute of an index has a value that cannot be one. `by_update`: AWS words it
// differently for UpdateItem.
Result<void> check_index_keys(const TableDefinition& table, const Item& item, bool by_update);

}  // namespace croft::dynamo
