#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "dynamo/definition.h"
#include "dynamo/key.h"
#include "store/store.h"

namespace croft::dynamo {

// How many rows a table or an index has and how large they are. Counted after a start, when first asked for, in turns;
// kept up by the writers from then on: exact once counted.
//
// Threads: any.
class TableStatistics {
 public:
  struct Numbers {
    std::int64_t items = 0;
    std::int64_t bytes = 0;
  };

  void change(std::int64_t items, std::int64_t bytes) {
    items_.fetch_add(items, std::memory_order_relaxed);
    bytes_.fetch_add(bytes, std::memory_order_relaxed);
  }
  // What somebody has counted.
  void set(Numbers numbers);
  bool has_begun() const { return begun_.load(); }
  // Takes the rows to be counted. No writer may be between its change() and its write in the store.
  void begin(const Store& store, const std::string& prefix);
  // Counts a turn's worth of the rows that there were when it began; true: all are counted.
  bool count(Family family);
  // As far as it was counted.
  Numbers numbers() const { return {items_.load(), bytes_.load()}; }

  // A flag for whoever counts on in the background: at most one does.
  bool begin_task() { return !has_task_.exchange(true); }
  void end_task() { has_task_ = false; }

 private:
  std::atomic<bool> begun_{false}, counted_{false}, has_task_{false};
  std::atomic<std::int64_t> items_{0};
  std::atomic<std::int64_t> bytes_{0};
  std::mutex mutex_;  // of what counting needs
  std::shared_ptr<const StoreView> rows_;
  std::string from_, end_;
};

// A table in use. Immutable; an update puts another in its place.
struct OpenTable {
  TableDefinition definition;
  std::string prefix;  // of its rows' keys
  std::shared_ptr<TableStatistics> statistics;
  std::vector<std::shared_ptr<TableStatistics>> index_statistics{};  // in the order of the definition's indexes

  std::string row_key(const Item& item) const { return dynamo::row_key(prefix, definition.keys, item); }
  std::shared_ptr<TableStatistics> statistics_of(const IndexDefinition& index) const;
};

using OpenTablePtr = std::shared_ptr<const OpenTable>;

}  // namespace croft::dynamo
