#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dynamo/attribute_value.h"
#include "store/store.h"
#include "types/timestamp.h"

namespace croft::dynamo {

// Where a change stands in the log: the time of its write in ms, times 2^20, plus a count. It rises for the whole
// process and over restarts, and all changes of one batch have one time.
using ChangeSequence = std::uint64_t;

// The smallest sequence that a change written at `time` can have; those of the millisecond end before the next one's.
ChangeSequence first_sequence_at(Timestamp time);
Timestamp time_of(ChangeSequence sequence);

// What one write did to one item.
struct ItemChange {
  ChangeSequence sequence = 0;
  bool by_ttl = false;                  // the item had expired
  std::string row_key{};                // of Family::items
  std::optional<std::string> before{};  // rows as encode_item() writes them; nothing: there was, or is, no item
  std::optional<std::string> after{};

  Timestamp time() const { return time_of(sequence); }
};

// Keys of Family::changes: a table's number, a sequence. From first_sequence_at(t) of two times on they are the range
// of what was written between the times.
std::string change_key(std::uint32_t table, ChangeSequence sequence);
// A row of the family; anything that ChangeLog did not write stops the process.
ItemChange decode_change(std::string_view key, std::string_view row);

// The changes of items, of tables that have a stream or point-in-time recovery: rows of Family::changes, each written
// in the batch of its item.
//
// A writer gets its sequences while it holds its items' locks, so those of one item are in the order of its writes; but
// a batch with a lower sequence may be written after one with a higher one. settled() says up to where nothing can
// come any more, and no reader goes further.
//
// Threads: any. Cost: a mutex twice for each batch; nothing for tables without a log.
class ChangeLog {
 public:
  // Goes on above every sequence in the store.
  explicit ChangeLog(Store& store);
  ChangeLog(const ChangeLog&) = delete;

  // Adds the row of `change`, whose sequence is given here and returned. The batch holds its place in the log until it
  // was written or dropped.
  ChangeSequence add(Batch& batch, std::uint32_t table, const ItemChange& change);

  // Every change up to here is in the store, and every later one will be above.
  ChangeSequence settled();
  // Above everything that was given out.
  ChangeSequence next();
  // What is given out from now on is above `sequence`.
  void go_on_above(ChangeSequence sequence);

  // Calls visit(change) for the changes in [from, to], in their order, until it returns false.
  void visit(std::uint32_t table, ChangeSequence from, ChangeSequence to,
             const std::function<bool(const ItemChange&)>& visit) const;
  // Drops what a table's log has below `sequence`, which is one write whatever it has.
  void trim(std::uint32_t table, ChangeSequence sequence);

 private:
  class Place;
  struct Span {
    ChangeSequence first;
    ChangeSequence end;
  };
  Span begin_batch();
  void end_batch(ChangeSequence first);

  Store& store_;
  std::mutex mutex_;
  ChangeSequence next_ = 1;
  std::vector<ChangeSequence> open_;  // the first sequences of batches that are not written, ascending
};

}  // namespace croft::dynamo
