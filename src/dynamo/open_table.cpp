#include "dynamo/open_table.h"

#include "dynamo/attribute_encoding.h"
#include "dynamo/limits.h"
#include "types/assert.h"

namespace croft::dynamo {

void TableStatistics::set(Numbers numbers) {
  change(numbers.items, numbers.bytes);
  begun_ = true;
  counted_ = true;
}

void TableStatistics::begin(const Store& store, const std::string& prefix) {
  const std::lock_guard lock(mutex_);
  if (begun_.load()) return;
  rows_ = store.snapshot();
  from_ = prefix;
  end_ = end_of_prefix(prefix);
  items_ = 0;  // what was written until now is in the snapshot
  bytes_ = 0;
  begun_ = true;
}

bool TableStatistics::count(Family family) {
  if (counted_.load()) return true;
  const std::lock_guard lock(mutex_);
  if (counted_.load()) return true;
  CROFT_ASSERT(rows_);
  Numbers found;
  std::string next;
  std::size_t rows = 0;
  rows_->visit(family, from_, end_, false, [&](std::string_view key, std::string_view row) {
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
