#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "dynamo/change_log.h"
#include "dynamo/definition.h"
#include "dynamo/item_locks.h"
#include "dynamo/item_watch.h"
#include "dynamo/open_table.h"
#include "dynamo/page.h"
#include "dynamo/requests.h"
#include "dynamo/streams.h"
#include "dynamo/throughput.h"
#include "dynamo/transaction_tokens.h"
#include "shard/shard.h"
#include "store/store.h"
#include "types/instance.h"

namespace croft::dynamo {

struct TransactionStep;

struct TableDescription {
  TableDefinition definition;
  std::string arn;
  std::string status;  // ACTIVE; CREATING while it is being made; UPDATING, DELETING in the answers of update(), remove()
  TableStatistics::Numbers numbers{};
  std::vector<TableStatistics::Numbers> index_numbers{};  // in the order of the indexes
  // In the answer of update(), what it began: a status of an index, of the encryption. "" = none.
  std::string changed_index{}, index_status{}, encryption_status{};
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
  // Reads the definitions. Indexes that a crash left half made are finished from start() on.
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
  // All actions or none, judged and written while all their items are locked; the refusal of an action cancels all:
  // TransactionCanceledException, with a reason for each action in its details.
  Task<Result<TransactWritten>> transact_write(TransactWrite request);
  // The items as they were together at one moment.
  Task<Result<TransactGot>> transact_get(TransactGet request);
  // The collection of an item, or of a key; nothing for a table without local indexes. Reads all of the collection's rows,
  // other work of the shard runs meanwhile: some 100 ns a row.
  Task<std::optional<ItemCollection>> collection(std::string table, Item item) const;

  // `wanted` has passed check(); id, number and creation time are given here. ACTIVE at once.
  Task<Result<TableDescription>> create(TableDefinition wanted);
  Task<Result<TableDescription>> remove(std::string table);
  // A new index is described as CREATING and filled in the background, or before this returns when start() was not called.
  Task<Result<TableDescription>> update(UpdateTable request);
  Result<TableDescription> describe(std::string_view table) const;
  // A table as it is now, without counting its items; nullptr when there is none.
  OpenTablePtr open(std::string_view table) const { return find(table); }
  // In order, above `after` ("" = from the start).
  std::vector<std::string> names(std::string_view after, std::size_t limit) const;
  Task<Result<void>> set_tags(std::string table, Tags tags);
  // Changes what is only kept and told of a table. `edit` is called once at most, before this awaits anything.
  using Edit = std::function<Result<void>(TableDefinition&)>;
  Task<Result<void>> edit(std::string table, Edit edit);
  // Point-in-time recovery on, for so many days back, or (nothing) off.
  Task<Result<void>> set_recovery(std::string table, std::optional<std::int64_t> days);
  // Whether items expire by the time in `attribute`. ValidationException when it is so already, on another attribute, or
  // while the last change is still on its way.
  Task<Result<void>> set_time_to_live(std::string table, bool enabled, std::string attribute);

  // Lets items expire, and drops what is too old from the change log, on `shard`, by a task that is there only while a
  // table asks for it. Fills indexes there, and counts tables that are too large to be counted at once.
  void start(Shard& shard);
  // From now on tables throttle by their provisioned throughput. Before the first request.
  void enforce_throughput(std::unique_ptr<ThroughputLimits> limits) { throughput_ = std::move(limits); }
  // Told of every change of an item from now on. Before the first request; `watch` outlives the requests.
  void watch_with(ItemWatch& watch) { watch_ = &watch; }
  ChangeLog& changes() { return changes_; }
  Streams& streams() { return streams_; }
  const Instance& instance() const { return instance_; }

  // For backups, recovery, exports and imports (backups.h).
  //
  // A table that takes requests, and the rows as they are now; the table is nullptr when there is none.
  struct Frozen {
    OpenTablePtr table;
    std::shared_ptr<const StoreView> rows;
  };
  Frozen freeze(std::string_view name) const;
  // A number for rows that are no table's: never that of a table, a backup or another one given.
  std::uint32_t allot_number();
  // Adds a table that is described as CREATING and takes no requests until finish_making(). Its items are for the caller to
  // write. `rows` are written in the same batch.
  Result<OpenTablePtr> begin_making(TableDefinition wanted, Batch rows);
  void finish_making(const std::string& name, TableStatistics::Numbers numbers, Batch rows);
  // The table goes with what it has so far.
  void give_up_making(const std::string& name, Batch rows);
  // Asked when a table is removed, with its lock held: adds to the batch what makes the items somebody else's, and says
  // whether it did; they are not erased then.
  using Keep = std::function<bool(const TableDescription& table, Batch& batch)>;
  void keep_items_with(Keep keep) { keep_ = std::move(keep); }

 private:
  using SharedLock = std::shared_lock<std::shared_mutex>;

  // nullptr when there is no such table, or it is being made. `tables_mutex_` is held.
  OpenTablePtr find_held(std::string_view name) const;
  OpenTablePtr find(std::string_view name) const;

