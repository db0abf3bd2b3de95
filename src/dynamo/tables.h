#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "dynamo/definition.h"
#include "dynamo/item_locks.h"
#include "dynamo/open_table.h"
#include "dynamo/page.h"
#include "dynamo/requests.h"
#include "shard/task.h"
#include "store/store.h"
#include "types/instance.h"

namespace croft::dynamo {

struct TableDescription {
  TableDefinition definition;
  std::string arn;
  std::string status;  // ACTIVE; DELETING in the answer of remove()
  TableStatistics::Numbers numbers;
};

// The tables of one croft, as DynamoDB keeps them: items by key in the store, secondary indexes written together with
// their item.
//
// A write holds its item's lock from reading the old item to the write in the store, and answers when the write is on
// disk. Reads see every write that was answered, and maybe one that is not synced yet. All errors are AWS's codes and
// texts: ResourceNotFoundException, ResourceInUseException, ValidationException, ConditionalCheckFailedException.
//
// Threads: any; a Task resumes on the shard that awaits it. Cost: a get or put of a small item takes some 10 us, most
// of it in the store. Memory: the definitions.
class Tables {
 public:
  // Reads the definitions and finishes indexes that a crash left half made.
  Tables(Store& store, const Instance& instance);
  Tables(const Tables&) = delete;

  Task<Result<Written>> put(PutItem request);
  Task<Result<Written>> update(UpdateItem request);
  Task<Result<Written>> erase(DeleteItem request);
  Task<Result<Found>> get(GetItem request);
  // A page of at most 1 MiB; other work of the shard runs between parts of a long one.
  Task<Result<Page>> query(Query request);
  Task<Result<Page>> scan(Scan request);
  Task<Result<BatchGot>> batch_get(BatchGet request);
  // Not a transaction to its callers, though croft writes it as one.
  Task<Result<BatchWritten>> batch_write(BatchWrite request);

  // `wanted` has passed check(); id, number and creation time are given here. ACTIVE at once.
  Task<Result<TableDescription>> create(TableDefinition wanted);
  Task<Result<TableDescription>> remove(std::string table);
  // Returns when a new index is filled.
  Task<Result<TableDescription>> update(UpdateTable request);
  Result<TableDescription> describe(std::string_view table) const;
  // In order, above `after` ("" = from the start).
  std::vector<std::string> names(std::string_view after, std::size_t limit) const;
  Task<Result<void>> set_tags(std::string table, Tags tags);

 private:
  using SharedLock = std::shared_lock<std::shared_mutex>;

  // nullptr when there is no such table. `tables_mutex_` is held.
  OpenTablePtr find_held(std::string_view name) const;
  OpenTablePtr find(std::string_view name) const;

  Result<Written> put_now(const PutItem& request);
  Result<Written> update_now(const UpdateItem& request);
  Result<Written> erase_now(const DeleteItem& request);
  Result<Found> get_now(const GetItem& request) const;
  Result<BatchGot> batch_get_now(const BatchGet& request) const;
  Result<BatchWritten> batch_write_now(const BatchWrite& request);
  Task<Page> read(PageReader reader) const;

  // An item's change on its way into a batch: index rows, statistics and capacity follow from it.
  struct Change {
    const OpenTable& table;
    const std::string& key;
    const std::optional<std::string>& old_row;
    const Item* before;  // decoded only where something needs it
    const Item* after;
  };
  Capacity apply(Batch& batch, const Change& change);

  Result<void> create_now(TableDefinition wanted);
  Result<TableDescription> remove_now(const std::string& table);
  Result<void> change_now(const UpdateTable& request);
  void finish_index(const std::string& table, const std::string& index);
  // Makes the index rows of some items from the key `from` on; the key to go on from, "" at the end.
  std::string backfill(const std::string& table, const std::string& index, const std::string& from);
  void store_definition(TableDefinition definition, std::shared_ptr<TableStatistics> statistics, Batch batch = {});

  Store& store_;
  const Instance instance_;
  ItemLocks locks_;

  // Writers of items hold it shared until their batch is written, so that a definition never changes under them.
  mutable std::shared_mutex tables_mutex_;
  std::map<std::string, OpenTablePtr, std::less<>> tables_;
};

}  // namespace croft::dynamo
