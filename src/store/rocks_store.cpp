#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/write_batch.h>
#include <sys/stat.h>

#include <array>
#include <filesystem>
#include <future>
#include <mutex>

#include "store/committer.h"
#include "store/log_files.h"
#include "store/store.h"
#include "store/sync_round.h"
#include "types/assert.h"

namespace croft {

namespace {

constexpr std::array<const char*, family_count> family_names = {"meta",     "sessions", "queued", "retained", "outbox",
                                                                "registry", "tables",   "items",  "indexes",  "stacks",
                                                                "objects",  "messages", "changes"};
constexpr const char* format_version = "1";
constexpr std::size_t block_cache_bytes = 64 << 20;
// For a table that is being filled: the larger what is written at once, the less often the levels below are written anew.
// max_total_wal_size bounds what all families hold of it.
constexpr std::size_t write_buffer_bytes = 64 << 20;
constexpr std::size_t first_level_bytes = 512 << 20;

rocksdb::Slice slice(std::string_view s) { return {s.data(), s.size()}; }
std::string_view view(const rocksdb::Slice& s) { return {s.data(), s.size()}; }

class RocksStore final : public Store {
 public:
  static Result<std::unique_ptr<Store>> open(const std::string& path, Durability durability);
  RocksStore(std::unique_ptr<rocksdb::Env> env, Durability durability) : env_(std::move(env)), durability_(durability) {}
  ~RocksStore() override;

  std::optional<std::string> get(Family family, std::string_view key) const override;
  std::vector<Row> scan(Family family, std::string_view from, std::string_view to, std::size_t limit,
                        bool reverse) const override;
  void visit(Family family, std::string_view from, std::string_view to, bool reverse,
             const std::function<bool(std::string_view, std::string_view)>& visit) const override;
  void write(Batch batch) override { apply(batch); }
  Task<void> durable() override;
  void commit(Batch batch, std::function<void()> done) override {
    if (!env_) return committer_->push(std::move(batch), std::move(done));
    if (!batch.empty()) apply(batch);
    done();
  }
  using Store::commit;
  std::shared_ptr<const StoreView> snapshot() const override;
  Result<void> checkpoint(const std::string& folder) const override;
  std::uint64_t size() const override;
  std::uint64_t unflushed() const override;
  metrics::Histogram sync_time() const override {
    std::lock_guard lock(sync_time_mutex_);
    return sync_time_;
  }

  // As of `options.snapshot`; of now without one.
  std::optional<std::string> get_at(const rocksdb::ReadOptions& options, Family family, std::string_view key) const;
  void visit_at(rocksdb::ReadOptions options, Family family, std::string_view from, std::string_view to, bool reverse,
                const std::function<bool(std::string_view, std::string_view)>& visit) const;

 private:
  friend class RocksSnapshot;
  void apply(const Batch& batch);
  void sync();
  void shorten_logs();
  rocksdb::ColumnFamilyHandle* handle(Family family) const { return handles_[static_cast<std::size_t>(family)]; }

  std::unique_ptr<rocksdb::Env> env_;  // only for a store in memory
  Durability durability_;
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
  mutable std::mutex sync_time_mutex_;
  metrics::Histogram sync_time_;
  std::unique_ptr<Committer> committer_;
  SyncRounds sync_rounds_{[this](std::function<void()> done) { committer_->push(Batch(), std::move(done)); }};
};

// Releases RocksDB's snapshot with itself.
class RocksSnapshot final : public StoreView {
 public:
  explicit RocksSnapshot(const RocksStore& store) : store_(store) { options_.snapshot = store.db_->GetSnapshot(); }
  ~RocksSnapshot() override { store_.db_->ReleaseSnapshot(options_.snapshot); }
  RocksSnapshot(const RocksSnapshot&) = delete;

