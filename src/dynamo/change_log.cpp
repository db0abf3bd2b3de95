#include "dynamo/change_log.h"

#include <algorithm>
#include <utility>

#include "dynamo/key.h"
#include "store/big_endian.h"
#include "types/assert.h"

namespace croft::dynamo {

namespace {

constexpr int count_bits = 20;
// What a batch gets at once; more than the items of a transaction. So a batch's changes have one time, and 2^13 batches
// fit into a millisecond.
constexpr ChangeSequence batch_span = 128;

constexpr unsigned char has_before = 1, has_after = 2, is_by_ttl = 4;

void put_part(std::string& out, std::string_view bytes) {
  put_big_endian(out, static_cast<std::uint32_t>(bytes.size()));
  out += bytes;
}

std::string_view take(std::string_view& rest, std::size_t count) {
  CROFT_ASSERT(rest.size() >= count);
  const std::string_view taken = rest.substr(0, count);
  rest.remove_prefix(count);
  return taken;
}

std::string_view take_part(std::string_view& rest) {
  const std::size_t size = big_endian(take(rest, 4));
  return take(rest, size);
}

std::string encode(const ItemChange& change) {
  std::string row;
  row.reserve(9 + change.row_key.size() + (change.before ? change.before->size() : 0) +
              (change.after ? change.after->size() : 0));
  row += static_cast<char>((change.before ? has_before : 0) | (change.after ? has_after : 0) |
                           (change.by_ttl ? is_by_ttl : 0));
  put_part(row, change.row_key);
  if (change.before) put_part(row, *change.before);
  if (change.after) row += *change.after;
  return row;
}

// Above every sequence that the store has. Read backwards, a table at a time.
ChangeSequence after_the_last(const Store& store) {
  ChangeSequence last = 0;
  std::string upper;
  for (;;) {
    const std::vector<Row> rows = store.scan(Family::changes, {}, upper, 1, true);
    if (rows.empty()) return last + 1;
    const std::string& key = rows.front().key;
    const std::string table = key.substr(0, 4);
    if (big_endian(table) == 0) return last + 1;  // the rows of streams
    last = std::max(last, static_cast<ChangeSequence>(big_endian(std::string_view(key).substr(4))));
    upper = table;
  }
}

}  // namespace

// A batch's sequences, held by the batch.
class ChangeLog::Place {
 public:
  explicit Place(ChangeLog& log) : log_(log), span_(log.begin_batch()), next_(span_.first) {}
  ~Place() { log_.end_batch(span_.first); }
  Place(const Place&) = delete;

  bool has_room() const { return next_ < span_.end; }
  ChangeSequence take() { return next_++; }

  std::shared_ptr<void> before;  // of a batch with more changes than one place has

 private:
  ChangeLog& log_;
  const Span span_;
  ChangeSequence next_;
};

ChangeSequence first_sequence_at(Timestamp time) { return static_cast<ChangeSequence>(time.ms) << count_bits; }

Timestamp time_of(ChangeSequence sequence) { return {static_cast<std::int64_t>(sequence >> count_bits)}; }

std::string change_key(std::uint32_t table, ChangeSequence sequence) {
  std::string key = table_prefix(table);
  put_big_endian(key, sequence);
  return key;
}

ItemChange decode_change(std::string_view key, std::string_view row) {
  CROFT_ASSERT(key.size() == 12);
  ItemChange change;
  change.sequence = big_endian(key.substr(4));
  const auto flags = static_cast<unsigned char>(take(row, 1).front());
  change.by_ttl = flags & is_by_ttl;
  change.row_key = take_part(row);
  if (flags & has_before) change.before = take_part(row);
  if (flags & has_after) change.after = row;
  return change;
}

ChangeLog::ChangeLog(Store& store) : store_(store), next_(after_the_last(store)) {}

ChangeLog::Span ChangeLog::begin_batch() {
  const std::lock_guard lock(mutex_);
  next_ = std::max(next_, first_sequence_at(Timestamp::now()));
  // A span that would reach into the next millisecond begins there.
  if (time_of(next_) != time_of(next_ + batch_span - 1)) next_ = first_sequence_at({time_of(next_).ms + 1});
  const Span span{next_, next_ + batch_span};
  next_ = span.end;
  open_.push_back(span.first);
  return span;
}

void ChangeLog::end_batch(ChangeSequence first) {
  const std::lock_guard lock(mutex_);
  std::erase(open_, first);
}

ChangeSequence ChangeLog::add(Batch& batch, std::uint32_t table, const ItemChange& change) {
  auto* place = static_cast<Place*>(batch.companion.get());
  if (!place || !place->has_room()) {
    auto made = std::make_shared<Place>(*this);
    made->before = std::move(batch.companion);
    place = made.get();
    batch.companion = std::move(made);
  }
  const ChangeSequence sequence = place->take();
  batch.put(Family::changes, change_key(table, sequence), encode(change));
  return sequence;
}

ChangeSequence ChangeLog::settled() {
  const std::lock_guard lock(mutex_);
  next_ = std::max(next_, first_sequence_at(Timestamp::now()));
  return (open_.empty() ? next_ : open_.front()) - 1;
}

ChangeSequence ChangeLog::next() {
  const std::lock_guard lock(mutex_);
  next_ = std::max(next_, first_sequence_at(Timestamp::now()));
  return next_;
}

void ChangeLog::go_on_above(ChangeSequence sequence) {
  const std::lock_guard lock(mutex_);
  next_ = std::max(next_, sequence + 1);
}

void ChangeLog::visit(std::uint32_t table, ChangeSequence from, ChangeSequence to,
                      const std::function<bool(const ItemChange&)>& visit) const {
  if (from > to) return;
  store_.visit(Family::changes, change_key(table, from), change_key(table, to + 1), false,
               [&](std::string_view key, std::string_view row) { return visit(decode_change(key, row)); });
}

void ChangeLog::trim(std::uint32_t table, ChangeSequence sequence) {
  const std::string first = change_key(table, 0), end = change_key(table, sequence);
  if (store_.scan(Family::changes, first, end, 1).empty()) return;
  Batch batch;
  batch.erase_range(Family::changes, first, end);
  store_.write(std::move(batch));
}

}  // namespace croft::dynamo
