#include "dynamo/index_rows.h"

#include <algorithm>

#include "dynamo/attribute_encoding.h"
#include "dynamo/capacity.h"
#include "dynamo/errors.h"

namespace croft::dynamo {

namespace {

bool can_be_key(const KeyAttribute& attribute, const Item& item) {
  const AttributeValue* value = item.find(attribute.name);
  return value && value->type() == attribute.type && check_partition_value(attribute, *value).has_value();
}

Result<void> check_index_key(const IndexDefinition& index, const KeyAttribute& attribute, bool is_sort,
                             const Item& item, bool by_update) {
  const AttributeValue* value = item.find(attribute.name);
  if (!value) return {};
  if (value->type() != attribute.type) {
    if (by_update) {
      return validation_error(
          "The update expression attempted to update the secondary index key to unsupported type");
    }
    return invalid_parameter("Type mismatch for Index Key " + attribute.name +
                             " Expected: " + std::string(type_name(attribute.type)) +
                             " Actual: " + std::string(type_name(value->type())) + " IndexName: " + index.name);
  }
  const std::string* text = value->get<std::string>();
  const Binary* binary = value->get<Binary>();
  if ((text && text->empty()) || (binary && binary->bytes.empty())) {
    return validation_error(
        "One or more parameter values are not valid. " +
        std::string(
            by_update
                ? "The update expression attempted to update a secondary index key to a value that is not supported."
                : "A value specified for a secondary index key is not supported.") +
        " The AttributeValue for a key attribute cannot contain an empty " + (text ? "string" : "binary") +
        " value. IndexName: " + index.name + ", IndexKey: " + attribute.name);
  }
  return is_sort ? check_sort_value(attribute, *value) : check_partition_value(attribute, *value);
}

}  // namespace

bool appears(const IndexDefinition& index, const Item& item) {
  bool all = true;
  index.keys.each([&](const KeyAttribute& attribute) { all = all && can_be_key(attribute, item); });
  return all;
}

Item projected(const TableDefinition& table, const IndexDefinition& index, const Item& item) {
  if (index.projection.kind == IndexProjection::Kind::all) return item;
  Item out = key_of(table.keys, item);
  const auto take = [&](const std::string& name) {
    if (const AttributeValue* value = item.find(name)) out.set(name, *value);
  };
  index.keys.each([&](const KeyAttribute& attribute) { take(attribute.name); });
  for (const std::string& name : index.projection.attributes) take(name);
  return out;
}

namespace {

// Whether the row of both items is the same.
bool same_row(const TableDefinition& table, const IndexDefinition& index, const Item& before, const Item& after) {
  if (index.projection.kind == IndexProjection::Kind::all) return before == after;
  return projected(table, index, before) == projected(table, index, after);
}

}  // namespace

// Source of the units: Developer Guide, "Provisioned throughput considerations for global secondary indexes", writes.
IndexWrite update_index_row(Batch& batch, const TableDefinition& table, const IndexDefinition& index, const Item* before,
                            const Item* after) {
  const auto key_in_index = [&](const Item* item) {
    return item && appears(index, *item)
               ? index_row_key(index_prefix(table.number, index.number), index.keys, table.keys, *item)
               : std::string();
  };
  const std::string old_key = key_in_index(before), new_key = key_in_index(after);
  if (old_key.empty() && new_key.empty()) return {};
  if (old_key == new_key && same_row(table, index, *before, *after)) return {};
  const std::size_t old_bytes = old_key.empty() ? 0 : counted_bytes(projected(table, index, *before));
  std::size_t new_bytes = 0;
  if (!old_key.empty() && old_key != new_key) batch.erase(Family::indexes, old_key);
  if (!new_key.empty()) {
    const Item row = projected(table, index, *after);
    new_bytes = counted_bytes(row);
    batch.put(Family::indexes, new_key, encode_item(row, new_bytes));
  }
  IndexWrite written{0, (new_key.empty() ? 0 : 1) - (old_key.empty() ? 0 : 1),
                     static_cast<std::int64_t>(new_bytes) - static_cast<std::int64_t>(old_bytes)};
  // One write for a row that stays where it is, of its larger form; a new place is a deletion and a put.
  if (old_key == new_key) written.units = write_units(std::max(old_bytes, new_bytes));
  else written.units = (old_key.empty() ? 0 : write_units(old_bytes)) + (new_key.empty() ? 0 : write_units(new_bytes));
  return written;
}

Result<void> check_index_keys(const TableDefinition& table, const Item& item, bool by_update) {
  for (const IndexDefinition& index : table.indexes) {
    Result<void> checked;
    index.keys.each_partition([&](const KeyAttribute& attribute) {
      if (checked) checked = check_index_key(index, attribute, false, item, by_update);
    });
    index.keys.each_sort([&](const KeyAttribute& attribute) {
      if (checked) checked = check_index_key(index, attribute, true, item, by_update);
    });
    if (checked) checked = check_key_sizes(index.keys, item);
    if (!checked) return checked;
  }
  return {};
}

}  // namespace croft::dynamo
