// UpdateTable of Tables, and the filling of new indexes.
#include <algorithm>

#include "dynamo/attribute_encoding.h"
#include "dynamo/errors.h"
#include "dynamo/index_rows.h"
#include "dynamo/limits.h"
#include "dynamo/table_changes.h"
#include "dynamo/tables.h"
#include "shard/shard.h"

namespace croft::dynamo {

namespace {

// What AWS shows while a change is on its way; here it is over by then, but for the filling of an index.
// Source: UpdateTable's answers on AWS.
void show_progress(TableDescription& description, const UpdateTable& request) {
  const bool is_synchronous = request.deletion_protection || request.encryption_key || request.warm ||
                              (request.on_demand_max && !request.on_demand) || !request.index_notes.empty();
  const bool has_index_throughput = !request.index_throughput.empty() && !request.throughput && !request.on_demand;
  if (!is_synchronous && !has_index_throughput) description.status = "UPDATING";
  if (request.encryption_key) description.encryption_status = "UPDATING";
  if (request.create_index) {
    description.changed_index = request.create_index->name;
    description.index_status = "CREATING";
  } else if (request.erase_index) {
    description.changed_index = *request.erase_index;
    description.index_status = "DELETING";
  } else if (has_index_throughput || !request.index_notes.empty()) {
    description.changed_index = has_index_throughput ? request.index_throughput[0].first : request.index_notes[0].index;
    description.index_status = "UPDATING";
  }
}

}  // namespace

Result<TableDescription> Tables::change_now(const UpdateTable& request, std::optional<NewIndex>& made) {
  Result<TableDescription> before = describe(request.table);
  const std::unique_lock lock(tables_mutex_);
  const OpenTablePtr table = find_held(request.table);
  if (!before || !table) return refusal_held(request.table);
  const Result<void> checked = check_change(table->definition, request);
  if (!checked) return checked.error();
  TableDefinition next = changed(table->definition, request, Timestamp::now());
  Batch batch;
  if (request.stream) {
    const Result<void> streamed = change_stream(next, *request.stream, batch);
    if (!streamed) return streamed.error();
  }
  if (request.erase_index) {
    const IndexDefinition& erased = *table->definition.index(*request.erase_index);
    const std::string rows = index_prefix(table->definition.number, erased.number);
    batch.erase_range(Family::indexes, rows, end_of_prefix(rows));
  }
  if (request.create_index) made = NewIndex{next.name, next.number, next.last_index};
  TableDescription shown = *std::move(before);
  if (!request.erase_index) shown.definition = next;  // one that goes is shown once more
  if (request.create_index) shown.index_numbers.emplace_back();
  show_progress(shown, request);
  store_definition(std::move(next), table->statistics, std::move(batch));
  return shown;
}

Task<Result<TableDescription>> Tables::update(UpdateTable request) {
  std::optional<NewIndex> made;
  Result<TableDescription> changed = change_now(request, made);
  if (!changed) co_return changed;
  co_await store_.durable();
  if (!made) co_return changed;
  if (Shard* const shard = upkeep_shard()) {
    shard->spawn(fill(*std::move(made)));
    co_return changed;
  }
  co_await fill(*std::move(made));
  co_return describe(request.table);
}

// nullptr when it is gone, or filled. `tables_mutex_` is held.
const IndexDefinition* Tables::find_filling_held(const NewIndex& index, OpenTablePtr& table) const {
  table = find_held(index.table);
  if (!table || table->definition.number != index.table_number) return nullptr;
  for (const IndexDefinition& known : table->definition.indexes) {
    if (known.number == index.number && known.backfilling) return &known;
  }
  return nullptr;
}

// An item's writer makes the index row too, from the moment the definition has the index; whoever comes later to the
// item sees its newest version, under its lock.
std::string Tables::backfill(const NewIndex& index, const std::string& from) {
  const std::string prefix = table_prefix(index.table_number);
  const std::vector<Row> rows =
      store_.scan(Family::items, from.empty() ? prefix : from, end_of_prefix(prefix), limits::backfill_turn_rows);
  std::vector<std::string> keys;
  for (const Row& row : rows) keys.push_back(row.key);
  const SharedLock lock(tables_mutex_);
  OpenTablePtr table;
  const IndexDefinition* definition = find_filling_held(index, table);
  if (!definition) return {};
  const auto held = locks_.lock(keys);
  Batch batch;
  for (const std::string& key : keys) {
    const std::optional<std::string> newest = store_.get(Family::items, key);
    if (!newest) continue;
    const Item item = decode_item(*newest);
    update_index_row(batch, table->definition, *definition, nullptr, &item);
  }
  if (!batch.empty()) store_.write(std::move(batch));
  return rows.size() < limits::backfill_turn_rows ? std::string() : rows.back().key + '\0';
}

void Tables::finish_index(const NewIndex& index) {
  const std::unique_lock lock(tables_mutex_);
  OpenTablePtr table;
  if (!find_filling_held(index, table)) return;
  TableDefinition next = table->definition;
  for (IndexDefinition& definition : next.indexes) {
    if (definition.number == index.number) definition.backfilling = false;
  }
  store_definition(std::move(next), table->statistics);
}

Task<void> Tables::fill(NewIndex index) {
  std::string from = backfill(index, {});
  while (!from.empty()) {
    co_await give_way();
    from = backfill(index, from);
  }
  finish_index(index);
}

void Tables::fill_half_made_held() {
  for (const auto& [name, table] : tables_) {
    for (const IndexDefinition& index : table->definition.indexes) {
      if (!index.backfilling) continue;
      // Not now: a task that is spawned from its own shard begins at once, and would ask for the lock that is held.
      const NewIndex half_made{name, table->definition.number, index.number};
      upkeep_shard_->post([this, half_made] { upkeep_shard_->spawn(fill(half_made)); });
    }
  }
}

}  // namespace croft::dynamo
