// Items of Tables: what reads and writes single items and batches of them.
#include "dynamo/attribute_encoding.h"
#include "dynamo/capacity.h"
#include "dynamo/errors.h"
#include "dynamo/index_rows.h"
#include "dynamo/item_rules.h"
#include "dynamo/limits.h"
#include "dynamo/tables.h"

#include <set>

namespace croft::dynamo {

namespace {

// What the update changed, as it is in `item`; nothing when nothing of it is there.
std::optional<Item> parts(const Update& update, const Item& item) {
  std::vector<Path> paths;
  for (const Path* path : update.paths()) paths.push_back(*path);
  Item chosen = Projection(paths).apply(item);
  return chosen.empty() ? std::nullopt : std::optional(std::move(chosen));
}

std::optional<Item> returned(ReturnValues wanted, const Update* update, const std::optional<Item>& before,
                             const Item& after) {
  switch (wanted) {
    case ReturnValues::none: return std::nullopt;
    case ReturnValues::all_old: return before;
    case ReturnValues::all_new: return after;
    case ReturnValues::updated_old: return before && update ? parts(*update, *before) : std::nullopt;
    case ReturnValues::updated_new: return update ? parts(*update, after) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

Capacity Tables::apply(Batch& batch, const Change& change) {
  const TableDefinition& definition = change.table.definition;
  const std::size_t old_bytes = change.old_row ? counted_bytes_of_row(*change.old_row) : 0;
  const std::size_t new_bytes = change.after ? counted_bytes(*change.after) : 0;
  std::optional<std::string> new_row;
  if (change.after) new_row = encode_item(*change.after, new_bytes);
  if (new_row) batch.put(Family::items, change.key, *new_row);
  else if (change.old_row) batch.erase(Family::items, change.key);
  if (!definition.ttl_attribute.empty()) apply_expiry(batch, change);
  Capacity capacity{write_units(std::max(old_bytes, new_bytes)), {}, {}};
  for (std::size_t i = 0; i < definition.indexes.size(); ++i) {
    const IndexDefinition& index = definition.indexes[i];
    const IndexWrite written = update_index_row(batch, definition, index, change.before, change.after);
    if (written.units == 0) continue;
    change.table.index_statistics[i]->change(written.rows, written.bytes);
    (index.global ? capacity.global_indexes : capacity.local_indexes).emplace_back(index.name, written.units);
  }
  change.table.statistics->change((change.after ? 1 : 0) - (change.old_row ? 1 : 0),
                                  static_cast<std::int64_t>(new_bytes) - static_cast<std::int64_t>(old_bytes));
  if (watch_ && watch_->wants(definition.name) && change.old_row != new_row) tell_watch(change);
  // A write that changes nothing is not in the log. Source: Developer Guide, "Change data capture for DynamoDB Streams".
  if (definition.keeps_changes() && change.old_row != new_row) {
    changes_.add(batch, definition.number, {.by_ttl = change.by_ttl,
                                            .row_key = change.key,
                                            .before = change.old_row,
                                            .after = std::move(new_row)});
  }
  if (change.tell) tell(*change.tell, change);
  return capacity;
}

void Tables::tell(WrittenItems& items, const Change& change) {
  WrittenItem written{.table = change.table.definition.name};
  if (change.old_row) written.before = decode_item(*change.old_row);
  if (change.after) written.after = *change.after;
  const std::optional<Item>& any = written.after ? written.after : written.before;
  if (any) written.key = key_of(change.table.definition.keys, *any);
  items.push_back(std::move(written));
}

void Tables::tell_watch(const Change& change) const {
  std::optional<Item> decoded;
  if (!change.before && change.old_row) decoded = decode_item(*change.old_row);
  watch_->changed({change.table.definition, decoded ? &*decoded : change.before, change.after, change.by_ttl});
}

Result<Written> Tables::put_now(const PutItem& request) {
  const SharedLock lock(tables_mutex_);
  const OpenTablePtr table = find_held(request.table);
  if (!table) return resource_not_found();
  Result<void> checked = check_put(table->definition, request.item);
  if (checked) checked = check_scalar_keys(table->definition, request.condition);
  if (checked) checked = admit(*table, Units::write);
  if (!checked) return checked.error();
  const std::string key = table->row_key(request.item);

  const auto held = locks_.lock(key);
  const std::optional<std::string> old_row = store_.get(Family::items, key);
  const bool wants_old = request.return_values == ReturnValues::all_old;
  std::optional<Item> before = decoded(old_row, request.condition || wants_old || !table->definition.indexes.empty());
  const Result<void> condition = check_put_condition(request, before);
  if (!condition) return charged(condition.error(), *table, old_row);
  checked = admit_indexes(*table, pointer(before), &request.item);
  if (!checked) return checked.error();
  Batch batch;
  Written written;
  written.capacity = apply(batch, {*table, key, old_row, pointer(before), &request.item, false, request.tell});
  charge(*table, Units::write, written.capacity);
  store_.write(std::move(batch));
  if (wants_old) written.attributes = std::move(before);
  return written;
}

Result<Written> Tables::erase_now(const DeleteItem& request) {
  const SharedLock lock(tables_mutex_);
  const OpenTablePtr table = find_held(request.table);
  if (!table) return resource_not_found();
  Result<void> checked = check_key(table->definition.keys, request.key);
  if (checked) checked = check_scalar_keys(table->definition, request.condition);
  if (checked) checked = admit(*table, Units::write);
  if (!checked) return checked.error();
  const std::string key = table->row_key(request.key);

  const auto held = locks_.lock(key);
  const std::optional<std::string> old_row = store_.get(Family::items, key);
  const bool wants_old = request.return_values == ReturnValues::all_old;
  std::optional<Item> before = decoded(old_row, request.condition || wants_old || !table->definition.indexes.empty());
  const Result<void> condition = check_condition(request.condition, before, request.item_in_failure);
  if (!condition) return charged(condition.error(), *table, old_row);
  checked = admit_indexes(*table, pointer(before), nullptr);
  if (!checked) return checked.error();
  Batch batch;
  Written written;
  written.capacity = apply(batch, {*table, key, old_row, pointer(before), nullptr, false, request.tell});
  charge(*table, Units::write, written.capacity);
  if (!batch.empty()) store_.write(std::move(batch));
  if (wants_old) written.attributes = std::move(before);
  return written;
}

Result<Written> Tables::update_now(const UpdateItem& request) {
  const SharedLock lock(tables_mutex_);
  const OpenTablePtr table = find_held(request.table);
  if (!table) return resource_not_found();
  Result<void> checked = check_key(table->definition.keys, request.key);
  if (checked && request.update) checked = check_update_paths(table->definition, *request.update);
  if (checked) checked = check_scalar_keys(table->definition, request.condition);
  if (checked) checked = admit(*table, Units::write);
  if (!checked) return checked.error();
  const std::string key = table->row_key(request.key);

  const auto held = locks_.lock(key);
  const std::optional<std::string> old_row = store_.get(Family::items, key);
  std::optional<Item> before = decoded(old_row, true);
  const Result<void> condition = check_condition(request.condition, before, request.item_in_failure);
  if (!condition) return charged(condition.error(), *table, old_row);
  Result<Item> after = before ? *before : request.key;
  if (request.update) {
    after = request.update->apply(before ? *before : request.key);
    if (!after) return after.error();
    checked = check_updated(table->definition, *request.update, *after);
    if (checked && request.limits_written) checked = check_written_size(*request.update, *after);
    if (!checked) return checked.error();
  }
  Written written;
  const Update* update = request.update ? &*request.update : nullptr;
  if (!before && update && !update->creates_item()) return written;
  checked = admit_indexes(*table, pointer(before), &*after);
  if (!checked) return checked.error();
  Batch batch;
  written.capacity = apply(batch, {*table, key, old_row, pointer(before), &*after, false, request.tell});
  charge(*table, Units::write, written.capacity);
  store_.write(std::move(batch));
  written.attributes = returned(request.return_values, update, before, *after);
  return written;
}

Task<Result<Written>> Tables::put(PutItem request) {
  Result<Written> written = put_now(request);
  if (written) co_await store_.durable();
  co_return written;
}

Task<Result<Written>> Tables::update(UpdateItem request) {
  Result<Written> written = update_now(request);
  if (written) co_await store_.durable();
  co_return written;
}

Task<Result<Written>> Tables::erase(DeleteItem request) {
  Result<Written> written = erase_now(request);
  if (written) co_await store_.durable();
  co_return written;
}

Result<Found> Tables::get_now(const GetItem& request) const {
  const OpenTablePtr table = find(request.table);
  if (!table) return resource_not_found();
  Result<void> checked = check_key(table->definition.keys, request.key);
  if (checked) checked = check_scalar_keys(table->definition, request.projection);
  if (checked) checked = admit(*table, Units::read);
  if (!checked) return checked.error();
  const std::optional<std::string> row = store_.get(Family::items, table->row_key(request.key));
  Found found;
  found.capacity.table = read_units(row ? counted_bytes_of_row(*row) : 0, request.consistent);
  charge(*table, Units::read, found.capacity);
  if (!row) return found;
  found.item = decode_item(*row);
  if (request.projection) found.item = request.projection->apply(*found.item);
  return found;
}

Task<Result<Found>> Tables::get(GetItem request) { co_return get_now(request); }

Result<BatchGot> Tables::batch_get_now(const BatchGet& request) const {
  std::vector<OpenTablePtr> tables;
  for (const BatchGet::Part& part : request.parts) {
    tables.push_back(find(part.table));
    if (!tables.back()) return resource_not_found();
    std::set<std::string> keys;
    for (const Item& key : part.keys) {
      const Result<void> checked = check_key(tables.back()->definition.keys, key);
      if (!checked) return checked.error();
      if (!keys.insert(tables.back()->row_key(key)).second) {
        return validation_error("Provided list of item keys contains duplicates");
      }
    }
    const Result<void> checked = check_scalar_keys(tables.back()->definition, part.projection);
    if (!checked) return checked.error();
  }
  BatchGot got;
  std::size_t bytes = 0, read = 0;
  std::optional<Error> throttled;
  for (std::size_t i = 0; i < request.parts.size(); ++i) {
    const BatchGet::Part& wanted = request.parts[i];
    BatchGot::Part part{wanted.table};
    for (const Item& key : wanted.keys) {
      const Result<void> admitted = admit(*tables[i], Units::read);
      if (!admitted) throttled = admitted.error();
      if (!admitted || bytes >= limits::batch_get_bytes_max) {
        part.unprocessed.push_back(key);
        continue;
      }
      ++read;
      const std::optional<std::string> row = store_.get(Family::items, tables[i]->row_key(key));
      const std::size_t size = row ? counted_bytes_of_row(*row) : 0;
      bytes += size;
      const double units = read_units(size, wanted.consistent);
      part.capacity.table += units;
      charge(*tables[i], Units::read, {units, {}, {}});
      if (!row) continue;
      Item item = decode_item(*row);
      part.items.push_back(wanted.projection ? wanted.projection->apply(item) : std::move(item));
    }
    got.parts.push_back(std::move(part));
  }
  if (throttled && read == 0) return *throttled;
  return got;
}

Task<Result<BatchGot>> Tables::batch_get(BatchGet request) { co_return batch_get_now(request); }

Result<BatchWritten> Tables::batch_write_now(const BatchWrite& request) {
  const SharedLock lock(tables_mutex_);
  std::vector<OpenTablePtr> tables;
  std::vector<std::string> keys;
  std::set<std::string_view> unique;
  for (const BatchWrite::Part& part : request.parts) {
    tables.push_back(find_held(part.table));
    if (!tables.back()) return resource_not_found();
    for (const BatchWrite::Request& one : part.requests) {
      const TableDefinition& definition = tables.back()->definition;
      // A batch tells a wrong key in the same words for both.
      Result<void> checked = check_key(definition.keys, one.put ? key_of(definition.keys, *one.put) : one.erase);
      if (checked && one.put) checked = check_put(definition, *one.put);
      if (!checked) return checked.error();
      keys.push_back(tables.back()->row_key(one.put ? *one.put : one.erase));
    }
  }
  for (const std::string& key : keys) {
    if (!unique.insert(key).second) return validation_error("Provided list of item keys contains duplicates");
  }

  const auto held = locks_.lock(keys);
  Batch batch;
  BatchWritten written;
  std::size_t n = 0, refused = 0;
  std::optional<Error> throttled;
  for (std::size_t i = 0; i < request.parts.size(); ++i) {
    BatchPartWritten part;
    for (const BatchWrite::Request& one : request.parts[i].requests) {
      const std::string& key = keys[n++];
      const std::optional<std::string> old_row = store_.get(Family::items, key);
      const std::optional<Item> before = decoded(old_row, !tables[i]->definition.indexes.empty());
      const Result<void> admitted = admit_write(*tables[i], pointer(before), pointer(one.put));
      if (!admitted) {
        throttled = admitted.error();
        part.unprocessed.push_back(one);
        ++refused;
        continue;
      }
      const Capacity capacity = apply(batch, {*tables[i], key, old_row, pointer(before), pointer(one.put), false, request.tell});
      charge(*tables[i], Units::write, capacity);
      part.capacity += capacity;
    }
    written.push_back(std::move(part));
  }
  if (throttled && refused == n) return *throttled;
  store_.write(std::move(batch));
  return written;
}

Task<Result<BatchWritten>> Tables::batch_write(BatchWrite request) {
  Result<BatchWritten> written = batch_write_now(request);
  if (written) co_await store_.durable();
  co_return written;
}

}  // namespace croft::dynamo