  std::optional<std::string> get(Family family, std::string_view key) const override {
    return store_.get_at(options_, family, key);
  }
  std::vector<Row> scan(Family family, std::string_view from, std::string_view to, std::size_t limit,
                        bool reverse) const override;
  void visit(Family family, std::string_view from, std::string_view to, bool reverse,
             const std::function<bool(std::string_view, std::string_view)>& visit) const override {
    store_.visit_at(options_, family, from, to, reverse, visit);
  }

 private:
  const RocksStore& store_;
  rocksdb::ReadOptions options_;
};

rocksdb::Options options_for(rocksdb::Env* env) {
  rocksdb::Options options;
  options.env = env ? env : env_on_disk();
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.max_background_jobs = 2;
  options.keep_log_file_num = 2;
  options.max_open_files = 512;
  options.max_total_wal_size = 256 << 20;
  options.stats_dump_period_sec = 0;
  return options;
}

rocksdb::ColumnFamilyOptions family_options() {
  rocksdb::ColumnFamilyOptions options;
  rocksdb::BlockBasedTableOptions table;
  static const auto cache = rocksdb::NewLRUCache(block_cache_bytes);  // one for all families of the process
  table.block_cache = cache;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  options.write_buffer_size = write_buffer_bytes;
  options.max_write_buffer_number = 4;
  options.max_bytes_for_level_base = first_level_bytes;
  options.level0_slowdown_writes_trigger = 30;
  options.level0_stop_writes_trigger = 50;
  options.compression_per_level.assign(static_cast<std::size_t>(options.num_levels), rocksdb::kLZ4Compression);
  options.compression_per_level[0] = rocksdb::kNoCompression;  // read once soon, by a compaction
  options.arena_block_size = 256 << 10;
  return options;
}

// Opening writes what the logs hold into tables; Debian's RocksDB ends with an assertion when the disk fills meanwhile.
Result<void> check_room(const std::string& path, const std::string& folder) {
  constexpr std::uintmax_t slack_bytes = 4 << 20;
  std::error_code ignored;
  std::uintmax_t needed = slack_bytes;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored))
    if (entry.path().extension() == ".log") needed += entry.file_size(ignored);
  const auto space = std::filesystem::space(path, ignored);
  if (ignored || space.available >= needed) return {};
  const std::string numbers =
      std::to_string(space.available >> 10) + " KB are free, " + std::to_string(needed >> 10) + " KB are needed";
  return Error{"StoreFailure", "cannot open the data folder " + path + ": No space left on device: " + numbers};
}

// The default family's handle and ours. In a new folder they are made with one call: opening would make each for itself,
// and write RocksDB's file of options each time.
static rocksdb::Status open_families(const rocksdb::Options& options, const std::string& folder,
                                     std::vector<rocksdb::ColumnFamilyHandle*>& handles, rocksdb::DB*& db) {
  std::vector<rocksdb::ColumnFamilyDescriptor> families = {{rocksdb::kDefaultColumnFamilyName, family_options()}};
  const std::vector<std::string> ours(std::begin(family_names), std::end(family_names));
  const bool is_new = options.env->FileExists(folder + "/CURRENT").IsNotFound();
  if (!is_new) {
    for (const std::string& name : ours) families.emplace_back(name, family_options());
  }
  const rocksdb::Status opened = rocksdb::DB::Open(options, folder, families, &handles, &db);
  if (!opened.ok() || !is_new) return opened;
  std::vector<rocksdb::ColumnFamilyHandle*> made;
  const rocksdb::Status created = db->CreateColumnFamilies(family_options(), ours, &made);
  handles.insert(handles.end(), made.begin(), made.end());
  return created;
}

