// Long copies of a table's items, done in turns so that other work gets its share. Each turn writes one batch; a copy that a
// crash ends is begun anew by whoever wanted it.
#pragma once

#include <memory>
#include <string>

#include "dynamo/definition.h"
#include "dynamo/open_table.h"
#include "store/store.h"
#include "types/timestamp.h"

namespace croft::dynamo {

// The items of one number, as `rows` has them, under another number that nobody reads yet.
class CopyItems {
 public:
  CopyItems(Store& store, std::shared_ptr<const StoreView> rows, std::uint32_t from, std::uint32_t to);

  // False when everything is copied.
  bool turn();
  TableStatistics::Numbers numbers() const { return numbers_; }

 private:
  Store& store_;
  const std::shared_ptr<const StoreView> rows_;
  const std::string prefix_, target_;
  std::string next_;
  TableStatistics::Numbers numbers_;
};

// Takes back, newest first, what the change log of table `from` in `rows` has of later than `until`: the copied items under
// the number `to` are then those of that moment.
class UndoChanges {
 public:
  UndoChanges(Store& store, std::shared_ptr<const StoreView> rows, std::uint32_t from, std::uint32_t to, Timestamp until);

  bool has_nothing_to_do() const;
  bool turn();

 private:
  Store& store_;
  const std::shared_ptr<const StoreView> rows_;
  const std::string prefix_, target_, first_;
  std::string end_;  // of what is left to take back
};

// The index rows of a table that nobody reads yet; counts its items.
class FillIndexes {
 public:
  FillIndexes(Store& store, TableDefinition table);

  bool turn();
  TableStatistics::Numbers numbers() const { return numbers_; }

 private:
  Store& store_;
  const TableDefinition table_;
  const std::string end_;
  std::string next_;
  TableStatistics::Numbers numbers_;
};

}  // namespace croft::dynamo
