#include "dynamo/imports.h"

#include "dynamo/attribute_encoding.h"
#include "dynamo/backups.h"
#include "dynamo/errors.h"
#include "dynamo/item_rules.h"
#include "dynamo/limits.h"
#include "dynamo/transfer_rows.h"
#include "observe/log.h"
#include "text/encoding.h"
#include "types/assert.h"

namespace croft::dynamo {

namespace {

constexpr std::string_view kind = "import";
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

json::object to_json(const ImportSource& source) {
  json::array header;
  for (const std::string& name : source.header) header.emplace_back(name);
  return {{"bucket", source.bucket},
          {"bucket_owner", source.bucket_owner},
          {"prefix", source.prefix},
          {"csv", source.is_csv},
          {"delimiter", std::string(1, source.delimiter)},
          {"header", std::move(header)},
          {"compression", static_cast<int>(source.compression)}};
}

ImportSource source_from(const json::object& o) {
  ImportSource source;
  source.bucket = json::string_or(o, "bucket", "");
  source.bucket_owner = json::string_or(o, "bucket_owner", "");
  source.prefix = json::string_or(o, "prefix", "");
  source.is_csv = json::bool_or(o, "csv", false);
  source.delimiter = std::string(json::string_or(o, "delimiter", ",")).front();
  for (const json::value& name : o.at("header").as_array()) source.header.emplace_back(name.as_string().c_str());
  source.compression = static_cast<Compression>(json::int_or(o, "compression", 0));
  return source;
}

json::object to_json(const Import& one) {
  json::object out{{"id", one.id},
                   {"status", one.status},
                   {"table", one.table},
                   {"table_id", one.table_id},
                   {"parameters", one.parameters},
                   {"source", to_json(one.source)},
                   {"token", one.token},
                   {"started", one.started.ms},
                   {"processed_bytes", one.counts.processed_bytes},
                   {"processed", one.counts.processed},
                   {"imported", one.counts.imported},
                   {"errors", one.counts.errors},
                   {"failure_code", one.failure_code},
                   {"failure_message", one.failure_message}};
  if (one.ended) out["ended"] = one.ended->ms;
  return out;
}

Batch row_of(const Import& one) {
  Batch batch;
  batch.put(Family::tables, transfer_key(kind, one.table, one.id), json::dump(to_json(one)));
  return batch;
}

}  // namespace

ImportItems::ImportItems(Store& store, ObjectStore& objects, TableDefinition table, ImportSource source, std::string name)
    : store_(store),
      objects_(objects),
      table_(std::move(table)),
      prefix_(table_prefix(table_.number)),
      source_(std::move(source)),
      name_(std::move(name)) {}

ImportItems::~ImportItems() = default;

Result<void> ImportItems::list_more() {
  const std::string after = listed_.empty() ? std::string() : listed_.back().key;
  Result<std::vector<ObjectStore::Listed>> more = objects_.list(source_.bucket, source_.prefix, after);
  if (!more) return more.error();
  has_listed_all_ = more->empty();
  listed_ = std::move(*more);
  next_object_ = 0;
  return {};
}

// False when there are no more objects.
Result<bool> ImportItems::open_next() {
  while (next_object_ == listed_.size()) {
    if (has_listed_all_) return false;
    if (Result<void> listed = list_more(); !listed) return listed.error();
    if (has_listed_all_ && objects_seen_ == 0) {
      return Error{"S3NoSuchKey", "No objects were found in bucket " + source_.bucket + " with prefix '" + source_.prefix + "'"};
    }
  }
  if (++objects_seen_ > limits::import_objects_max) {
    return Error{"ImportLimitExceeded",
                 "An import can have at most " + std::to_string(limits::import_objects_max) + " objects"};
  }
  const ObjectStore::Listed& object = listed_[next_object_++];
  key_ = object.key;
  reader_ = std::make_unique<SourceReader>(objects_, source_.bucket, object, source_.compression);
  text_.clear();
  at_ = record_ = 0;
  header_ = source_.header;
  return true;
}

void ImportItems::fail(const std::string& why) {
  ++counts_.errors;
  log::warn("tables", name_ + ": object " + text::printable(key_) + ", record " + std::to_string(record_) + ": " +
                          text::printable(why));
}

void ImportItems::skip_object() {
  reader_.reset();
  text_.clear();
  at_ = 0;
}

void ImportItems::add(Result<Item> item) {
  ++counts_.processed;
  Result<void> checked;
  if (item) checked = check_put(table_, *item);
  if (!item || !checked) return fail(item ? checked.error().message : item.error().message);
  const std::string row = encode_item(*item, counted_bytes(*item));
  batch_.put(Family::items, dynamo::row_key(prefix_, table_.keys, *item), row);
  ++counts_.imported;
}

// False when the text holds no whole record any more.
bool ImportItems::take_record(bool is_last) {
  if (!source_.is_csv) {
    const auto line = next_line(text_, at_, is_last);
    if (!line) return false;
    ++record_;
    if (!text::trim(*line).empty()) add(item_of_line(*line));
    return true;
  }
  const auto record = next_csv_record(text_, at_, source_.delimiter, is_last);
  if (!record) return false;
  ++record_;
  const bool is_empty = record->size() == 1 && record->front().empty();
  if (header_.empty()) header_ = *record;
  else if (!is_empty) add(item_of_record(table_, header_, *record));
  return true;
}

void ImportItems::take_records(bool is_last) {
  if (record_ == 0 && at_ == 0 && text_.starts_with(byte_order_mark)) at_ = byte_order_mark.size();
  while (take_record(is_last)) {
  }
  text_.erase(0, at_);
  at_ = 0;
  if (!batch_.empty()) store_.write(std::exchange(batch_, Batch()));
}

Result<bool> ImportItems::turn() {
  if (!reader_) {
    const Result<bool> opened = open_next();
    if (!opened || !*opened) return opened;
  }
  const std::size_t had = text_.size();
  const Result<bool> read = reader_->read(text_);
  if (!read && read.error().code != "DamagedSource") return read.error();
  counts_.processed_bytes += static_cast<std::int64_t>(text_.size() - had);
  if (!read) {
    fail(read.error().message);  // AWS skips the rest of an object, too
    skip_object();
    return true;
  }
  take_records(!*read);
  if (*read && text_.size() > limits::import_record_bytes_max) {
    fail("the record is too long; the rest of the object is skipped");
    skip_object();
  }
  if (!*read) skip_object();
  return true;
}

Imports::Imports(Tables& tables, Store& store, Shard& shard, Pool& pool, ObjectStore& objects, const Instance& instance)
    : tables_(tables), store_(store), shard_(shard), pool_(pool), objects_(objects), instance_(instance) {}

Import Imports::read(std::string_view row) const {
  const json::value document = json::parse(row).value();
  const json::object& o = document.as_object();
  const auto text = [&](std::string_view name) { return std::string(json::string_or(o, name, "")); };
  Import one;
  one.id = text("id");
  one.status = text("status");
  one.table = text("table");
  one.table_id = text("table_id");
  one.parameters = o.at("parameters").as_object();
  one.source = source_from(o.at("source").as_object());
  one.token = text("token");
  one.started = {json::int_or(o, "started", 0)};
  if (o.contains("ended")) one.ended = Timestamp{json::int_or(o, "ended", 0)};
  one.counts = {json::int_or(o, "processed_bytes", 0), json::int_or(o, "processed", 0), json::int_or(o, "imported", 0),
                json::int_or(o, "errors", 0)};
  one.failure_code = text("failure_code");
  one.failure_message = text("failure_message");
  one.table_arn = instance_.arn("dynamodb", "table/" + one.table);
  one.arn = one.table_arn + "/import/" + one.id;
  return one;
}

Result<std::optional<Import>> Imports::known(const ImportRequest& request, Timestamp now) const {
  if (request.token.empty()) return std::optional<Import>();
  for (Import& one : list({}, {}, SIZE_MAX)) {
    if (one.token != request.token || one.started.ms + limits::token_life_ms <= now.ms) continue;
    if (one.parameters == request.parameters && one.source == request.source) return std::optional(std::move(one));
    return Error{"ImportConflictException", "An import with the same client token and other parameters was requested"};
  }
  return std::optional<Import>();
}

Task<Result<Import>> Imports::begin(ImportRequest request) {
  const Timestamp now = Timestamp::now();
  Result<std::optional<Import>> earlier = known(request, now);
  if (!earlier) co_return earlier.error();
  if (*earlier) co_return **earlier;
  if (running_ >= limits::imports_max) {
    co_return Error{"LimitExceededException",
                    "Too many imports: " + std::to_string(limits::imports_max) + " may run at the same time"};
  }
  Import one;
  one.id = dated_id(now);
  one.table = request.table.name;
  one.parameters = std::move(request.parameters);
  one.source = std::move(request.source);
  one.token = std::move(request.token);
  one.started = now;
  one.table_arn = instance_.arn("dynamodb", "table/" + one.table);
  one.arn = one.table_arn + "/import/" + one.id;
  const Result<OpenTablePtr> begun = tables_.begin_making(std::move(request.table), row_of(one));
  if (!begun) co_return begun.error();
  const TableDefinition table = (*begun)->definition;
  one.table_id = table.id;
  store_.write(row_of(one));
  ++running_;
  shard_.spawn(run(one, table));
  co_await store_.durable();
  co_return one;
}

Task<void> Imports::run(Import one, TableDefinition table) {
  TableStatistics::Numbers numbers;
  Result<bool> more = true;
  {
    ImportItems items(store_, objects_, table, one.source, "import " + one.id + " of table " + one.table);
    while (more && *more) more = co_await pool_.run([&items] { return items.turn(); });
    one.counts = items.counts();
  }
  if (more) {
    FillIndexes fill(store_, table);
    bool filling = true;
    while (filling) filling = co_await pool_.run([&fill] { return fill.turn(); });
    numbers = fill.numbers();
  }
  close(std::move(one), more ? Result<void>() : Result<void>(more.error()), numbers);
}

// With items that could not be imported an import has failed, and its table is there with the others; without its source
// there is no table. Source of the codes: answers of AWS that users published.
void Imports::close(Import one, const Result<void>& outcome, TableStatistics::Numbers numbers) {
  one.ended = Timestamp::now();
  one.status = outcome && one.counts.errors == 0 ? "COMPLETED" : "FAILED";
  if (!outcome) {
    const std::string& code = outcome.error().code;
    one.failure_code = code == "NoSuchBucket" ? "S3NoSuchBucket" : code == "NoSuchKey" ? "S3NoSuchKey" : code;
    one.failure_message = outcome.error().message;
  } else if (one.counts.errors > 0) {
    one.failure_code = "ItemValidationError";
    one.failure_message =
        "Some of the items failed validation checks and were not imported. Please check CloudWatch error logs for more details.";
  }
  Batch batch = row_of(one);
  if (outcome) tables_.finish_making(one.table, numbers, std::move(batch));
  else tables_.give_up_making(one.table, std::move(batch));
  --running_;
}

Result<Import> Imports::describe(std::string_view arn) const {
  const Error not_found{"ImportNotFoundException", "Import not found: " + std::string(arn)};
  const std::optional<std::string> row = transfer_row(store_, kind, arn);
  if (!row) return not_found;
  Import one = read(*row);
  if (one.arn != arn) return not_found;
  return one;
}

std::vector<Import> Imports::list(std::string_view table, std::string_view after, std::size_t limit) const {
  std::vector<Import> found;
  visit_transfers(store_, kind, table, after, [&](std::string_view row) {
    found.push_back(read(row));
    return found.size() < limit;
  });
  return found;
}

void Imports::start() {
  for (Import& one : list({}, {}, SIZE_MAX)) {
    if (one.status != "IN_PROGRESS") continue;
    const Result<TableDescription> table = tables_.describe(one.table);
    CROFT_ASSERT(table && table->status == "CREATING");  // they were written together
    one.table_id = table->definition.id;
    const std::string prefix = table_prefix(table->definition.number);
    Batch batch = row_of(one);
    for (const Family family : {Family::items, Family::indexes}) batch.erase_range(family, prefix, end_of_prefix(prefix));
    store_.write(std::move(batch));
    ++running_;
    shard_.spawn(run(std::move(one), table->definition));
  }
}

}  // namespace croft::dynamo