Result<std::unique_ptr<Store>> RocksStore::open(const std::string& path, Durability durability) {
  const bool in_memory = path.empty() || durability == Durability::memory;
  std::unique_ptr<rocksdb::Env> env(in_memory ? rocksdb::NewMemEnv(rocksdb::Env::Default()) : nullptr);
  auto store = std::make_unique<RocksStore>(std::move(env), in_memory ? Durability::memory : durability);
  const std::string folder = in_memory ? "/croft" : path + "/db";
  if (!in_memory && mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    return Error{"StoreFailure", "cannot create the data folder " + path + ": " + std::generic_category().message(errno)};
  }

  if (!in_memory) {
    if (auto room = check_room(path, folder); !room) return room.error();
  }

  rocksdb::DB* db = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  const rocksdb::Status status = open_families(options_for(store->env_.get()), folder, handles, db);
  store->db_.reset(db);
  if (!handles.empty()) {
    db->DestroyColumnFamilyHandle(handles.front());
    store->handles_.assign(handles.begin() + 1, handles.end());
  }
  if (!status.ok()) {
    const std::string text = status.ToString();
    if (status.IsIOError() && text.find("lock") != std::string::npos) {
      return Error{"StoreLocked", "the data folder " + path + " is in use by another croft"};
    }
    return Error{"StoreFailure", "cannot open the data folder " + path + ": " + text};
  }
  const auto version = store->get(Family::meta, "format");
  if (version && *version != format_version) {
    return Error{"StoreFormat", "the data folder " + path + " has format " + *version + ", this croft reads " + format_version};
  }
  RocksStore* raw = store.get();
  store->committer_ = std::make_unique<Committer>([raw](const Batch& batch) { raw->apply(batch); }, [raw] { raw->sync(); });
  if (!version) {
    Batch batch;
    batch.put(Family::meta, "format", format_version);
    store->apply(batch);
  }
  return std::unique_ptr<Store>(std::move(store));
}

// What the logs hold beyond a little is written into tables: reading it back would hold up the next start, by about a second
// for 100 MB. A failure loses nothing: the logs are there.
void RocksStore::shorten_logs() {
  constexpr std::uint64_t left_in_logs_bytes = 8 << 20;
  if (unflushed() > left_in_logs_bytes) db_->Flush(rocksdb::FlushOptions(), handles_).PermitUncheckedError();
}

RocksStore::~RocksStore() {
  committer_.reset();
  if (db_ && !env_) shorten_logs();
  for (rocksdb::ColumnFamilyHandle* handle : handles_) db_->DestroyColumnFamilyHandle(handle);
  if (db_) db_->Close();
}

std::optional<std::string> RocksStore::get_at(const rocksdb::ReadOptions& options, Family family,
                                              std::string_view key) const {
  std::string value;
  const rocksdb::Status status = db_->Get(options, handle(family), slice(key), &value);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) stop_on(status, "reading");
  return value;
}

std::optional<std::string> RocksStore::get(Family family, std::string_view key) const {
  return get_at(rocksdb::ReadOptions(), family, key);
}

void RocksStore::visit_at(rocksdb::ReadOptions options, Family family, std::string_view from, std::string_view to,
                          bool reverse, const std::function<bool(std::string_view, std::string_view)>& visit) const {
  const rocksdb::Slice lower = slice(from), upper = slice(to);
  if (!from.empty()) options.iterate_lower_bound = &lower;
  if (!to.empty()) options.iterate_upper_bound = &upper;
  std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(options, handle(family)));
  for (reverse ? it->SeekToLast() : it->SeekToFirst(); it->Valid(); reverse ? it->Prev() : it->Next()) {
    if (!visit(view(it->key()), view(it->value()))) return;
  }
  if (!it->status().ok()) stop_on(it->status(), "scanning");
}

void RocksStore::visit(Family family, std::string_view from, std::string_view to, bool reverse,
                       const std::function<bool(std::string_view, std::string_view)>& visit) const {
  visit_at(rocksdb::ReadOptions(), family, from, to, reverse, visit);
}

std::vector<Row> scan_of(const StoreView& rows, Family family, std::string_view from, std::string_view to,
                         std::size_t limit, bool reverse) {
  std::vector<Row> found;
  if (limit == 0) return found;
  rows.visit(family, from, to, reverse, [&](std::string_view key, std::string_view value) {
    found.push_back({std::string(key), std::string(value)});
    return found.size() < limit;
  });
  return found;
}

