#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "dynamo/expressions/key_condition.h"
#include "dynamo/open_table.h"
#include "dynamo/requests.h"
#include "store/store.h"

namespace croft::dynamo {

// One Query or Scan under way: which rows, in which order, and what has been gathered of the page. A value that can
// go on later from where it stopped.
class PageReader {
 public:
  static Result<PageReader> of(OpenTablePtr table, Query request);
  static Result<PageReader> of(OpenTablePtr table, Scan request);

  // Reads at most `rows_max` rows, and not much longer than `turn`; false when the page is complete.
  bool read(const Store& store, std::size_t rows_max, std::chrono::microseconds turn = std::chrono::hours(1));
  Page take();

 private:
  PageReader(OpenTablePtr table, Reading reading) : table_(std::move(table)), reading_(std::move(reading)) {}

  Result<void> choose_index();
  Result<void> check_attribute(const std::string& name) const;
  Result<void> check_filter() const;
  Result<void> check_paths() const;
  // After the start key, when there is one.
  Result<void> resume(const KeyCondition& condition);
  Result<void> resume(std::uint32_t segment, std::uint32_t segments);
  Result<std::string> start_row(bool is_query) const;
  // From the row after `row`, in the order of reading.
  void go_on_after(std::string_view row);

  const KeySchema& keys() const { return index_ ? index_->keys : table_->definition.keys; }
  std::string prefix() const;
  bool add(const Store& store, std::string_view row);
  void take_in(Item item);
  Item last_key(const Item& item) const;

  OpenTablePtr table_;
  Reading reading_;
  const IndexDefinition* index_ = nullptr;  // of table_
  bool fetch_items_ = false;                // index rows lack attributes that were asked for
  std::string from_, to_;
  bool reverse_ = false;

  Page page_;
  std::size_t bytes_ = 0;
  std::size_t fetched_bytes_ = 0;
  double fetched_units_ = 0;
};

}  // namespace croft::dynamo
