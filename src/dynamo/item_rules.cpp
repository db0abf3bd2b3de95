#include "dynamo/item_rules.h"

#include "dynamo/attribute_encoding.h"
#include "dynamo/attribute_json.h"
#include "dynamo/errors.h"
#include "dynamo/index_rows.h"
#include "dynamo/limits.h"

namespace croft::dynamo {

namespace {

Error too_deep() {
  return validation_error(
      "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported "
      "limit");
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

Result<void> check_limits(const Item& item) {
  if (counted_bytes(item) > limits::item_bytes_max) {
    return validation_error("Item size has exceeded the maximum allowed size");
  }
  for (const Attribute& attribute : item) {
    if (nesting(attribute.value) >= limits::nesting_max) return too_deep();
  }
  return {};
}

Result<void> check_put(const TableDefinition& table, const Item& item) {
  Result<void> checked = check_item_key(table.keys, item);
  if (checked) checked = check_index_keys(table, item, false);
  if (checked) checked = check_limits(item);
  return checked;
}

Result<void> check_update_paths(const TableDefinition& table, const Update& update) {
  for (const Path* path : update.paths()) {
    if (table.keys.has(path->attribute())) {
      return invalid_parameter("Cannot update attribute " + path->attribute() +
                               ". This attribute is part of the key");
    }
  }
  return {};
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
    if (const AttributeValue* value = empty(index.keys.partition)) keys.set(index.keys.partition.name, *value);
    if (!index.keys.sort) continue;
    if (const AttributeValue* value = empty(*index.keys.sort)) keys.set(index.keys.sort->name, *value);
  }
  return check_index_keys(table, keys, by_update);
}

Result<void> check_updated(const TableDefinition& table, const Update& update, const Item& item) {
  if (counted_bytes(item) > limits::item_bytes_max) {
    return validation_error("Item size to update has exceeded the maximum allowed size");
  }
  for (const Update::Set& set : update.sets) {
    const AttributeValue* value = item.find(set.path.attribute());
    if (value && nesting(*value) >= limits::nesting_max) return too_deep();
  }
  return check_index_keys(table, item, true);
}

}  // namespace croft::dynamo
