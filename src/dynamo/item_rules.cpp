#include "dynamo/item_rules.h"

#include <algorithm>
#include <set>

#include "dynamo/attribute_encoding.h"
#include "dynamo/attribute_json.h"
#include "dynamo/errors.h"
#include "dynamo/index_rows.h"
#include "dynamo/limits.h"

namespace croft::dynamo {

namespace {

constexpr const char* too_deep = "Nesting Levels have exceeded supported limits";

Error scalar_key(std::string_view kind, const std::string& key) {
  return validation_error("Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: " +
                          std::string(kind) + ": " + key);
}

const KeyAttribute* find_key(const KeySchema& keys, const std::vector<std::string>& names) {
  const auto named = [&](const KeyAttribute& key) { return std::find(names.begin(), names.end(), key.name) != names.end(); };
  const KeyAttribute* found = nullptr;
  keys.each([&](const KeyAttribute& key) {
    if (!found && named(key)) found = &key;
  });
  return found;
}

bool has_index(const Path& path) {
  return std::any_of(path.steps.begin(), path.steps.end(),
                     [](const Path::Step& step) { return std::holds_alternative<std::size_t>(step); });
}

std::size_t bytes_of_actions(const Update& update) {
  std::size_t bytes = 3 + 19 * (update.sets.size() + update.adds.size()) + 2 * (update.removes.size() + update.deletes.size());
  for (const Update::Set& set : update.sets) bytes += has_index(set.path) ? 1 : 0;
  return bytes;
}

Error too_large() { return validation_error("Item size has exceeded the maximum allowed size"); }

Error too_large_update() { return validation_error("Item size to update has exceeded the maximum allowed size"); }

// An item and its rows in all local indexes have 400 KB together. Source: Developer Guide, "Quotas", item size for tables
// with local secondary indexes.
bool fits_with_local_rows(const TableDefinition& table, const Item& item) {
  std::size_t rows = 0;
  for (const IndexDefinition& index : table.indexes) rows += !index.global && appears(index, item) ? 1 : 0;
  std::size_t bytes = counted_bytes(item);
  if (bytes * (1 + rows) <= limits::item_bytes_max) return true;  // no row is larger than its item
  for (const IndexDefinition& index : table.indexes) {
    if (!index.global && appears(index, item)) bytes += counted_bytes(projected(table, index, item));
  }
  return bytes <= limits::item_bytes_max;
}

}  // namespace

std::optional<Item> decoded(const std::optional<std::string>& row, bool decode) {
  if (!row || !decode) return std::nullopt;
  return decode_item(*row);
}

Result<void> check_condition(const std::optional<Condition>& condition, const std::optional<Item>& item,
                             bool item_in_failure) {
  static const Item no_item;
  if (!condition || condition->matches(item ? *item : no_item)) return {};
  std::string details;
  if (item_in_failure && item) {
    details = "{\"Item\":";
    append_json(details, *item);
    details += '}';
  }
  return condition_failed(std::move(details));
}

Result<void> check_put_condition(const PutItem& put, const std::optional<Item>& item) {
  Result<void> checked = check_condition(put.condition, item, put.item_in_failure);
  if (checked || !put.inserts) return checked;
  return duplicate_item(std::move(checked.error().details));
}

Result<void> check_limits(const Item& item) {
  if (counted_bytes(item) > limits::item_bytes_max) return too_large();
  for (const Attribute& attribute : item) {
    if (nesting(attribute.value) < limits::nesting_max) continue;
    return validation_error(std::string(too_deep) + ": Attributes in the item have nested levels beyond supported limit");
  }
  return {};
}

Result<void> check_put(const TableDefinition& table, const Item& item) {
  Result<void> checked = check_item_key(table.keys, item);
  if (checked) checked = check_index_keys(table, item, false);
  if (checked) checked = check_limits(item);
  if (checked && !fits_with_local_rows(table, item)) return too_large();
  return checked;
}

Result<void> check_scalar_keys(const TableDefinition& table, const std::vector<std::string>& entered) {
  if (entered.empty()) return {};
  if (const KeyAttribute* key = find_key(table.keys, entered)) return scalar_key("Key", key->name);
  for (const IndexDefinition& index : table.indexes) {
    if (const KeyAttribute* key = find_key(index.keys, entered)) return scalar_key("IndexKey", key->name);
  }
  return {};
}

Result<void> check_update_paths(const TableDefinition& table, const Update& update) {
  for (const Path* path : update.paths()) {
    if (table.keys.has(path->attribute())) {
      return invalid_parameter("Cannot update attribute " + path->attribute() +
                               ". This attribute is part of the key");
    }
  }
  const Result<void> checked = check_scalar_keys(table, entered_attributes(update.paths()));
  return checked ? check_scalar_keys(table, entered_attributes(update.operands())) : checked;
}

Result<void> check_no_empty_key(const TableDefinition& table, const Item& item, bool by_update) {
  const auto empty = [&](const KeyAttribute& attribute) -> const AttributeValue* {
    const AttributeValue* value = item.find(attribute.name);
    if (!value || value->type() != attribute.type) return nullptr;
    const std::string* text = value->get<std::string>();
    const Binary* binary = value->get<Binary>();
    return (text && text->empty()) || (binary && binary->bytes.empty()) ? value : nullptr;
  };
  if (const AttributeValue* value = empty(table.keys.partition)) {
    return check_partition_value(table.keys.partition, *value);
  }
  if (table.keys.sort) {
    if (const AttributeValue* value = empty(*table.keys.sort)) return check_sort_value(*table.keys.sort, *value);
  }
  Item keys;  // of indexes, and empty
  for (const IndexDefinition& index : table.indexes) {
    index.keys.each([&](const KeyAttribute& attribute) {
      if (const AttributeValue* value = empty(attribute)) keys.set(attribute.name, *value);
    });
  }
  return check_index_keys(table, keys, by_update);
}

Result<void> check_updated(const TableDefinition& table, const Update& update, const Item& item) {
  if (!fits_with_local_rows(table, item)) return too_large_update();
  for (const Update::Set& set : update.sets) {
    const AttributeValue* value = item.find(set.path.attribute());
    if (value && nesting(*value) >= limits::nesting_max) return validation_error(too_deep);
  }
  return check_index_keys(table, item, true);
}

Result<void> check_written_size(const Update& update, const Item& item) {
  const std::size_t actions = bytes_of_actions(update);
  if (counted_bytes(item) + actions <= limits::item_bytes_max) return {};
  std::set<std::string_view> names;
  for (const Path* path : update.paths()) names.insert(path->attribute());
  std::size_t bytes = actions;
  for (const std::string_view name : names) {
    if (const AttributeValue* value = item.find(name)) bytes += name.size() + counted_bytes(*value);
  }
  return bytes > limits::item_bytes_max ? Result<void>(too_large_update()) : Result<void>();
}

}  // namespace croft::dynamo
