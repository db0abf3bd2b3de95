#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "dynamo/item_copy.h"
#include "dynamo/tables.h"
#include "shard/pool.h"
#include "shard/shard.h"

namespace croft::dynamo {

// What a restore is told of the table that it makes; what is absent comes from the source.
struct NewTable {
  std::string name;
  std::optional<bool> on_demand{};
  std::optional<Throughput> throughput{};
  std::optional<Throughput> on_demand_max{};
  std::optional<std::string> encryption_key{};
  std::optional<std::vector<IndexDefinition>> global_indexes{};  // those to keep: each is one of the source's
  std::optional<std::vector<IndexDefinition>> local_indexes{};
};

// Some table's items at some moment: those under a number, with the change log taken back to `until` if that is given.
struct Past {
  std::uint32_t number = 0;
  std::optional<Timestamp> until{};
};

// The table that a restore of `source` makes: keys, indexes, capacity, class and encryption; not its streams, expiry, tags,
// policies, recovery or protection. ValidationException. Source: API Reference, RestoreTableFromBackup.
Result<TableDefinition> restored_definition(const TableDefinition& source, const NewTable& wanted);

// Tables that are being made out of backups or of other tables' past, in the background. One that a crash interrupts is
// begun anew at the next start, or goes when its source has gone.
//
// Threads: any. Cost: the items are written once, index rows once; in turns on the pool.
class Restores {
 public:
  Restores(Tables& tables, Store& store, Shard& shard, Pool& pool);

  // On the shard, once, before requests.
  void start();
  // The table is CREATING when this returns. Errors: TableAlreadyExistsException, TableInUseException, ValidationException,
  // LimitExceededException.
  Task<Result<TableDescription>> begin(TableDefinition wanted, Past past, std::shared_ptr<const StoreView> rows);
  // Whether items under that number are being read.
  bool is_reading(std::uint32_t number) const;

 private:
  struct Job {
    TableDefinition table;
    Past past;
    std::shared_ptr<const StoreView> rows;
  };
  Task<void> run(Job job);
  template <class Step>
  Task<void> finish(Step& step);
  void resume(const std::string& name, const json::object& row);
  Result<void> check_name(const std::string& name) const;

  Tables& tables_;
  Store& store_;
  Shard& shard_;
  Pool& pool_;
  mutable std::mutex mutex_;
  std::map<std::string, std::uint32_t> running_;  // by table: the number that is read
};

}  // namespace croft::dynamo
