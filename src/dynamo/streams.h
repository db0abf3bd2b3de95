#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dynamo/change_log.h"
#include "dynamo/definition.h"
#include "dynamo/limits.h"
#include "shard/task.h"
#include "store/store.h"

namespace croft::dynamo {

// A table's stream, from the moment when it was enabled: a window on the table's change log. It outlives its table.
struct Stream {
  std::string table;         // its name
  std::string label;         // the time of its creation, by which the streams of a table differ
  std::uint32_t number = 0;  // the table's
  KeySchema keys;
  StreamView view = StreamView::keys_only;
  Timestamp created;
  std::int64_t shard_ms = 0;              // how long a shard is open
  ChangeSequence first = 0;               // the smallest that can be in it
  std::optional<ChangeSequence> last{};   // once it was disabled

  bool is_enabled() const { return !last; }
  // table/NAME/stream/LABEL, the resource of its ARN.
  std::string resource() const;
};

// A stretch of a stream in which changes are in their order. There is one open shard at a time; which shards there
// are follows from the time alone, so nothing is written for them.
struct StreamShard {
  std::string id;
  std::string parent{};  // "" for the first one
  ChangeSequence first = 0;
  std::optional<ChangeSequence> last{};  // once it is closed
};

struct StreamSettings {
  std::int64_t shard_ms = limits::stream_shard_ms;
  std::int64_t kept_ms = limits::stream_kept_ms;
};

// The shards of a stream that has everything up to `settled`, without those that were over before `horizon`: above the
// shard `after` ("" = from the oldest), at most `limit`.
std::vector<StreamShard> shards_of(const Stream& stream, ChangeSequence settled, ChangeSequence horizon,
                                   std::string_view after, std::size_t limit);

// The id of the shard that a change of the stream is in.
std::string shard_id_at(const Stream& stream, ChangeSequence sequence);

// A sequence as the API shows it: 21 digits, so that their order as texts is the order of the numbers.
std::string shown(ChangeSequence sequence);
std::optional<ChangeSequence> shown_sequence(std::string_view digits);

// The JSON text of a record. In the event of a function some names are spelled differently, and `function_arn`, the
// stream's ARN, is there too; "" as the API answers it. Source: API Reference, Record; Lambda Developer Guide, "Using
// AWS Lambda with Amazon DynamoDB".
struct RecordText {
  std::string json;
  std::size_t bytes = 0;  // SizeBytes
};
RecordText record_text(const Stream& stream, const ItemChange& change, std::string_view region,
                       std::string_view function_arn = {});

// The streams that there are: those of tables, and for a day those that were disabled or whose table is gone. Rows of
// Family::changes under table number 0, "NAME/LABEL" -> JSON.
//
// Threads: any. begin() and end() are called while no item of the table is being written.
class Streams {
 public:
  Streams(Store& store, ChangeLog& changes);
  Streams(const Streams&) = delete;

  // Before any other call.
  void set(StreamSettings settings) { settings_ = settings; }

  // Both add to `batch`, and count at once. begin() returns the label.
  std::string begin(Batch& batch, const TableDefinition& table, StreamView view);
  void end(Batch& batch, const TableDefinition& table);

  std::optional<Stream> find(std::string_view table, std::string_view label) const;
  // In the order of their tables and labels, above (table, label); of one table when `only` is not "".
  std::vector<Stream> list(std::string_view only, std::string_view table, std::string_view label,
                           std::size_t limit) const;
  // The largest number of a table that has one.
  std::uint32_t last_table_number() const;
  bool has_table(std::uint32_t number) const;

  std::vector<StreamShard> shards(const Stream& stream, std::string_view after, std::size_t limit) const;
  std::optional<StreamShard> shard(const Stream& stream, std::string_view id) const;
  // What is older is not shown any more.
  ChangeSequence horizon() const;
  ChangeSequence next() const { return changes_.next(); }

  struct Part {
    std::vector<ItemChange> changes{};
    ChangeSequence next = 0;  // where to go on
    bool at_end = false;      // the shard is closed and has no more
  };
  // The changes of a shard from `from` on: at most `count`, of at most `bytes` in the store, but one at least.
  Part read(const Stream& stream, const StreamShard& shard, ChangeSequence from, std::size_t count,
            std::size_t bytes) const;
  // Resumes when all that was read is on disk.
  Task<void> durable() const;

  // Forgets the streams that were over before the horizon.
  void forget_old();

 private:
  using Key = std::pair<std::string, std::string>;

  void save(Batch& batch, const Stream& stream) const;

  Store& store_;
  ChangeLog& changes_;
  StreamSettings settings_;
  mutable std::mutex mutex_;
  std::map<Key, Stream> streams_;
};

}  // namespace croft::dynamo