std::vector<Row> RocksStore::scan(Family family, std::string_view from, std::string_view to, std::size_t limit,
                                  bool reverse) const {
  return scan_of(*this, family, from, to, limit, reverse);
}

std::vector<Row> RocksSnapshot::scan(Family family, std::string_view from, std::string_view to, std::size_t limit,
                                     bool reverse) const {
  return scan_of(*this, family, from, to, limit, reverse);
}

std::shared_ptr<const StoreView> RocksStore::snapshot() const { return std::make_shared<const RocksSnapshot>(*this); }

// RocksDB flushes what is in memory, then links the tables and copies its log up to one point, so all families are of one
// moment. It makes the folder under another name and renames it.
Result<void> RocksStore::checkpoint(const std::string& folder) const {
  if (env_) return Error{"StoreFailure", "the store is in memory: there is nothing on disk to copy"};
  if (mkdir(folder.c_str(), 0700) != 0) {
    return Error{"StoreFailure", "cannot create " + folder + ": " + std::generic_category().message(errno)};
  }
  rocksdb::Checkpoint* made = nullptr;
  rocksdb::Status status = rocksdb::Checkpoint::Create(db_.get(), &made);
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
  if (status.ok()) status = checkpoint->CreateCheckpoint(folder + "/db");
  if (!status.ok()) return Error{"StoreFailure", "cannot copy the store to " + folder + ": " + status.ToString()};
  return {};
}

void RocksStore::apply(const Batch& batch) {
  if (batch.empty()) return;
  rocksdb::WriteBatch rows;
  for (const Batch::Op& op : batch.ops()) {
    rocksdb::ColumnFamilyHandle* family = handle(op.family);
    switch (op.kind) {
      case Batch::Op::Kind::put: rows.Put(family, op.key, op.value); break;
      case Batch::Op::Kind::erase: rows.Delete(family, op.key); break;
      case Batch::Op::Kind::erase_range: rows.DeleteRange(family, op.key, op.value); break;
    }
  }
  rocksdb::WriteOptions options;
  options.disableWAL = env_ != nullptr;  // nobody reads the log of a store in memory
  const rocksdb::Status status = db_->Write(options, &rows);
  if (!status.ok()) stop_on(status, "writing");
}

void RocksStore::sync() {
  if (durability_ != Durability::fsync) return;
  const std::int64_t began_us = metrics::now_us();
  const rocksdb::Status status = db_->SyncWAL();
  if (!status.ok()) stop_on(status, "syncing");
  std::lock_guard lock(sync_time_mutex_);
  sync_time_.add(metrics::now_us() - began_us);
}

Task<void> RocksStore::durable() {
  if (durability_ != Durability::fsync) co_return;
  co_await sync_rounds_.wait();
}

std::uint64_t RocksStore::unflushed() const {
  std::uint64_t total = 0, one = 0;
  for (rocksdb::ColumnFamilyHandle* handle : handles_)
    if (db_->GetIntProperty(handle, rocksdb::DB::Properties::kCurSizeAllMemTables, &one)) total += one;
  return total;
}

std::uint64_t RocksStore::size() const {
  std::uint64_t total = 0, one = 0;
  for (rocksdb::ColumnFamilyHandle* handle : handles_)
    if (db_->GetIntProperty(handle, "rocksdb.total-sst-files-size", &one)) total += one;
  return total;
}

}  // namespace

Result<std::unique_ptr<Store>> Store::open(const std::string& path, Durability durability) {
  return RocksStore::open(path, durability);
}

Task<void> Store::commit(Batch batch) {
  write(std::move(batch));
  co_await durable();
}

void Store::drain() {
  auto drained = std::make_shared<std::promise<void>>();
  commit(Batch(), [drained] { drained->set_value(); });
  drained->get_future().wait();
}

}  // namespace croft
