#include "dynamo/tables.h"

#include <algorithm>
#include <chrono>

#include "dynamo/attribute_encoding.h"
#include "dynamo/errors.h"
#include "dynamo/index_rows.h"
#include "dynamo/limits.h"
#include "shard/shard.h"
#include "text/digest.h"

namespace croft::dynamo {

Tables::Tables(Store& store, const Instance& instance) : store_(store), instance_(instance) {
  store_.visit(Family::tables, {}, {}, false, [this](std::string_view, std::string_view row) {
    TableDefinition definition = table_from_json(json::parse(row).value().as_object());
    std::string prefix = table_prefix(definition.number);
    const std::string name = definition.name;
    tables_[name] = std::make_shared<const OpenTable>(
        OpenTable{std::move(definition), std::move(prefix), std::make_shared<TableStatistics>(false)});
    return true;
  });
  std::vector<std::pair<std::string, std::string>> half_made;
  for (const auto& [name, table] : tables_) {
    for (const IndexDefinition& index : table->definition.indexes) {
      if (index.backfilling) half_made.emplace_back(name, index.name);
    }
  }
  for (const auto& [table, index] : half_made) {
    std::string from = tables_[table]->prefix;
    while (!from.empty()) from = backfill(table, index, from);
    finish_index(table, index);
  }
}

OpenTablePtr Tables::find_held(std::string_view name) const {
  const auto found = tables_.find(name);
  return found == tables_.end() ? nullptr : found->second;
}

OpenTablePtr Tables::find(std::string_view name) const {
  const SharedLock lock(tables_mutex_);
  return find_held(name);
}

Result<TableDescription> Tables::describe(std::string_view table) const {
  const OpenTablePtr found = find(table);
  if (!found) return table_not_found(table);
  return TableDescription{found->definition, instance_.arn("dynamodb", "table/" + found->definition.name), "ACTIVE",
                          found->statistics->numbers(store_, found->prefix)};
}

std::vector<std::string> Tables::names(std::string_view after, std::size_t limit) const {
  const SharedLock lock(tables_mutex_);
  std::vector<std::string> out;
  for (auto it = after.empty() ? tables_.begin() : tables_.upper_bound(after);
       it != tables_.end() && out.size() < limit; ++it) {
    out.push_back(it->first);
  }
  return out;
}

// tables_mutex_ is held alone. `batch` holds what must be written together with the definition.
void Tables::store_definition(TableDefinition definition, std::shared_ptr<TableStatistics> statistics, Batch batch) {
  batch.put(Family::tables, definition.name, json::dump(to_json(definition)));
  store_.write(std::move(batch));
  std::string prefix = table_prefix(definition.number);
  const std::string name = definition.name;
  tables_[name] =
      std::make_shared<const OpenTable>(OpenTable{std::move(definition), std::move(prefix), std::move(statistics)});
}

Result<void> Tables::create_now(TableDefinition wanted) {
  const std::unique_lock lock(tables_mutex_);
  if (find_held(wanted.name)) return table_exists(wanted.name);
  if (tables_.size() >= limits::tables_max) {
    return Error{"LimitExceededException",
                 "Too many tables: an account may have " + std::to_string(limits::tables_max) + " in a region"};
  }
  wanted.number = 1;
  for (const auto& [name, table] : tables_) wanted.number = std::max(wanted.number, table->definition.number + 1);
  std::uint16_t next_index = 1;
  for (IndexDefinition& index : wanted.indexes) index.number = next_index++;
  wanted.id = text::random_uuid();
  wanted.created = Timestamp::now();
  wanted.on_demand_since = wanted.created;
  store_definition(std::move(wanted), std::make_shared<TableStatistics>(true));
  return {};
}

Task<Result<TableDescription>> Tables::create(TableDefinition wanted) {
  const std::string name = wanted.name;
  const Result<void> created = create_now(std::move(wanted));
  if (!created) co_return created.error();
  co_await store_.durable();
  co_return describe(name);
}

Result<TableDescription> Tables::remove_now(const std::string& name) {
  Result<TableDescription> last = describe(name);
  const std::unique_lock lock(tables_mutex_);
  const OpenTablePtr table = find_held(name);
  if (!last || !table) return table_not_found(name);
  if (table->definition.deletion_protection) {
    return validation_error(
        "Resource cannot be deleted as it is currently protected against deletion. Disable deletion "
        "protection first.");
  }
  Batch batch;
  batch.erase(Family::tables, name);
  batch.erase_range(Family::items, table->prefix, end_of_prefix(table->prefix));
  batch.erase_range(Family::indexes, table->prefix, end_of_prefix(table->prefix));
  store_.write(std::move(batch));
  tables_.erase(name);
  last->status = "DELETING";
  return last;
}

Task<Result<TableDescription>> Tables::remove(std::string table) {
  Result<TableDescription> removed = remove_now(table);
  if (removed) co_await store_.durable();
  co_return removed;
}

namespace {

Result<void> add_index(TableDefinition& table, IndexDefinition index) {
  if (table.index(index.name)) return validation_error("Attempting to create an index which already exists");
  const Result<void> checked = check_index(table, index);
  if (!checked) return checked;
  for (const IndexDefinition& other : table.indexes) {
    index.number = std::max(index.number, static_cast<std::uint16_t>(other.number));
  }
  ++index.number;
  index.backfilling = true;
  table.indexes.push_back(std::move(index));
  std::size_t global = 0;
  for (const IndexDefinition& other : table.indexes) global += other.global ? 1 : 0;
  if (global > limits::global_indexes_max) {
    return invalid_parameter("GlobalSecondaryIndex count exceeds the per-table limit of 20");
  }
  return {};
}

Error index_not_found(std::string_view name) {
  return {"ResourceNotFoundException", "Requested resource not found: Index: " + std::string(name) + " not found"};
}

// Drops definitions that no key uses any more.
void drop_unused_attributes(TableDefinition& table) {
  std::erase_if(table.attributes, [&](const KeyAttribute& attribute) {
    if (table.keys.has(attribute.name)) return false;
    for (const IndexDefinition& index : table.indexes) {
      if (index.keys.has(attribute.name)) return false;
    }
    return true;
  });
}

void merge_attributes(TableDefinition& table, const std::vector<KeyAttribute>& added) {
  for (const KeyAttribute& attribute : added) {
    const auto same = [&](const KeyAttribute& known) { return known.name == attribute.name; };
    if (std::none_of(table.attributes.begin(), table.attributes.end(), same)) table.attributes.push_back(attribute);
  }
}

Result<void> change(TableDefinition& table, const UpdateTable& request) {
  if (request.on_demand) {
    if (*request.on_demand && !table.on_demand) table.on_demand_since = Timestamp::now();
    table.on_demand = *request.on_demand;
    if (table.on_demand) table.throughput = {};
  }
  if (request.throughput) table.throughput = *request.throughput;
  if (request.deletion_protection) table.deletion_protection = *request.deletion_protection;
  if (request.table_class) table.table_class = *request.table_class;
  for (const auto& [name, throughput] : request.index_throughput) {
    const auto same = [&, &wanted = name](const IndexDefinition& index) { return index.name == wanted; };
    const auto found = std::find_if(table.indexes.begin(), table.indexes.end(), same);
    if (found == table.indexes.end()) return index_not_found(name);
    found->throughput = throughput;
  }
  merge_attributes(table, request.attributes);
  if (request.create_index) {
    const Result<void> added = add_index(table, *request.create_index);
    if (!added) return added;
  }
  if (request.erase_index) {
    const auto same = [&](const IndexDefinition& index) {
      return index.global && index.name == *request.erase_index;
    };
    if (std::erase_if(table.indexes, same) == 0) return index_not_found(*request.erase_index);
  }
  drop_unused_attributes(table);
  return {};
}

}  // namespace

Result<void> Tables::change_now(const UpdateTable& request) {
  const std::unique_lock lock(tables_mutex_);
  const OpenTablePtr table = find_held(request.table);
  if (!table) return table_not_found(request.table);
  for (const IndexDefinition& index : table->definition.indexes) {
    if (index.backfilling) {
      return Error{"ResourceInUseException",
                   "Attempt to change a resource which is still in use: Table is being updated: " + request.table};
    }
  }
  TableDefinition next = table->definition;
  const Result<void> changed = change(next, request);
  if (!changed) return changed;
  Batch batch;
  if (request.erase_index) {
    // With the definition: rows that outlived it would show up in the next index, which gets the number that is free.
    const std::string rows =
        index_prefix(table->definition.number, table->definition.index(*request.erase_index)->number);
    batch.erase_range(Family::indexes, rows, end_of_prefix(rows));
  }
  store_definition(std::move(next), table->statistics, std::move(batch));
  return {};
}

Task<Result<TableDescription>> Tables::update(UpdateTable request) {
  const Result<void> changed = change_now(request);
  if (!changed) co_return changed.error();
  if (request.create_index) {
    const OpenTablePtr table = find(request.table);
    std::string from = table ? table->prefix : std::string();
    while (!from.empty()) {
      from = backfill(request.table, request.create_index->name, from);
      co_await sleep_for(std::chrono::milliseconds(0));
    }
    finish_index(request.table, request.create_index->name);
  }
  co_await store_.durable();
  co_return describe(request.table);
}

// An item's writer makes the index row too, from the moment the definition has the index; whoever comes later to the
// item sees its newest version, under its lock.
std::string Tables::backfill(const std::string& table, const std::string& index, const std::string& from) {
  const OpenTablePtr seen = find(table);
  if (!seen) return {};
  const std::vector<Row> rows =
      store_.scan(Family::items, from, end_of_prefix(seen->prefix), limits::backfill_turn_rows);
  for (const Row& row : rows) {
    const SharedLock lock(tables_mutex_);
    const OpenTablePtr now = find_held(table);
    const IndexDefinition* definition = now ? now->definition.index(index) : nullptr;
    if (!definition || now->definition.number != seen->definition.number) return {};
    const auto held = locks_.lock(row.key);
    const std::optional<std::string> newest = store_.get(Family::items, row.key);
    if (!newest) continue;
    const Item item = decode_item(*newest);
    Batch batch;
    update_index_row(batch, now->definition, *definition, nullptr, &item);
    if (!batch.empty()) store_.write(std::move(batch));
  }
  return rows.size() < limits::backfill_turn_rows ? std::string() : rows.back().key + '\0';
}

void Tables::finish_index(const std::string& table, const std::string& index) {
  const std::unique_lock lock(tables_mutex_);
  const OpenTablePtr now = find_held(table);
  if (!now) return;
  TableDefinition next = now->definition;
  for (IndexDefinition& definition : next.indexes) {
    if (definition.name == index) definition.backfilling = false;
  }
  store_definition(std::move(next), now->statistics);
}

Task<Result<void>> Tables::set_tags(std::string table, Tags tags) {
  {
    const std::unique_lock lock(tables_mutex_);
    const OpenTablePtr now = find_held(table);
    if (!now) co_return table_not_found(table);
    TableDefinition next = now->definition;
    next.tags = std::move(tags);
    store_definition(std::move(next), now->statistics);
  }
  co_await store_.durable();
  co_return Result<void>();
}

Task<Page> Tables::read(PageReader reader) const {
  while (reader.read(store_, limits::page_rows_max)) co_await sleep_for(std::chrono::milliseconds(0));
  co_return reader.take();
}

Task<Result<Page>> Tables::query(Query request) {
  OpenTablePtr table = find(request.reading.table);
  if (!table) co_return resource_not_found();
  Result<PageReader> reader = PageReader::of(std::move(table), std::move(request));
  if (!reader) co_return reader.error();
  Page page = co_await read(*std::move(reader));
  co_return page;
}

Task<Result<Page>> Tables::scan(Scan request) {
  OpenTablePtr table = find(request.reading.table);
  if (!table) co_return resource_not_found();
  Result<PageReader> reader = PageReader::of(std::move(table), std::move(request));
  if (!reader) co_return reader.error();
  Page page = co_await read(*std::move(reader));
  co_return page;
}

}  // namespace croft::dynamo
