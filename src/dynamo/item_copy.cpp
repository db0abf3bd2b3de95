#include "dynamo/item_copy.h"

#include "dynamo/attribute_encoding.h"
#include "dynamo/change_log.h"
#include "dynamo/index_rows.h"
#include "dynamo/key.h"
#include "dynamo/limits.h"

namespace croft::dynamo {

namespace {

// Whether a turn has done enough.
struct Turn {
  std::size_t rows = 0;
  std::size_t bytes = 0;

  bool is_over(std::size_t more_bytes) {
    bytes += more_bytes;
    return ++rows >= limits::copy_turn_rows || bytes >= limits::copy_turn_bytes;
  }
};

}  // namespace

CopyItems::CopyItems(Store& store, std::shared_ptr<const StoreView> rows, std::uint32_t from, std::uint32_t to)
    : store_(store), rows_(std::move(rows)), prefix_(table_prefix(from)), target_(table_prefix(to)), next_(prefix_) {}

bool CopyItems::turn() {
  Turn turn;
  Batch batch;
  bool is_over = false;
  rows_->visit(Family::items, next_, end_of_prefix(prefix_), false, [&](std::string_view key, std::string_view row) {
    batch.put(Family::items, target_ + std::string(key.substr(prefix_.size())), row);
    ++numbers_.items;
    numbers_.bytes += static_cast<std::int64_t>(counted_bytes_of_row(row));
    is_over = turn.is_over(row.size());
    if (is_over) next_ = std::string(key) + '\0';
    return !is_over;
  });
  if (!batch.empty()) store_.write(std::move(batch));
  return is_over;
}

UndoChanges::UndoChanges(Store& store, std::shared_ptr<const StoreView> rows, std::uint32_t from, std::uint32_t to,
                         Timestamp until)
    : store_(store),
      rows_(std::move(rows)),
      prefix_(table_prefix(from)),
      target_(table_prefix(to)),
      first_(change_key(from, first_sequence_at({until.ms + 1}))),
      end_(end_of_prefix(prefix_)) {}

bool UndoChanges::has_nothing_to_do() const {
  return first_ >= end_ || rows_->scan(Family::changes, first_, end_, 1).empty();
}

bool UndoChanges::turn() {
  if (first_ >= end_) return false;
  Turn turn;
  Batch batch;
  bool is_over = false;
  rows_->visit(Family::changes, first_, end_, true, [&](std::string_view key, std::string_view row) {
    const ItemChange change = decode_change(key, row);
    const std::string item = target_ + change.row_key.substr(prefix_.size());
    if (change.before) batch.put(Family::items, item, *change.before);
    else batch.erase(Family::items, item);
    is_over = turn.is_over(row.size());
    if (is_over) end_ = key;
    return !is_over;
  });
  if (!batch.empty()) store_.write(std::move(batch));
  return is_over;
}

FillIndexes::FillIndexes(Store& store, TableDefinition table)
    : store_(store),
      table_(std::move(table)),
      end_(end_of_prefix(table_prefix(table_.number))),
      next_(table_prefix(table_.number)) {}

bool FillIndexes::turn() {
  Turn turn;
  Batch batch;
  bool is_over = false;
  store_.visit(Family::items, next_, end_, false, [&](std::string_view key, std::string_view row) {
    ++numbers_.items;
    numbers_.bytes += static_cast<std::int64_t>(counted_bytes_of_row(row));
    if (!table_.indexes.empty()) {
      const Item item = decode_item(row);
      for (const IndexDefinition& index : table_.indexes) update_index_row(batch, table_, index, nullptr, &item);
    }
    is_over = turn.is_over(row.size());
    if (is_over) next_ = std::string(key) + '\0';
    return !is_over;
  });
  if (!batch.empty()) store_.write(std::move(batch));
  return is_over;
}

}  // namespace croft::dynamo
