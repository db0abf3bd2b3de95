#include "dynamo/exports.h"

#include "dynamo/backups.h"
#include "dynamo/errors.h"
#include "dynamo/limits.h"
#include "dynamo/transfer_rows.h"
#include "observe/log.h"
#include "text/digest.h"
#include "text/encoding.h"
#include "text/time.h"

namespace croft::dynamo {

namespace {

constexpr std::string_view kind = "export";
constexpr std::int64_t window_max_ms = 24 * 3'600'000;  // Source: Developer Guide, "Requesting a table export"

json::object to_json(const Export& one) {
  json::object out{{"id", one.id},
                   {"status", one.status},
                   {"table", one.table},
                   {"table_id", one.table_id},
                   {"bucket", one.target.bucket},
                   {"bucket_owner", one.target.bucket_owner},
                   {"prefix", one.target.prefix},
                   {"sse_algorithm", one.target.sse_algorithm},
                   {"sse_key", one.target.sse_key},
                   {"token", one.token},
                   {"has_time", one.has_time},
                   {"at", one.at.ms},
                   {"started", one.started.ms},
                   {"manifest", one.manifest},
                   {"items", one.items},
                   {"bytes", one.bytes},
                   {"failure_code", one.failure_code},
                   {"failure_message", one.failure_message},
                   {"number", one.number}};
  if (one.ended) out["ended"] = one.ended->ms;
  if (one.changes) {
    out["changes"] = json::object{
        {"from", one.changes->from.ms}, {"to", one.changes->to.ms}, {"old_images", one.changes->with_old_images}};
  }
  return out;
}

// AWSDynamoDB/ below the prefix.
std::string base_of(const Export& one) {
  return (one.target.prefix.empty() ? "" : one.target.prefix + '/') + "AWSDynamoDB/";
}

json::value or_null(const std::string& text) { return text.empty() ? json::value() : json::value(text); }

// manifest-files.json: a line for each file.
std::string file_lines(const std::vector<ExportFiles::File>& files) {
  std::string out;
  for (const ExportFiles::File& file : files) {
    out += json::dump(json::object{{"itemCount", file.items},
                                   {"md5Checksum", file.md5},
                                   {"etag", file.etag},
                                   {"dataFileS3Key", file.key}}) +
           "\n";
  }
  return out;
}

std::string summary(const Export& one, const ExportFiles& files) {
  json::object out{{"version", one.changes ? "2023-08-01" : "2020-06-30"},
                   {"exportArn", one.arn},
                   {"startTime", text::iso8601(one.started)},
                   {"endTime", text::iso8601(Timestamp::now())},
                   {"tableArn", one.table_arn},
                   {"tableId", one.table_id}};
  if (one.changes) {
    out["exportFromTime"] = text::iso8601(one.changes->from);
    out["exportToTime"] = text::iso8601(one.changes->to);
  } else {
    out["exportTime"] = text::iso8601(one.at);
  }
  out["s3Bucket"] = one.target.bucket;
  out["s3Prefix"] = or_null(one.target.prefix);
  out["s3SseAlgorithm"] = one.target.sse_algorithm.empty() ? "AES256" : one.target.sse_algorithm;
  out["s3SseKmsKeyId"] = or_null(one.target.sse_key);
  out["manifestFilesS3Key"] = base_of(one) + one.id + "/manifest-files.json";
  out["billedSizeBytes"] = files.bytes();
  out["itemCount"] = files.items();
  out["outputFormat"] = "DYNAMODB_JSON";
  if (one.changes) {
    out["outputView"] = one.changes->with_old_images ? "NEW_AND_OLD_IMAGES" : "NEW_IMAGE";
    out["exportType"] = "INCREMENTAL_EXPORT";
  }
  return json::dump(out);
}

// The manifests, each with its digest beside it.
Result<void> put_manifests(ObjectStore& objects, const Export& one, const ExportFiles& files) {
  const std::string base = base_of(one) + one.id + "/manifest-";
  const std::pair<const char*, std::string> documents[] = {{"files", file_lines(files.files())},
                                                           {"summary", summary(one, files)}};
  for (const auto& [name, text] : documents) {
    const std::string digest = text::base64(text::md5(text));
    const std::pair<const char*, const std::string*> parts[] = {{".md5", &digest}, {".json", &text}};
    for (const auto& [ending, body] : parts) {
      const Result<std::string> stored = objects.put(one.target.bucket, base + name + ending, *body);
      if (!stored) return stored.error();
    }
  }
  return {};
}

Error invalid_time(std::string message) { return {"InvalidExportTimeException", std::move(message)}; }

}  // namespace

Exports::Exports(Tables& tables, Store& store, Shard& shard, Pool& pool, PointInTime& past, ObjectStore& objects,
                 const Instance& instance)
    : tables_(tables), store_(store), shard_(shard), pool_(pool), past_(past), objects_(objects), instance_(instance) {}

Export Exports::read(std::string_view row) const {
  const json::value document = json::parse(row).value();
  const json::object& o = document.as_object();
  const auto text = [&](std::string_view name) { return std::string(json::string_or(o, name, "")); };
  Export one;
  one.id = text("id");
  one.status = text("status");
  one.table = text("table");
  one.table_id = text("table_id");
  one.target = {text("bucket"), text("bucket_owner"), text("prefix"), text("sse_algorithm"), text("sse_key")};
  if (const json::value* changes = json::find(o, "changes")) {
    const json::object& c = changes->as_object();
    one.changes = IncrementalExport{
        {json::int_or(c, "from", 0)}, {json::int_or(c, "to", 0)}, json::bool_or(c, "old_images", true)};
  }
  one.token = text("token");
  one.has_time = json::bool_or(o, "has_time", false);
  one.at = {json::int_or(o, "at", 0)};
  one.started = {json::int_or(o, "started", 0)};
  if (o.contains("ended")) one.ended = Timestamp{json::int_or(o, "ended", 0)};
  one.manifest = text("manifest");
  one.items = json::int_or(o, "items", 0);
  one.bytes = json::int_or(o, "bytes", 0);
  one.failure_code = text("failure_code");
  one.failure_message = text("failure_message");
  one.number = static_cast<std::uint32_t>(json::int_or(o, "number", 0));
  one.table_arn = instance_.arn("dynamodb", "table/" + one.table);
  one.arn = one.table_arn + "/export/" + one.id;
  return one;
}

void Exports::save(const Export& one, Batch batch) {
  batch.put(Family::tables, transfer_key(kind, one.table, one.id), json::dump(to_json(one)));
  store_.write(std::move(batch));
}

Result<void> Exports::check_times(const ExportRequest& request, Timestamp now) const {
  const auto window = past_.describe(request.table);
  if (!window) return window.error();
  if (!*window) {
    return Error{"PointInTimeRecoveryUnavailableException",
                 "Point in time recovery is not enabled for table '" + request.table + "'"};
  }
  // The second that has begun can be asked for, but no change of the future.
  const auto has = [&](Timestamp time) { return (*window)->has(time); };
  if (request.at && !has(*request.at)) {
    return invalid_time("The specified ExportTime is outside of the point in time recovery window");
  }
  if (!request.changes) return {};
  const auto& [from, to, old_images] = *request.changes;
  if (from >= to) return validation_error("ExportFromTime must be before ExportToTime");
  if (to.ms - from.ms > window_max_ms) {
    return validation_error("The time between ExportFromTime and ExportToTime must not be more than 24 hours");
  }
  if (has(from) && (has(to) || to <= now)) return {};
  return invalid_time("The specified export period is outside of the point in time recovery window");
}

Result<std::optional<Export>> Exports::known(const ExportRequest& request, Timestamp now) const {
  if (request.token.empty()) return std::optional<Export>();
  for (Export& one : list({}, {}, SIZE_MAX)) {
    if (one.token != request.token || one.started.ms + limits::token_life_ms <= now.ms) continue;
    const bool same_time = one.has_time == request.at.has_value() && (!request.at || *request.at == one.at);
    if (one.table == request.table && one.target == request.target && one.changes == request.changes && same_time) {
      return std::optional(std::move(one));
    }
    return Error{"ExportConflictException", "An export with the same client token and other parameters was requested"};
  }
  return std::optional<Export>();
}

Task<Result<Export>> Exports::begin(ExportRequest request) {
  const Timestamp now = Timestamp::now();
  Result<std::optional<Export>> earlier = known(request, now);
  if (!earlier) co_return earlier.error();
  if (*earlier) co_return **earlier;
  const Result<void> checked = check_times(request, now);
  if (!checked) co_return checked.error();
  if (running_ >= limits::exports_max) {
    co_return Error{"LimitExceededException",
                    "Too many exports: " + std::to_string(limits::exports_max) + " may run at the same time"};
  }
  const Result<TableDescription> table = tables_.describe(request.table);
  if (!table) co_return Error{"TableNotFoundException", "Table not found: " + request.table};
  Export one;
  one.id = dated_id(now);
  one.table = request.table;
  one.table_id = table->definition.id;
  one.target = std::move(request.target);
  one.changes = request.changes;
  one.token = std::move(request.token);
  one.has_time = request.at.has_value();
  one.at = request.at.value_or(past_.newest());
  one.started = now;
  one.number = tables_.allot_number();
  one.table_arn = table->arn;
  one.arn = one.table_arn + "/export/" + one.id;
  save(one);
  ++running_;
  shard_.spawn(run(one));
  co_await store_.durable();
  co_return one;
}

Task<void> Exports::run(Export one) {
  const std::string base = base_of(one), data = one.changes ? base + "data/" : base + one.id + "/data/";
  ExportFiles files(objects_, one.target.bucket, data, one.id);
  Result<void> outcome = co_await write(one, files);
  if (outcome) {
    outcome = co_await pool_.run([this, &one, &files] { return put_manifests(objects_, one, files); });
  }
  if (outcome) {
    one.manifest = base + one.id + "/manifest-summary.json";
    one.items = files.items();
    one.bytes = files.bytes();
  }
  close(std::move(one), outcome);
}

Task<Result<void>> Exports::write(Export& one, ExportFiles& files) {
  const Result<std::string> started = co_await pool_.run(
      [this, &one] { return objects_.put(one.target.bucket, base_of(one) + one.id + "/_started", std::string()); });
  if (!started) co_return started.error();
  const Timestamp until = one.changes ? Timestamp{one.changes->to.ms - 1} : one.at;
  const Tables::Frozen frozen = co_await past_.freeze_at(one.table, until);
  if (!frozen.table || frozen.table->definition.id != one.table_id) {
    co_return Error{"TableNotFound", "The table was deleted"};
  }
  Result<void> written;
  if (one.changes) written = co_await write_changes(one, frozen, files);
  else written = co_await write_items(one, frozen, files);
  if (written) written = co_await pool_.run([&files] { return files.finish(); });
  co_return written;
}

Task<Result<void>> Exports::write_items(Export& one, const Tables::Frozen& frozen, ExportFiles& files) {
  const std::uint32_t table = frozen.table->definition.number;
  UndoChanges undo(store_, frozen.rows, table, one.number, one.at);
  const bool is_newest = undo.has_nothing_to_do();
  std::shared_ptr<const StoreView> rows = frozen.rows;
  bool more = !is_newest;
  CopyItems copy(store_, frozen.rows, table, one.number);
  while (more) more = co_await pool_.run([&copy] { return copy.turn(); });
  more = !is_newest;
  while (more) more = co_await pool_.run([&undo] { return undo.turn(); });
  if (!is_newest) rows = store_.snapshot();
  ExportItems items(rows, is_newest ? table : one.number, files);
  Result<bool> next = true;
  while (next && *next) next = co_await pool_.run([&items] { return items.turn(); });
  if (!next) co_return next.error();
  co_return Result<void>();
}

Task<Result<void>> Exports::write_changes(Export& one, const Tables::Frozen& frozen, ExportFiles& files) {
  const TableDefinition& table = frozen.table->definition;
  CompactChanges compact(store_, frozen.rows, table.number, one.number, one.changes->from, one.changes->to);
  bool more = true;
  while (more) more = co_await pool_.run([&compact] { return compact.turn(); });
  ExportChanges changes(store_, one.number, table.keys, one.changes->with_old_images, files);
  Result<bool> next = true;
  while (next && *next) next = co_await pool_.run([&changes] { return changes.turn(); });
  if (!next) co_return next.error();
  co_return Result<void>();
}

// Failures are called what AWS calls them.
void Exports::close(Export one, const Result<void>& outcome) {
  one.ended = Timestamp::now();
  one.status = outcome ? "COMPLETED" : "FAILED";
  if (!outcome) {
    const std::string& code = outcome.error().code;
    one.failure_code = code == "NoSuchBucket" ? "S3NoSuchBucket" : code;
    one.failure_message = outcome.error().message;
    log::warn("tables", "the export " + one.arn + " failed: " + one.failure_message);
  }
  Batch batch;
  const std::string prefix = table_prefix(one.number);
  batch.erase_range(Family::items, prefix, end_of_prefix(prefix));
  save(one, std::move(batch));
  --running_;
}

Result<Export> Exports::describe(std::string_view arn) const {
  const Error not_found{"ExportNotFoundException", "Export not found: " + std::string(arn)};
  const std::optional<std::string> row = transfer_row(store_, kind, arn);
  if (!row) return not_found;
  Export one = read(*row);
  if (one.arn != arn) return not_found;
  return one;
}

std::vector<Export> Exports::list(std::string_view table, std::string_view after, std::size_t limit) const {
  std::vector<Export> found;
  visit_transfers(store_, kind, table, after, [&](std::string_view row) {
    found.push_back(read(row));
    return found.size() < limit;
  });
  return found;
}

void Exports::start() {
  for (Export& one : list({}, {}, SIZE_MAX)) {
    if (one.status != "IN_PROGRESS") continue;
    Batch batch;
    const std::string prefix = table_prefix(one.number);
    batch.erase_range(Family::items, prefix, end_of_prefix(prefix));
    save(one, std::move(batch));
    ++running_;
    shard_.spawn(run(std::move(one)));
  }
}

}  // namespace croft::dynamo
