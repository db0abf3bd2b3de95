#include "dynamo/page.h"

#include <algorithm>

#include "dynamo/attribute_encoding.h"
#include "dynamo/attribute_json.h"
#include "dynamo/capacity.h"
#include "dynamo/errors.h"
#include "dynamo/item_rules.h"
#include "dynamo/limits.h"

namespace croft::dynamo {

namespace {

constexpr std::uint64_t hashes = 65536;
constexpr std::size_t rows_per_look = 16, bytes_per_look = 32 * 1024;  // at the clock

Error outside_of_query() {
  return validation_error("The provided starting key is outside query boundaries based on provided conditions");
}

}  // namespace

Result<PageReader> PageReader::of(OpenTablePtr table, Query request) {
  PageReader reader(std::move(table), std::move(request.reading));
  Result<void> checked = reader.choose_index();
  if (checked) checked = reader.check_filter();
  if (!checked) return checked.error();
  const Result<KeyCondition> condition = KeyCondition::from(request.key_condition, reader.keys());
  if (!condition) return condition.error();
  KeyCondition::Range range = condition->range(reader.prefix());
  reader.from_ = std::move(range.from);
  reader.to_ = std::move(range.to);
  reader.reverse_ = !request.forward;
  checked = reader.resume(*condition);
  if (checked) checked = reader.check_paths();
  if (!checked) return checked.error();
  return reader;
}

Result<PageReader> PageReader::of(OpenTablePtr table, Scan request) {
  PageReader reader(std::move(table), std::move(request.reading));
  Result<void> checked = reader.choose_index();
  if (!checked) return checked.error();
  const auto border = [&](std::uint64_t segment) {
    return hash_border(reader.prefix(), static_cast<std::uint32_t>(segment * hashes / request.segments));
  };
  reader.from_ = border(request.segment);
  reader.to_ = border(std::uint64_t(request.segment) + 1);
  checked = reader.resume(request.segment, request.segments);
  if (checked) checked = reader.check_paths();
  if (!checked) return checked.error();
  return reader;
}

Result<void> PageReader::resume(const KeyCondition& condition) {
  if (!reading_.start_key) return {};
  const Result<std::string> start = start_row(true);
  if (!start) return start.error();
  if (!start->starts_with(condition.partition_prefix(prefix()))) return outside_of_query();
  if (*start < from_ || *start >= to_) {
    return validation_error("The provided starting key does not match the range key predicate");
  }
  go_on_after(*start);
  return {};
}

Result<void> PageReader::resume(std::uint32_t segment, std::uint32_t segments) {
  if (!reading_.start_key) return {};
  const Result<std::string> start = start_row(false);
  if (!start) return start.error();
  if (*start < from_ || *start >= to_) {
    return validation_error(
        "The provided starting key is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct "
        "Segment. TotalSegments: " +
        std::to_string(segments) + " Segment: " + std::to_string(segment));
  }
  go_on_after(*start);
  return {};
}

// A start key that does not fit is told before.
Result<void> PageReader::check_paths() const {
  const Result<void> checked = check_scalar_keys(table_->definition, reading_.projection);
  return checked ? check_scalar_keys(table_->definition, reading_.filter) : checked;
}

Result<void> PageReader::choose_index() {
  if (reading_.index.empty()) return {};
  const TableDefinition& table = table_->definition;
  index_ = table.index(reading_.index);
  if (!index_) return validation_error("The table does not have the specified index: " + reading_.index);
  if (index_->backfilling) {
    return validation_error("Cannot read from backfilling global secondary index: " + index_->name);
  }
  if (index_->global && reading_.consistent) {
    return validation_error("Consistent reads are not supported on global secondary indexes");
  }
  if (reading_.all_attributes && index_->projection.kind != IndexProjection::Kind::all) {
    if (index_->global) {
      return invalid_parameter("Select type ALL_ATTRIBUTES is not supported for global secondary index " +
                               index_->name + " because its projection type is not ALL");
    }
    fetch_items_ = true;
  }
  if (reading_.projection) {
    for (const std::string& name : reading_.projection->attributes()) {
      const Result<void> checked = check_attribute(name);
      if (!checked) return checked;
      fetch_items_ |= !index_->holds(name, table.keys);
    }
  }
  return {};
}

// A global index cannot give what it does not hold; a local one fetches the item.
Result<void> PageReader::check_attribute(const std::string& name) const {
  if (!index_->global || index_->holds(name, table_->definition.keys)) return {};
  return invalid_parameter("Global secondary index " + index_->name + " does not project [" + name + "]");
}

Result<void> PageReader::check_filter() const {
  if (!reading_.filter) return {};
  for (const Path* path : reading_.filter->paths()) {
    if (!keys().has(path->attribute())) continue;
    return validation_error(std::string(reading_.legacy_filter ? "QueryFilter" : "Filter Expression") +
                            " can only contain non-primary key attributes: Primary key attribute: " +
                            path->attribute());
  }
  return {};
}

std::string PageReader::prefix() const {
  return index_ ? index_prefix(table_->definition.number, index_->number) : table_->prefix;
}

// The row that ExclusiveStartKey names. It need not exist.
Result<std::string> PageReader::start_row(bool is_query) const {
  const Item& start = *reading_.start_key;
  const KeySchema& table = table_->definition.keys;
  const Error invalid = validation_error(
      is_query ? "The provided starting key is invalid"
               : "The provided starting key is invalid: The provided key element does not match the schema");
  const Item table_key = key_of(table, start);
  if (!check_key(table, table_key)) return invalid;
  std::size_t attributes = table_key.size();
  if (index_) {
    const Item index_key = key_of(index_->keys, start);
    if (!check_key(index_->keys, index_key)) return invalid;
    for (const Attribute& attribute : index_key) attributes += table.has(attribute.name) ? 0 : 1;
  }
  if (start.size() != attributes) return invalid;
  if (index_) return index_row_key(prefix(), index_->keys, table, start);
  return table_->row_key(start);
}

void PageReader::go_on_after(std::string_view row) {
  if (reverse_) to_ = row;
  else from_.assign(row).push_back('\0');
}

bool PageReader::read(const Store& store, std::size_t rows_max, std::chrono::microseconds turn) {
  using Clock = std::chrono::steady_clock;
  if (from_ >= to_) return false;
  const Clock::time_point begin = Clock::now();
  std::string last;
  std::size_t rows = 0, next_look = bytes_ + fetched_bytes_ + bytes_per_look;
  bool is_full = false, is_over = false;
  store.visit(index_ ? Family::indexes : Family::items, from_, to_, reverse_,
              [&](std::string_view key, std::string_view row) {
                is_full = !add(store, row);
                ++rows;
                const bool looks = rows % rows_per_look == 0 || bytes_ + fetched_bytes_ >= next_look;
                if (looks) next_look = bytes_ + fetched_bytes_ + bytes_per_look;
                is_over = rows == rows_max || (looks && Clock::now() - begin >= turn);
                if (is_over) last = key;
                return !is_full && !is_over;
              });
  if (is_full || !is_over) return false;
  go_on_after(last);
  return true;
}

// False when the page is full.
bool PageReader::add(const Store& store, std::string_view row) {
  bytes_ += counted_bytes_of_row(row);
  Item item = decode_item(row);
  ++page_.scanned;
  std::optional<std::string> whole;  // nothing also when it was erased since the index row was read
  if (fetch_items_) whole = store.get(Family::items, table_->row_key(item));
  if (whole) {
    fetched_bytes_ += counted_bytes_of_row(*whole);
    fetched_units_ += read_units(counted_bytes_of_row(*whole), reading_.consistent);
  }
  const bool full = page_.scanned == reading_.limit || bytes_ + fetched_bytes_ >= limits::page_bytes_max;
  if (full) page_.last_key = last_key(item);
  if (whole) item = decode_item(*whole);
  if ((fetch_items_ && !whole) || (reading_.filter && !reading_.filter->matches(item))) return !full;
  ++page_.count;
  if (!reading_.count_only) take_in(reading_.projection ? reading_.projection->apply(item) : std::move(item));
  return !full;
}

void PageReader::take_in(Item item) {
  if (!reading_.as_json) return page_.items.push_back(std::move(item));
  if (!page_.json.empty()) page_.json += ',';
  append_json(page_.json, item);
}

Item PageReader::last_key(const Item& item) const {
  Item key = key_of(table_->definition.keys, item);
  if (index_) {
    for (const Attribute& attribute : key_of(index_->keys, item)) key.set(attribute.name, attribute.value);
  }
  return key;
}

Page PageReader::take() {
  const double units = read_units(bytes_, reading_.consistent);
  if (!index_) page_.capacity.table = units;
  else
    (index_->global ? page_.capacity.global_indexes : page_.capacity.local_indexes).emplace_back(index_->name, units);
  if (index_) page_.capacity.table = fetched_units_;  // counted item by item, unlike what the index holds
  return std::move(page_);
}

}  // namespace croft::dynamo
