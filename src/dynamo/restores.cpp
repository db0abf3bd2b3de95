#include "dynamo/restores.h"

#include <algorithm>

#include "dynamo/errors.h"
#include "dynamo/limits.h"
#include "observe/log.h"

namespace croft::dynamo {

namespace {

constexpr std::string_view jobs = "restore/";

std::string job_key(std::string_view table) { return std::string(jobs) + std::string(table); }

json::object job_row(const Past& past) {
  json::object out{{"source", past.number}};
  if (past.until) out["until"] = past.until->ms;
  return out;
}

// Whether the items of `past` can still be had after a restart.
bool is_there(const StoreView& rows, const Past& past) {
  bool found = false;
  rows.visit(Family::tables, {}, {}, false, [&](std::string_view key, std::string_view row) {
    const Result<json::value> document = json::parse(row);
    const bool is_table = key.find('/') == std::string_view::npos;
    if ((!is_table && !key.starts_with("backup/")) || !document || !document->is_object()) return true;
    if (json::int_or(document->get_object(), "number", 0) != past.number) return true;
    if (past.until && !is_table) return true;  // the log went with the table
    const auto recovery = is_table ? table_from_json(document->get_object()).recovery : std::nullopt;
    found = !past.until || (recovery && recovery->earliest(Timestamp::now()) <= *past.until);
    return !found;
  });
  return found;
}

// The indexes of one kind: all of the source's, or those named, each as it is there but for its capacity.
Result<void> choose_indexes(const TableDefinition& source, bool global,
                            const std::optional<std::vector<IndexDefinition>>& wanted, TableDefinition& out) {
  if (!wanted) {
    for (const IndexDefinition& index : source.indexes)
      if (index.global == global) out.indexes.push_back(index);
    return {};
  }
  for (const IndexDefinition& asked : *wanted) {
    const IndexDefinition* known = source.index(asked.name);
    if (!known || known->global != global || !(known->keys == asked.keys)) {
      return validation_error("One or more parameter values were invalid: " + std::string(global ? "Global" : "Local") +
                              " secondary index " + asked.name + " does not match an index of the source table");
    }
    IndexDefinition index = *known;
    index.throughput = asked.throughput;
    out.indexes.push_back(std::move(index));
  }
  return {};
}

void drop_unused_attributes(TableDefinition& table) {
  std::erase_if(table.attributes, [&](const KeyAttribute& attribute) {
    const auto uses = [&](const IndexDefinition& index) { return index.keys.has(attribute.name); };
    return !table.keys.has(attribute.name) && std::none_of(table.indexes.begin(), table.indexes.end(), uses);
  });
}

}  // namespace

Result<TableDefinition> restored_definition(const TableDefinition& source, const NewTable& wanted) {
  TableDefinition out;
  out.name = wanted.name;
  out.keys = source.keys;
  out.attributes = source.attributes;
  out.table_class = source.table_class;
  out.encryption_key = wanted.encryption_key.value_or(source.encryption_key);
  out.on_demand = wanted.on_demand.value_or(source.on_demand);
  if (out.on_demand && wanted.throughput) {
    return invalid_parameter(
        "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST");
  }
  if (!out.on_demand && wanted.on_demand_max) {
    return invalid_parameter("OnDemandThroughput can only be specified when BillingMode is PAY_PER_REQUEST");
  }
  if (out.on_demand) out.notes.on_demand_max = wanted.on_demand_max.value_or(source.notes.on_demand_max);
  if (!out.on_demand) out.throughput = wanted.throughput.value_or(source.throughput);
  if (!out.on_demand && out.throughput.read == 0) {
    return invalid_parameter(
        "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED");
  }
  Result<void> chosen = choose_indexes(source, true, wanted.global_indexes, out);
  if (chosen) chosen = choose_indexes(source, false, wanted.local_indexes, out);
  if (!chosen) return chosen.error();
  for (IndexDefinition& index : out.indexes) {
    index.backfilling = false;
    const Throughput most = out.on_demand ? index.notes.on_demand_max : ThroughputNotes().on_demand_max;
    index.notes = ThroughputNotes();
    index.notes.on_demand_max = most;
    const bool has_none_of_its_own = index.throughput.read == 0 || !wanted.global_indexes;
    if (out.on_demand && has_none_of_its_own) index.throughput = {};
    if (!out.on_demand && index.global && index.throughput.read == 0) index.throughput = out.throughput;
  }
  drop_unused_attributes(out);
  const Result<void> checked = check(out);
  if (!checked) return checked.error();
  return out;
}

Restores::Restores(Tables& tables, Store& store, Shard& shard, Pool& pool)
    : tables_(tables), store_(store), shard_(shard), pool_(pool) {}

bool Restores::is_reading(std::uint32_t number) const {
  const std::lock_guard lock(mutex_);
  return std::any_of(running_.begin(), running_.end(), [&](const auto& one) { return one.second == number; });
}

Result<void> Restores::check_name(const std::string& name) const {
  const Result<TableDescription> known = tables_.describe(name);
  if (known && known->status == "CREATING") {
    return Error{"TableInUseException", "Table is being created: " + name};
  }
  if (known) return Error{"TableAlreadyExistsException", "Table already exists: " + name};
  const std::lock_guard lock(mutex_);
  if (running_.size() < limits::restores_max) return {};
  return Error{"LimitExceededException",
               "Too many restores: " + std::to_string(limits::restores_max) + " may run at the same time"};
}

Task<Result<TableDescription>> Restores::begin(TableDefinition wanted, Past past, std::shared_ptr<const StoreView> rows) {
  const Result<void> checked = check_name(wanted.name);
  if (!checked) co_return checked.error();
  const std::string name = wanted.name;
  Batch batch;
  batch.put(Family::tables, job_key(name), json::dump(job_row(past)));
  const Result<OpenTablePtr> begun = tables_.begin_making(std::move(wanted), std::move(batch));
  if (!begun) co_return begun.error();
  {
    const std::lock_guard lock(mutex_);
    running_[name] = past.number;
  }
  shard_.spawn(run({(*begun)->definition, past, std::move(rows)}));
  Result<TableDescription> made = tables_.describe(name);
  if (made) made->status = "CREATING";  // whatever it is by now
  co_await store_.durable();
  co_return made;
}

// A turn runs on the pool and touches the step and the store alone: the frame of run() outlives the pool's threads.
template <class Step>
Task<void> Restores::finish(Step& step) {
  bool more = true;
  while (more) more = co_await pool_.run([&step] { return step.turn(); });
}

Task<void> Restores::run(Job job) {
  {
    CopyItems copy(store_, job.rows, job.past.number, job.table.number);
    co_await finish(copy);
  }
  if (job.past.until) {
    UndoChanges undo(store_, job.rows, job.past.number, job.table.number, *job.past.until);
    co_await finish(undo);
  }
  job.rows.reset();
  FillIndexes fill(store_, job.table);
  co_await finish(fill);
  Batch batch;
  batch.erase(Family::tables, job_key(job.table.name));
  tables_.finish_making(job.table.name, fill.numbers(), std::move(batch));
  const std::lock_guard lock(mutex_);
  running_.erase(job.table.name);
}

void Restores::resume(const std::string& name, const json::object& row) {
  Past past{static_cast<std::uint32_t>(json::int_or(row, "source", 0))};
  if (row.contains("until")) past.until = Timestamp{json::int_or(row, "until", 0)};
  Batch batch;
  const Result<TableDescription> table = tables_.describe(name);
  if (!table || table->status != "CREATING") {
    batch.erase(Family::tables, job_key(name));
    return store_.write(std::move(batch));
  }
  if (!is_there(store_, past)) {
    log::warn("tables", "the restore of table " + name + " was interrupted and what it was made from is gone: it is removed");
    batch.erase(Family::tables, job_key(name));
    return tables_.give_up_making(name, std::move(batch));
  }
  const std::string prefix = table_prefix(table->definition.number);
  for (const Family family : {Family::items, Family::indexes}) batch.erase_range(family, prefix, end_of_prefix(prefix));
  store_.write(std::move(batch));
  {
    const std::lock_guard lock(mutex_);
    running_[name] = past.number;
  }
  shard_.spawn(run({table->definition, past, store_.snapshot()}));
}

void Restores::start() {
  for (const Row& row : store_.scan(Family::tables, jobs, end_of_prefix(std::string(jobs)), SIZE_MAX)) {
    const Result<json::value> document = json::parse(row.value);
    if (document && document->is_object()) resume(row.key.substr(jobs.size()), document->get_object());
  }
}

}  // namespace croft::dynamo
