#include "dynamo/backups.h"

#include "dynamo/limits.h"
#include "observe/log.h"
#include "text/digest.h"
#include "text/encoding.h"

namespace croft::dynamo {

namespace {

constexpr std::string_view folder = "backup/";

std::string row_key(std::string_view table, std::string_view id) {
  return std::string(folder) + std::string(table) + '/' + std::string(id);
}

// The row that an ARN of a backup names; "" for anything else.
std::string row_of(std::string_view arn) {
  constexpr std::string_view table_mark = ":table/", backup_mark = "/backup/";
  const std::size_t table = arn.find(table_mark), backup = arn.rfind(backup_mark);
  if (table == std::string_view::npos || backup == std::string_view::npos || backup < table + table_mark.size()) return {};
  const std::string_view name = arn.substr(table + table_mark.size(), backup - table - table_mark.size());
  return row_key(name, arn.substr(backup + backup_mark.size()));
}

json::object to_json(const Backup& backup) {
  json::object out{{"id", backup.id},         {"name", backup.name},
                   {"status", backup.status}, {"system", backup.is_system},
                   {"number", backup.number}, {"items", backup.numbers.items},
                   {"bytes", backup.numbers.bytes}, {"created", backup.created.ms},
                   {"table", dynamo::to_json(backup.table)}};
  if (backup.expires) out["expires"] = backup.expires->ms;
  return out;
}

Error not_found(std::string_view arn) {
  return {"BackupNotFoundException", "Backup not found: " + std::string(arn)};
}

bool is_over(const Backup& backup) { return backup.expires && *backup.expires <= Timestamp::now(); }

void erase_rows(Batch& batch, const Backup& backup) {
  const std::string prefix = table_prefix(backup.number);
  batch.erase(Family::tables, row_key(backup.table.name, backup.id));
  batch.erase_range(Family::items, prefix, end_of_prefix(prefix));
}

bool matches(const BackupQuery& query, const Backup& backup) {
  return (query.table.empty() || query.table == backup.table.name) &&
         (!query.is_system || *query.is_system == backup.is_system) && (!query.from || backup.created >= *query.from) &&
         (!query.before || backup.created < *query.before) && !is_over(backup);
}

}  // namespace

std::string dated_id(Timestamp now) {
  std::string ms = std::to_string(now.ms);
  if (ms.size() < 14) ms.insert(0, 14 - ms.size(), '0');
  return ms + '-' + text::hex(text::random_bytes(4));
}

Backups::Backups(Tables& tables, Store& store, Shard& shard, Pool& pool, Restores& restores, const Instance& instance)
    : tables_(tables), store_(store), shard_(shard), pool_(pool), restores_(restores), instance_(instance) {
  tables_.keep_items_with([this](const TableDescription& table, Batch& batch) { return keep(table, batch); });
}

std::string Backups::arn(const Backup& backup) const {
  return instance_.arn("dynamodb", "table/" + backup.table.name + "/backup/" + backup.id);
}

Backup Backups::read(std::string_view row) const {
  const json::value document = json::parse(row).value();
  const json::object& o = document.as_object();
  Backup backup;
  backup.id = json::string_or(o, "id", "");
  backup.name = json::string_or(o, "name", "");
  backup.status = json::string_or(o, "status", "");
  backup.is_system = json::bool_or(o, "system", false);
  backup.number = static_cast<std::uint32_t>(json::int_or(o, "number", 0));
  backup.numbers = {json::int_or(o, "items", 0), json::int_or(o, "bytes", 0)};
  backup.created = {json::int_or(o, "created", 0)};
  if (o.contains("expires")) backup.expires = Timestamp{json::int_or(o, "expires", 0)};
  backup.table = table_from_json(o.at("table").as_object());
  backup.arn = arn(backup);
  backup.table_arn = instance_.arn("dynamodb", "table/" + backup.table.name);
  return backup;
}

Backup Backups::begun(const TableDefinition& table, std::string name, Timestamp now) const {
  Backup backup;
  backup.id = dated_id(now);
  backup.name = std::move(name);
  backup.created = now;
  backup.table = table;
  backup.arn = arn(backup);
  backup.table_arn = instance_.arn("dynamodb", "table/" + table.name);
  return backup;
}

Task<Result<Backup>> Backups::create(std::string table, std::string name) {
  const Result<TableDescription> known = tables_.describe(table);
  if (!known) co_return Error{"TableNotFoundException", "Table not found: " + table};
  const Tables::Frozen frozen = tables_.freeze(table);
  if (!frozen.table) co_return Error{"TableInUseException", "Table is being created: " + table};
  if (being_made_ >= limits::restores_max) {
    co_return Error{"LimitExceededException",
                    "Too many backups: " + std::to_string(limits::restores_max) + " may be made at the same time"};
  }
  Backup backup = begun(frozen.table->definition, std::move(name), Timestamp::now());
  backup.number = tables_.allot_number();
  backup.numbers = known->numbers;
  Batch batch;
  batch.put(Family::tables, row_key(table, backup.id), json::dump(to_json(backup)));
  store_.write(std::move(batch));
  ++being_made_;
  shard_.spawn(fill(backup, frozen.rows, frozen.table->definition.number));
  co_await store_.durable();
  co_return backup;
}

Task<void> Backups::fill(Backup backup, std::shared_ptr<const StoreView> rows, std::uint32_t table) {
  CopyItems copy(store_, std::move(rows), table, backup.number);
  bool more = true;
  while (more) more = co_await pool_.run([&copy] { return copy.turn(); });
  backup.numbers = copy.numbers();
  backup.status = "AVAILABLE";
  Batch batch;
  batch.put(Family::tables, row_key(backup.table.name, backup.id), json::dump(to_json(backup)));
  store_.write(std::move(batch));
  --being_made_;
}

// Called while a table is being removed: its items become those of a backup, as they are.
bool Backups::keep(const TableDescription& table, Batch& batch) {
  if (!table.definition.recovery) return false;
  const Timestamp now = Timestamp::now();
  Backup backup = begun(table.definition, table.definition.name + "$DeletedTableBackup", now);
  backup.status = "AVAILABLE";
  backup.is_system = true;
  backup.number = table.definition.number;
  backup.numbers = table.numbers;
  backup.expires = Timestamp{now.ms + limits::system_backup_days * 86'400'000};
  batch.put(Family::tables, row_key(backup.table.name, backup.id), json::dump(to_json(backup)));
  return true;
}

Result<Backup> Backups::describe(std::string_view arn) const {
  const std::string key = row_of(arn);
  const std::optional<std::string> row = key.empty() ? std::nullopt : store_.get(Family::tables, key);
  if (!row) return not_found(arn);
  Backup backup = read(*row);
  if (backup.arn != arn || is_over(backup)) return not_found(arn);
  return backup;
}

BackupPage Backups::list(const BackupQuery& query) const {
  BackupPage page;
  const std::string after = row_of(query.after_arn);
  const std::string from = after.empty() ? std::string(folder) : after + '\0';
  store_.visit(Family::tables, from, end_of_prefix(std::string(folder)), false,
               [&](std::string_view, std::string_view row) {
                 Backup backup = read(row);
                 if (!matches(query, backup)) return true;
                 page.has_more = page.backups.size() == query.limit;
                 if (!page.has_more) page.backups.push_back(std::move(backup));
                 return !page.has_more;
               });
  return page;
}

Task<Result<Backup>> Backups::erase(std::string arn) {
  Result<Backup> backup = describe(arn);
  if (!backup) co_return backup.error();
  if (backup->status == "CREATING" || restores_.is_reading(backup->number)) {
    co_return Error{"BackupInUseException", "Backup is in use: " + arn};
  }
  Batch batch;
  erase_rows(batch, *backup);
  store_.write(std::move(batch));
  backup->status = "DELETED";
  co_await store_.durable();
  co_return backup;
}

Task<Result<TableDescription>> Backups::restore(std::string arn, NewTable wanted) {
  const Result<Backup> backup = describe(arn);
  if (!backup) co_return backup.error();
  if (backup->status == "CREATING") co_return Error{"BackupInUseException", "Backup is in use: " + arn};
  Result<TableDefinition> table = restored_definition(backup->table, wanted);
  if (!table) co_return table.error();
  table->restored = RestoredFrom{backup->arn, backup->table_arn, backup->created};
  Result<TableDescription> begun = co_await restores_.begin(*std::move(table), Past{backup->number}, store_.snapshot());
  co_return begun;
}

void Backups::start() {
  Batch batch;
  store_.visit(Family::tables, folder, end_of_prefix(std::string(folder)), false,
               [&](std::string_view, std::string_view row) {
                 const Backup backup = read(row);
                 const bool is_half_made = backup.status == "CREATING";
                 if (is_half_made)
                   log::warn("tables", "the backup " + backup.arn + " was interrupted by the end of croft and is removed");
                 if (is_half_made || is_over(backup)) erase_rows(batch, backup);
                 return true;
               });
  if (!batch.empty()) store_.write(std::move(batch));
}

}  // namespace croft::dynamo
