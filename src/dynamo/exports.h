#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dynamo/export_files.h"
#include "dynamo/recovery.h"

namespace croft::dynamo {

// The changes between two times instead of the items at one.
struct IncrementalExport {
  Timestamp from;  // counts
  Timestamp to;    // does not
  bool with_old_images = true;
  friend bool operator==(const IncrementalExport&, const IncrementalExport&) = default;
};

// Where an export goes, as it was asked for.
struct ExportTarget {
  std::string bucket;
  std::string bucket_owner{};
  std::string prefix{};
  std::string sse_algorithm{};  // AES256 or KMS; kept, without effect
  std::string sse_key{};
  friend bool operator==(const ExportTarget&, const ExportTarget&) = default;
};

struct ExportRequest {
  std::string table;
  std::optional<Timestamp> at{};  // nothing: as it is now
  std::optional<IncrementalExport> changes{};
  ExportTarget target;
  std::string token{};
};

struct Export {
  std::string id;
  std::string status = "IN_PROGRESS";  // COMPLETED, FAILED
  std::string table;
  std::string table_id;
  ExportTarget target;
  std::optional<IncrementalExport> changes;
  std::string token;
  bool has_time = false;  // whether the request told `at`
  Timestamp at;
  Timestamp started;
  std::optional<Timestamp> ended;
  std::string manifest;  // the key of manifest-summary.json, once it is there
  std::int64_t items = 0;
  std::int64_t bytes = 0;
  std::string failure_code, failure_message;
  std::uint32_t number = 0;  // of rows in between
  std::string arn;           // not stored
  std::string table_arn;     // not stored
};

// Exports of tables to buckets: rows of Family::tables, `export/TABLE/ID`. One that a crash interrupts is done again at the
// next start, under the same names.
//
// Threads: any. Cost: the items are read, compressed and written in turns on the pool; those of the past are copied first.
class Exports {
 public:
  Exports(Tables& tables, Store& store, Shard& shard, Pool& pool, PointInTime& past, ObjectStore& objects,
          const Instance& instance);

  void start();
  // IN_PROGRESS when it returns. TableNotFoundException, PointInTimeRecoveryUnavailableException,
  // InvalidExportTimeException, ExportConflictException, LimitExceededException.
  Task<Result<Export>> begin(ExportRequest request);
  // ExportNotFoundException.
  Result<Export> describe(std::string_view arn) const;
  // By table, then by time; of one table when `table` is not ""; behind the id `after`.
  std::vector<Export> list(std::string_view table, std::string_view after, std::size_t limit) const;

 private:
  Result<void> check_times(const ExportRequest& request, Timestamp now) const;
  // That of an earlier request with the same token; nothing when there is none.
  Result<std::optional<Export>> known(const ExportRequest& request, Timestamp now) const;
  Task<void> run(Export one);
  Task<Result<void>> write(Export& one, ExportFiles& files);
  Task<Result<void>> write_items(Export& one, const Tables::Frozen& frozen, ExportFiles& files);
  Task<Result<void>> write_changes(Export& one, const Tables::Frozen& frozen, ExportFiles& files);
  void close(Export one, const Result<void>& outcome);
  void save(const Export& one, Batch batch = {});
  Export read(std::string_view row) const;

  Tables& tables_;
  Store& store_;
  Shard& shard_;
  Pool& pool_;
  PointInTime& past_;
  ObjectStore& objects_;
  const Instance instance_;
  std::atomic<std::size_t> running_{0};
};

}  // namespace croft::dynamo
