#include "dynamo/tables.h"

#include <algorithm>
#include <chrono>

#include "dynamo/attribute_encoding.h"
#include "dynamo/errors.h"
#include "dynamo/index_rows.h"
#include "dynamo/limits.h"
#include "shard/shard.h"
#include "text/digest.h"
#include "types/assert.h"

namespace croft::dynamo {

Tables::Tables(Store& store, const Instance& instance) : store_(store), instance_(instance) {
  store_.visit(Family::tables, {}, {}, false, [this](std::string_view key, std::string_view row) {
    if (key.find('/') != std::string_view::npos) {  // a backup or the like; some have items
      const Result<json::value> document = json::parse(row);
      const bool has_members = document && document->is_object();
      const std::int64_t number = has_members ? json::int_or(document->get_object(), "number", 0) : 0;
      next_number_ = std::max(next_number_, static_cast<std::uint32_t>(number) + 1);
      return true;
    }
    TableDefinition definition = table_from_json(json::parse(row).value().as_object());
    next_number_ = std::max(next_number_, definition.number + 1);
    put_held(std::move(definition), std::make_shared<TableStatistics>());
    return true;
  });
  next_number_ = std::max(next_number_, streams_.last_table_number() + 1);
}

OpenTablePtr Tables::find_held(std::string_view name) const {
  const auto found = tables_.find(name);
  return found == tables_.end() || found->second->definition.being_made ? nullptr : found->second;
}

Error Tables::refusal_held(std::string_view name) const {
  if (!tables_.contains(name)) return table_not_found(name);
  return in_use("Table is being created: " + std::string(name));
}

OpenTablePtr Tables::find(std::string_view name) const {
  const SharedLock lock(tables_mutex_);
  return find_held(name);
}

Result<TableDescription> Tables::describe(std::string_view table) const {
  OpenTablePtr found;
  {
    const SharedLock lock(tables_mutex_);
    const auto at = tables_.find(table);
    if (at == tables_.end()) return table_not_found(table);
    found = at->second;
  }
  const bool is_made = !found->definition.being_made;
  TableDescription described{found->definition, instance_.arn("dynamodb", "table/" + found->definition.name),
                             is_made ? "ACTIVE" : "CREATING"};
  if (is_made) count(found, described);
  return described;
}

// What one turn cannot count is counted on in the background, when there is a shard for it.
void Tables::count(const OpenTablePtr& table, TableDescription& description) const {
  Shard* const shard = upkeep_shard();
  bool is_done = count_turn(*table);
  while (!is_done && !shard) is_done = count_turn(*table);
  if (!is_done && table->statistics->begin_task()) shard->spawn(count_on(table));
  description.numbers = table->statistics->numbers();
  for (const auto& statistics : table->index_statistics) description.index_numbers.push_back(statistics->numbers());
}

Shard* Tables::upkeep_shard() const {
  const SharedLock lock(tables_mutex_);
  return upkeep_shard_;
}

bool Tables::count_rows(TableStatistics& statistics, Family family, const std::string& prefix) const {
  if (!statistics.has_begun()) {
    const std::unique_lock lock(tables_mutex_);  // nobody is writing
    statistics.begin(store_, prefix);
  }
  return statistics.count(family);
}

bool Tables::count_turn(const OpenTable& table) const {
  bool is_done = count_rows(*table.statistics, Family::items, table.prefix);
  for (std::size_t i = 0; i < table.index_statistics.size(); ++i) {
    const std::string prefix = index_prefix(table.definition.number, table.definition.indexes[i].number);
    is_done = count_rows(*table.index_statistics[i], Family::indexes, prefix) && is_done;
  }
  return is_done;
}

Task<void> Tables::count_on(OpenTablePtr table) const {
  while (!count_turn(*table)) co_await give_way();
  table->statistics->end_task();
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
  if (definition.needs_upkeep()) begin_upkeep_held();
  put_held(std::move(definition), std::move(statistics));
}

// Indexes that the table had before go on being counted; one that was being filled is counted anew, because while it was,
// nobody could tell which rows it had.
void Tables::put_held(TableDefinition definition, std::shared_ptr<TableStatistics> statistics) {
  OpenTablePtr& place = tables_[definition.name];
  OpenTable table{std::move(definition), {}, std::move(statistics)};
  table.prefix = table_prefix(table.definition.number);
  const bool is_same = place && place->definition.number == table.definition.number;
  for (const IndexDefinition& index : table.definition.indexes) {
    auto known = is_same ? place->statistics_of(index) : nullptr;  // nothing when it was `backfilling` and is not now
    table.index_statistics.push_back(known ? std::move(known) : std::make_shared<TableStatistics>());
  }
  place = std::make_shared<const OpenTable>(std::move(table));
}

Result<void> Tables::create_now(TableDefinition wanted) {
  const std::unique_lock lock(tables_mutex_);
  return create_held(std::move(wanted), {});
}

Result<void> Tables::create_held(TableDefinition wanted, Batch rows) {
  if (tables_.contains(wanted.name)) return table_exists(wanted.name);
  if (tables_.size() >= limits::tables_max) {
    return Error{"LimitExceededException",
                 "Too many tables: an account may have " + std::to_string(limits::tables_max) + " in a region"};
  }
  wanted.number = next_number_++;
  std::uint16_t next_index = 1;
  for (IndexDefinition& index : wanted.indexes) index.number = next_index++;
  wanted.last_index = static_cast<std::uint16_t>(next_index - 1);
  wanted.id = text::random_uuid();
  wanted.created = Timestamp::now();
  wanted.was_on_demand = wanted.on_demand;
  if (wanted.on_demand) wanted.on_demand_since = wanted.created;
  if (wanted.stream) wanted.stream_label = streams_.begin(rows, wanted, *wanted.stream);
  store_definition(std::move(wanted), std::make_shared<TableStatistics>(), std::move(rows));
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
  if (!last || !table) return refusal_held(name);
  if (table->definition.deletion_protection) {
    return validation_error(
        "Resource cannot be deleted as it is currently protected against deletion. Disable deletion "
        "protection first.");
  }
  if (std::any_of(table->definition.indexes.begin(), table->definition.indexes.end(),
                  [](const IndexDefinition& index) { return index.backfilling; })) {
    return in_use("Cannot delete table while indexes are being created, updated, or deleted.");
  }
  Batch batch;
  batch.erase(Family::tables, name);
  const bool is_kept = keep_ && keep_(*last, batch);
  if (!is_kept) batch.erase_range(Family::items, table->prefix, end_of_prefix(table->prefix));
  batch.erase_range(Family::indexes, table->prefix, end_of_prefix(table->prefix));
  leave_changes(table->definition, batch);
  store_.write(std::move(batch));
  tables_.erase(name);
  if (throughput_) throughput_->forget(table->definition);
  last->status = "DELETING";
  return last;
}

Task<Result<TableDescription>> Tables::remove(std::string table) {
  Result<TableDescription> removed = remove_now(table);
  if (removed) co_await store_.durable();
  co_return removed;
}

Task<Result<void>> Tables::edit(std::string table, Edit edit) {
  {
    const std::unique_lock lock(tables_mutex_);
    const OpenTablePtr now = find_held(table);
    if (!now) co_return refusal_held(table);
    TableDefinition next = now->definition;
    const Result<void> edited = edit(next);
    if (!edited) co_return edited;
    store_definition(std::move(next), now->statistics);
  }
  co_await store_.durable();
  co_return Result<void>();
}

Task<Result<void>> Tables::set_tags(std::string table, Tags tags) {
  return edit(std::move(table), [tags = std::move(tags)](TableDefinition& definition) -> Result<void> {
    definition.tags = tags;
    return {};
  });
}

// Every write from the next millisecond on is in the change log: no item is being written now.
Task<Result<void>> Tables::set_recovery(std::string table, std::optional<std::int64_t> days) {
  {
    const std::unique_lock lock(tables_mutex_);
    const OpenTablePtr now = find_held(table);
    if (!now) co_return refusal_held(table);
    TableDefinition next = now->definition;
    const Timestamp since = next.recovery ? next.recovery->since : Timestamp{Timestamp::now().ms + 1};
    next.recovery = days ? std::optional(Recovery{since, *days}) : std::nullopt;
    store_definition(std::move(next), now->statistics);
  }
  co_await store_.durable();
  co_return Result<void>();
}

Tables::Frozen Tables::freeze(std::string_view name) const {
  const SharedLock lock(tables_mutex_);
  return {find_held(name), store_.snapshot()};
}

std::uint32_t Tables::allot_number() {
  const std::unique_lock lock(tables_mutex_);
  return next_number_++;
}

Result<OpenTablePtr> Tables::begin_making(TableDefinition wanted, Batch rows) {
  const std::unique_lock lock(tables_mutex_);
  const std::string name = wanted.name;
  wanted.being_made = true;
  const Result<void> created = create_held(std::move(wanted), std::move(rows));
  if (!created) return created.error();
  return tables_.find(name)->second;
}

void Tables::finish_making(const std::string& name, TableStatistics::Numbers numbers, Batch rows) {
  const std::unique_lock lock(tables_mutex_);
  const auto found = tables_.find(name);
  CROFT_ASSERT(found != tables_.end() && found->second->definition.being_made);
  TableDefinition next = found->second->definition;
  next.being_made = false;
  auto statistics = std::make_shared<TableStatistics>();
  statistics->set(numbers);
  tables_.erase(found);  // its indexes were filled by somebody else: they are counted anew
  store_definition(std::move(next), std::move(statistics), std::move(rows));
}

void Tables::give_up_making(const std::string& name, Batch rows) {
  const std::unique_lock lock(tables_mutex_);
  const auto found = tables_.find(name);
  CROFT_ASSERT(found != tables_.end() && found->second->definition.being_made);
  const std::string& prefix = found->second->prefix;
  rows.erase(Family::tables, name);
  for (const Family family : {Family::items, Family::indexes}) rows.erase_range(family, prefix, end_of_prefix(prefix));
  store_.write(std::move(rows));
  tables_.erase(found);
}

Task<Page> Tables::read(PageReader reader) const {
  while (reader.read(store_, limits::page_rows_max, limits::page_turn)) co_await sleep_for(std::chrono::milliseconds(0));
  co_return reader.take();
}

Task<Result<Page>> Tables::query(Query request) {
  OpenTablePtr table = find(request.reading.table);
  if (!table) co_return resource_not_found();
  const std::string index = request.reading.index;
  Result<PageReader> reader = PageReader::of(table, std::move(request));
  if (!reader) co_return reader.error();
  const Result<void> admitted = admit(*table, Units::read, index);
  if (!admitted) co_return admitted.error();
  Page page = co_await read(*std::move(reader));
  charge(*table, Units::read, page.capacity);
  co_return page;
}

Task<Result<Page>> Tables::scan(Scan request) {
  OpenTablePtr table = find(request.reading.table);
  if (!table) co_return resource_not_found();
  const std::string index = request.reading.index;
  Result<PageReader> reader = PageReader::of(table, std::move(request));
  if (!reader) co_return reader.error();
  const Result<void> admitted = admit(*table, Units::read, index);
  if (!admitted) co_return admitted.error();
  Page page = co_await read(*std::move(reader));
  charge(*table, Units::read, page.capacity);
  co_return page;
}

}  // namespace croft::dynamo
