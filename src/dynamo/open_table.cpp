#include "dynamo/open_table.h"

#include "dynamo/attribute_encoding.h"

namespace croft::dynamo {

TableStatistics::Numbers TableStatistics::numbers(const Store& store, const std::string& prefix) {
  if (!counted_.load()) {
    const std::int64_t items_before = items_.load(), bytes_before = bytes_.load();  // what the rows read will include
    Numbers found;
    store.visit(Family::items, prefix, end_of_prefix(prefix), false, [&](std::string_view, std::string_view row) {
      ++found.items;
      found.bytes += static_cast<std::int64_t>(counted_bytes_of_row(row));
      return true;
    });
    if (!counted_.exchange(true)) change(found.items - items_before, found.bytes - bytes_before);
  }
  return {items_.load(), bytes_.load()};
}

}  // namespace croft::dynamo