  Result<Written> put_now(const PutItem& request);
  Result<Written> update_now(const UpdateItem& request);
  Result<Written> erase_now(const DeleteItem& request);
  Result<Found> get_now(const GetItem& request) const;
  Result<BatchGot> batch_get_now(const BatchGet& request) const;
  Result<BatchWritten> batch_write_now(const BatchWrite& request);
  Result<TransactWritten> transact_write_now(const TransactWrite& request);
  TransactWritten write_steps(const TransactWrite& request, std::vector<TransactionStep>& steps);
  Result<TransactGot> transact_get_now(const TransactGet& request);
  Task<Page> read(PageReader reader) const;

  // An item's change on its way into a batch: index rows, statistics and capacity follow from it.
  struct Change {
    const OpenTable& table;
    const std::string& key;
    const std::optional<std::string>& old_row;
    const Item* before;  // decoded only where something needs it
    const Item* after;
    bool by_ttl = false;  // the item has expired
    WrittenItems* tell = nullptr;
  };
  Capacity apply(Batch& batch, const Change& change);
  static void tell(WrittenItems& items, const Change& change);
  void apply_expiry(Batch& batch, const Change& change);
  void tell_watch(const Change& change) const;

  // tables_throughput.cpp. Nothing is refused and nothing counted unless enforce_throughput() was called.
  using Units = ThroughputLimits::Kind;
  Result<void> admit(const OpenTable& table, Units kind, std::string_view index = {}) const {
    return throughput_ ? throughput_->admit(table.definition, kind, index) : Result<void>();
  }
  // Of a write whose condition holds: an index that it touches may have no units. `before` is decoded for tables with indexes.
  Result<void> admit_indexes(const OpenTable& table, const Item* before, const Item* after) const;
  Result<void> admit_write(const OpenTable& table, const Item* before, const Item* after) const;
  void charge(const OpenTable& table, Units kind, const Capacity& capacity) const {
    if (throughput_) throughput_->charge(table.definition, kind, capacity);
  }
  void charge(const CapacityByTable& capacity, Units kind) const;
  // The refusal of a condition, which costs what the item that is there would.
  Error charged(Error refusal, const OpenTable& table, const std::optional<std::string>& old_row) const;

  Result<void> create_now(TableDefinition wanted);
  // What create_now() and begin_making() share; `tables_mutex_` is held alone.
  Result<void> create_held(TableDefinition wanted, Batch rows);
  // Why control operations refuse a table: it is not there, or being made.
  Error refusal_held(std::string_view name) const;
  Result<TableDescription> remove_now(const std::string& table);
  void count(const OpenTablePtr& table, TableDescription& description) const;
  bool count_rows(TableStatistics& statistics, Family family, const std::string& prefix) const;
  bool count_turn(const OpenTable& table) const;
  Shard* upkeep_shard() const;
  Task<void> count_on(OpenTablePtr table) const;

  // tables_updates.cpp. An index to be filled: its number, and its table's, are never another's.
  struct NewIndex {
    std::string table;
    std::uint32_t table_number;
    std::uint16_t number;
  };
  // What the answer shows of the table.
  Result<TableDescription> change_now(const UpdateTable& request, std::optional<NewIndex>& made);
  const IndexDefinition* find_filling_held(const NewIndex& index, OpenTablePtr& table) const;
  // Makes the index rows of some items from the key `from` on; the key to go on from, "" at the end.
  std::string backfill(const NewIndex& index, const std::string& from);
  void finish_index(const NewIndex& index);
  Task<void> fill(NewIndex index);
  void fill_half_made_held();

  void put_held(TableDefinition definition, std::shared_ptr<TableStatistics> statistics);
  void store_definition(TableDefinition definition, std::shared_ptr<TableStatistics> statistics, Batch batch = {});

  // tables_streams.cpp. The first two: `tables_mutex_` is held alone.
  Result<void> change_stream(TableDefinition& table, const StreamWanted& wanted, Batch& batch);
  void leave_changes(const TableDefinition& table, Batch& batch);
  void trim_changes();
  // tables_expiry.cpp
  Result<void> set_time_to_live_now(const std::string& table, bool enabled, const std::string& attribute);
  // Makes expiry rows of some items from `from` on; the key to go on from, "" at the end.
  std::string fill_expiry(const OpenTable& seen, const std::string& from);
  void finish_expiry(const OpenTable& seen);
  // Deletes some of the items that are due. False: that was all.
  bool expire(const OpenTable& seen, Timestamp now);
  bool needs_upkeep_held() const;
  void begin_upkeep_held();
  bool end_upkeep();
  std::vector<OpenTablePtr> expiring() const;
  Task<void> keep_up();

  Store& store_;
  const Instance instance_;
  ChangeLog changes_{store_};
  Streams streams_{store_, changes_};
  ItemLocks locks_;

  // Writers of items hold it shared until their batch is written, so that a definition never changes under them.
  mutable std::shared_mutex tables_mutex_;
  std::map<std::string, OpenTablePtr, std::less<>> tables_;
  TransactionTokens tokens_;
  std::unique_ptr<ThroughputLimits> throughput_;  // nullptr: not enforced
  std::uint32_t next_number_ = 1;
  Keep keep_;
  ItemWatch* watch_ = nullptr;
  Shard* upkeep_shard_ = nullptr;
  bool is_kept_up_ = false;
};

}  // namespace croft::dynamo
