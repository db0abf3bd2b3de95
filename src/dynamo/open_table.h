#pragma once

#include <atomic>
#include <memory>

#include "dynamo/definition.h"
#include "dynamo/key.h"
#include "store/store.h"

namespace croft::dynamo {

// How many items a table has and how large they are. Counted once after a start, when first asked for; kept up by the
// writers from then on. Approximate under concurrent writes, as AWS's own are.
//
// Threads: any.
class TableStatistics {
 public:
  struct Numbers {
    std::int64_t items = 0;
    std::int64_t bytes = 0;
  };

  explicit TableStatistics(bool counted) : counted_(counted) {}

  void change(std::int64_t items, std::int64_t bytes) {
    items_.fetch_add(items, std::memory_order_relaxed);
    bytes_.fetch_add(bytes, std::memory_order_relaxed);
  }
  // Reads the whole table the first time.
  Numbers numbers(const Store& store, const std::string& prefix);

 private:
  std::atomic<bool> counted_;
  std::atomic<std::int64_t> items_{0};
  std::atomic<std::int64_t> bytes_{0};
};

// A table in use. Immutable; an update puts another in its place.
struct OpenTable {
  TableDefinition definition;
  std::string prefix;  // of its rows' keys
  std::shared_ptr<TableStatistics> statistics;

  std::string row_key(const Item& item) const { return dynamo::row_key(prefix, definition.keys, item); }
};

using OpenTablePtr = std::shared_ptr<const OpenTable>;

}  // namespace croft::dynamo
