// Provisioned throughput of Tables, where it is enforced.
#include "dynamo/attribute_encoding.h"
#include "dynamo/index_rows.h"
#include "dynamo/tables.h"

namespace croft::dynamo {

Result<void> Tables::admit_indexes(const OpenTable& table, const Item* before, const Item* after) const {
  if (!throughput_) return {};
  Capacity touched;
  Batch unused;
  for (const IndexDefinition& index : table.definition.indexes) {
    if (!index.global) continue;
    const double units = update_index_row(unused, table.definition, index, before, after).units;
    if (units > 0) touched.global_indexes.emplace_back(index.name, units);
  }
  return throughput_->admit_indexes(table.definition, touched);
}

Result<void> Tables::admit_write(const OpenTable& table, const Item* before, const Item* after) const {
  const Result<void> admitted = admit(table, Units::write);
  return admitted ? admit_indexes(table, before, after) : admitted;
}

void Tables::charge(const CapacityByTable& capacity, Units kind) const {
  if (!throughput_) return;
  for (const auto& [name, units] : capacity)
    if (const OpenTablePtr table = find(name)) charge(*table, kind, units);
}

// Source: Developer Guide, "Read and write operations", ConditionExpression of a write that is refused.
Error Tables::charged(Error refusal, const OpenTable& table, const std::optional<std::string>& old_row) const {
  charge(table, Units::write, {write_units(old_row ? counted_bytes_of_row(*old_row) : 0), {}, {}});
  return refusal;
}

}  // namespace croft::dynamo
