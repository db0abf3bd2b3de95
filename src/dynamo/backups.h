#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dynamo/restores.h"

namespace croft::dynamo {

// A copy of a table's items and of what is needed to make the table again.
struct Backup {
  std::string id;    // "01489602797149-73d8d5bc": the time of the request in ms, then a random part
  std::string name;  // BackupName
  std::string status = "CREATING";  // AVAILABLE; DELETED in the answer of erase()
  bool is_system = false;           // made because its table was deleted while it had point-in-time recovery
  std::uint32_t number = 0;         // of its items
  TableStatistics::Numbers numbers;
  Timestamp created;
  std::optional<Timestamp> expires;
  TableDefinition table;
  std::string arn;        // not stored
  std::string table_arn;  // not stored
};

struct BackupQuery {
  std::string table;                          // "" = of all
  std::optional<bool> is_system = false;      // nothing: both
  std::optional<Timestamp> from, before;      // of the request's time
  std::string after_arn;                      // "" = from the start
  std::size_t limit = 100;
};

struct BackupPage {
  std::vector<Backup> backups;
  bool has_more = false;
};

// On-demand backups. Metadata are rows of Family::tables, `backup/TABLE/ID`; items are rows of Family::items under a number
// of their own, as they were at one moment. A backup that a crash interrupts is removed at the next start: its moment is
// gone. A deleted table with point-in-time recovery leaves its items to a backup, as at AWS, for 35 days.
//
// Threads: any. Cost: a backup writes all items once, in the background.
class Backups {
 public:
  Backups(Tables& tables, Store& store, Shard& shard, Pool& pool, Restores& restores, const Instance& instance);

  // On the shard, once, before requests.
  void start();
  // CREATING when it returns. TableNotFoundException, TableInUseException, LimitExceededException.
  Task<Result<Backup>> create(std::string table, std::string name);
  // BackupNotFoundException.
  Result<Backup> describe(std::string_view arn) const;
  // By table, then by time.
  BackupPage list(const BackupQuery& query) const;
  // BackupNotFoundException; BackupInUseException while it is being made or read.
  Task<Result<Backup>> erase(std::string arn);
  Task<Result<TableDescription>> restore(std::string arn, NewTable wanted);
  const Instance& instance() const { return instance_; }

 private:
  Task<void> fill(Backup backup, std::shared_ptr<const StoreView> rows, std::uint32_t table);
  bool keep(const TableDescription& table, Batch& batch);
  Backup begun(const TableDefinition& table, std::string name, Timestamp now) const;
  Backup read(std::string_view row) const;
  std::string arn(const Backup& backup) const;

  Tables& tables_;
  Store& store_;
  Shard& shard_;
  Pool& pool_;
  Restores& restores_;
  const Instance instance_;
  std::atomic<std::size_t> being_made_{0};
};

// The time in ms with 14 digits, and eight random hex digits: how AWS names backups, exports and imports.
std::string dated_id(Timestamp now);

}  // namespace croft::dynamo
