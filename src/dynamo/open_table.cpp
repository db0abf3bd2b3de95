#include "dynamo/open_table.h"

#include "dynamo/attribute_encoding.h"
#include "dynamo/limits.h"

namespace croft::dynamo {

void TableStatistics::set(Numbers numbers) {
  change(numbers.items, numbers.bytes);
  counted_ = true;
}

bool TableStatistics::count(const Store& store, Family family, const std::string& prefix) {
  if (counted_.load()) return true;
  const std::lock_guard lock(mutex_);
  if (counted_.load()) return true;
  if (!rows_) {
    rows_ = store.snapshot();
    from_ = prefix;
    items_ = 0;  // what was written until now is in the snapshot
    bytes_ = 0;
  }
  Numbers found;
  std::string next;
  std::size_t rows = 0;
  rows_->visit(family, from_, end_of_prefix(prefix), false, [&](std::string_view key, std::string_view row) {
    if (rows++ == limits::page_rows_max) {
      next = key;
      return false;
    }
    ++found.items;
    found.bytes += static_cast<std::int64_t>(counted_bytes_of_row(row));
    return true;
  });
  change(found.items, found.bytes);
  from_ = std::move(next);
  if (!from_.empty()) return false;
  rows_ = nullptr;
  counted_ = true;
  return true;
}

std::shared_ptr<TableStatistics> OpenTable::statistics_of(const IndexDefinition& index) const {
  for (std::size_t i = 0; i < index_statistics.size(); ++i) {
    const IndexDefinition& known = definition.indexes[i];
    if (known.number == index.number && known.backfilling == index.backfilling) return index_statistics[i];
  }
  return nullptr;
}

}  // namespace croft::dynamo
