#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "observe/histogram.h"
#include "shard/task.h"
#include "types/result.h"

namespace croft {

// The column families of the data folder; docs/store.md has each one's key and value.
enum class Family : std::uint8_t { meta, sessions, queued, retained, outbox, registry, tables, items, indexes, stacks, objects, messages, changes };
inline constexpr std::size_t family_count = 13;

// Writes that take effect together or not at all, in their order. A value: build it anywhere, give it away once.
class Batch {
 public:
  void put(Family family, std::string_view key, std::string_view value);
  void erase(Family family, std::string_view key);
  // Every key in [from, to).
  void erase_range(Family family, std::string_view from, std::string_view to);
  bool empty() const { return ops_.empty(); }

  struct Op {
    enum class Kind : std::uint8_t { put, erase, erase_range } kind;
    Family family;
    std::string key;
    std::string value;  // the end of the range for erase_range
  };
  const std::vector<Op>& ops() const { return ops_; }
  void append(Batch&& other);

  // Something that lives until the batch is written or dropped, and goes with it. One a batch; set by whoever made it.
  std::shared_ptr<void> companion{};

 private:
  std::vector<Op> ops_;
};

struct Row {
  std::string key;
  std::string value;
};

// Rows to read: those of the store as it is now, or as they were at one moment (Store::snapshot).
class StoreView {
 public:
  virtual ~StoreView() = default;

  virtual std::optional<std::string> get(Family family, std::string_view key) const = 0;
  // Rows in [from, to) in key order, at most `limit`; `to` empty = to the end of the family. `reverse` walks down
  // from the last key below `to`.
  virtual std::vector<Row> scan(Family family, std::string_view from, std::string_view to, std::size_t limit,
                                bool reverse = false) const = 0;
  // Calls visit(key, value) in order until it returns false.
  virtual void visit(Family family, std::string_view from, std::string_view to, bool reverse,
                     const std::function<bool(std::string_view, std::string_view)>& visit) const = 0;
};

// The data folder: RocksDB, and nothing outside store/ knows it. Reads see every write that returned.
//
// Two ways to write. write() applies a batch at once and makes it visible; durable() then waits for the fsync that
// covers it (one fsync serves all who wait): for read-modify-write under a lock. commit() hands the batch to the
// committer thread, which merges what gathered while the previous fsync ran: for the shards, which must not block.
// Visible-but-not-yet-synced data survives the death of the process; only a dying machine can take it back, and nobody
// was told yet that it was stored.
//
// Threads: any, for everything.
class Store : public StoreView {
 public:
  // When a write is acknowledged. fsync: the disk has it; os: the kernel has it, so it outlives the process and not the
  // machine; memory: at once, and it is gone with the process.
  enum class Durability { fsync, os, memory };

  // Opens or creates the folder `path`; "" = in memory, whatever `durability` says. Errors: StoreLocked (another croft
  // holds it), StoreFormat (unknown format version), StoreFailure; their messages are for the terminal.
  static Result<std::unique_ptr<Store>> open(const std::string& path, Durability durability);
  ~Store() override = default;  // flushes, then closes

  // The rows of this moment: every write that returned is in it, a batch wholly or not at all, and what is written later
  // never. For long reads; what it keeps alive is not compacted away. The store outlives it.
  virtual std::shared_ptr<const StoreView> snapshot() const = 0;
  // Makes the folder `folder`, whose parent is there, and in it a store of this moment, as whole as a snapshot, that
  // open() opens. Files are shared by hard links where the file system can. Blocks for as long as what is in memory takes
  // to be written. Errors: StoreFailure.
  virtual Result<void> checkpoint(const std::string& folder) const = 0;

  // Visible when it returns, in the file system's hands, not yet synced. An I/O error ends the process (a store that
  // cannot write must not go on answering).
  virtual void write(Batch batch) = 0;
  // Resumes when everything written before the call is on disk.
  virtual Task<void> durable() = 0;
  // Queued; `done` is called on the committer thread when the batch is on disk, in the order of the commits. A store in
  // memory has nothing to wait for: it is written, and told, before the call returns.
  virtual void commit(Batch batch, std::function<void()> done) = 0;
  // write + durable in one.
  Task<void> commit(Batch batch);
  // Blocks until every commit so far is on disk and its `done` has returned. Not from the committer thread.
  void drain();

  // Bytes on disk, approximately.
  virtual std::uint64_t size() const = 0;
  // Bytes that are in the log and in memory and in no table yet, approximately.
  virtual std::uint64_t unflushed() const { return 0; }
  // How long the disk took for each group that it was asked to keep; none where nothing waits for the disk.
  virtual metrics::Histogram sync_time() const { return {}; }
};

}  // namespace croft
