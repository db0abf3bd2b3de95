#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dynamo/import_source.h"
#include "dynamo/item_copy.h"
#include "dynamo/tables.h"
#include "shard/pool.h"
#include "shard/shard.h"

namespace croft::dynamo {

// Where the items of a new table come from.
struct ImportSource {
  std::string bucket;
  std::string bucket_owner{};
  std::string prefix{};
  bool is_csv = false;  // otherwise DynamoDB JSON
  char delimiter = ',';
  std::vector<std::string> header{};  // "" = each object's first record
  Compression compression = Compression::none;
  friend bool operator==(const ImportSource&, const ImportSource&) = default;
};

struct ImportCounts {
  std::int64_t processed_bytes = 0;  // before compression
  std::int64_t processed = 0;        // lines or records
  std::int64_t imported = 0;
  std::int64_t errors = 0;
};

struct ImportRequest {
  TableDefinition table;
  json::object parameters;  // TableCreationParameters, as they were given
  ImportSource source;
  std::string token{};
};

struct Import {
  std::string id;
  std::string status = "IN_PROGRESS";  // COMPLETED, FAILED
  std::string table;
  std::string table_id;
  json::object parameters;
  ImportSource source;
  std::string token;
  Timestamp started;
  std::optional<Timestamp> ended;
  ImportCounts counts;
  std::string failure_code, failure_message;
  std::string arn;        // not stored
  std::string table_arn;  // not stored
};

// The items of a bucket's objects on their way into a table that nobody reads yet. What cannot become an item is counted and
// told in the log. Index rows are left to FillIndexes.
class ImportItems {
 public:
  ImportItems(Store& store, ObjectStore& objects, TableDefinition table, ImportSource source, std::string name);
  ~ImportItems();

  // False at the end. An error ends the import: there is no such bucket, or nothing in it.
  Result<bool> turn();
  const ImportCounts& counts() const { return counts_; }

 private:
  Result<bool> open_next();
  Result<void> list_more();
  void take_records(bool is_last);
  bool take_record(bool is_last);
  void add(Result<Item> item);
  void fail(const std::string& why);
  void skip_object();

  Store& store_;
  ObjectStore& objects_;
  const TableDefinition table_;
  const std::string prefix_;
  const ImportSource source_;
  const std::string name_;
  std::vector<ObjectStore::Listed> listed_;
  std::size_t next_object_ = 0, objects_seen_ = 0;
  bool has_listed_all_ = false;
  std::unique_ptr<SourceReader> reader_;
  std::string key_;  // of the object that is read
  std::string text_;
  std::size_t at_ = 0;
  std::size_t record_ = 0;
  std::vector<std::string> header_;
  Batch batch_;
  ImportCounts counts_;
};

// ImportTable: rows of Family::tables, `import/TABLE/ID`. One that a crash interrupts is begun anew at the next start.
//
// Threads: any. Cost: the objects are read, and the items written, in turns on the pool.
class Imports {
 public:
  Imports(Tables& tables, Store& store, Shard& shard, Pool& pool, ObjectStore& objects, const Instance& instance);

  void start();
  // IN_PROGRESS when it returns. ResourceInUseException, ImportConflictException, LimitExceededException.
  Task<Result<Import>> begin(ImportRequest request);
  // ImportNotFoundException.
  Result<Import> describe(std::string_view arn) const;
  std::vector<Import> list(std::string_view table, std::string_view after, std::size_t limit) const;

 private:
  Result<std::optional<Import>> known(const ImportRequest& request, Timestamp now) const;
  Task<void> run(Import one, TableDefinition table);
  void close(Import one, const Result<void>& outcome, TableStatistics::Numbers numbers);
  Import read(std::string_view row) const;

  Tables& tables_;
  Store& store_;
  Shard& shard_;
  Pool& pool_;
  ObjectStore& objects_;
  const Instance instance_;
  std::atomic<std::size_t> running_{0};
};

}  // namespace croft::dynamo
