#include "dynamo/definition.h"

#include <algorithm>
#include <set>

#include "dynamo/errors.h"
#include "dynamo/limits.h"
#include "types/assert.h"

namespace croft::dynamo {

namespace {

std::vector<std::string> names_of(const KeySchema& keys) {
  std::vector<std::string> names = {keys.partition.name};
  if (keys.sort) names.push_back(keys.sort->name);
  return names;
}

Result<void> check_local_index(const TableDefinition& table, const IndexDefinition& index) {
  if (!index.keys.sort) {
    return invalid_parameter("Index KeySchema does not have a range key for index: " + index.name);
  }
  if (index.keys.partition.name == table.keys.partition.name) return {};
  return invalid_parameter("Index KeySchema does not have the same leading hash key as table KeySchema for index: " +
                           index.name + ". index hash key: " + index.keys.partition.name +
                           ", table hash key: " + table.keys.partition.name);
}

// Every attribute definition serves a key.
Result<void> check_attributes_used(const TableDefinition& table) {
  std::set<std::string> keys;
  const auto add = [&keys](const KeySchema& schema) {
    for (std::string& name : names_of(schema)) keys.insert(std::move(name));
  };
  add(table.keys);
  for (const IndexDefinition& index : table.indexes) add(index.keys);
  if (keys.size() == table.attributes.size()) return {};
  if (table.indexes.empty()) {
    return invalid_parameter(
        "Number of attributes in KeySchema does not exactly match number of attributes defined in "
        "AttributeDefinitions");
  }
  std::string used, defined;
  for (const std::string& name : keys) used += (used.empty() ? "" : ", ") + name;
  for (const KeyAttribute& attribute : table.attributes) defined += (defined.empty() ? "" : ", ") + attribute.name;
  return invalid_parameter("Some AttributeDefinitions are not used. AttributeDefinitions: [" + defined +
                           "], keys used: [" + used + "]");
}

Result<void> check_counts(const TableDefinition& table) {
  std::size_t local = 0, projected = 0;
  for (const IndexDefinition& index : table.indexes) {
    local += index.global ? 0 : 1;
    projected += index.projection.attributes.size();
  }
  if (local > 0 && !table.keys.sort) {
    return invalid_parameter(
        "Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex");
  }
  if (local > limits::local_indexes_max) {
    return invalid_parameter("Number of LocalSecondaryIndexes exceeds per-table limit of 5");
  }
  if (table.indexes.size() - local > limits::global_indexes_max) {
    return invalid_parameter("GlobalSecondaryIndex count exceeds the per-table limit of 20");
  }
  if (projected > limits::projected_attributes_max) {
    return invalid_parameter("Number of attributes specified across all NonKeyAttributes exceeds limit of 100");
  }
  return {};
}

json::array to_json(const KeySchema& keys) {
  json::array out;
  const auto add = [&out](const KeyAttribute& attribute) {
    out.push_back(json::object{{"name", attribute.name}, {"type", std::string(type_name(attribute.type))}});
  };
  add(keys.partition);
  if (keys.sort) add(*keys.sort);
  return out;
}

KeyAttribute key_attribute(const json::value& document) {
  const json::object& o = document.as_object();
  const std::optional<Type> type = type_named(json::string_or(o, "type", ""));
  CROFT_ASSERT(type.has_value());
  return {std::string(json::string_or(o, "name", "")), *type};
}

KeySchema key_schema(const json::value& document) {
  const json::array& parts = document.as_array();
  KeySchema keys{key_attribute(parts.at(0)), std::nullopt};
  if (parts.size() > 1) keys.sort = key_attribute(parts[1]);
  return keys;
}

json::object to_json(const IndexDefinition& index) {
  json::array attributes;
  for (const std::string& name : index.projection.attributes) attributes.emplace_back(name);
  return {{"name", index.name},
          {"global", index.global},
          {"keys", to_json(index.keys)},
          {"projection", static_cast<int>(index.projection.kind)},
          {"attributes", std::move(attributes)},
          {"read", index.throughput.read},
          {"write", index.throughput.write},
          {"number", index.number},
          {"backfilling", index.backfilling}};
}

IndexDefinition index_definition(const json::object& o) {
  IndexDefinition index;
  index.name = json::string_or(o, "name", "");
  index.global = json::bool_or(o, "global", true);
  index.keys = key_schema(o.at("keys"));
  index.projection.kind = static_cast<IndexProjection::Kind>(json::int_or(o, "projection", 0));
  for (const json::value& name : o.at("attributes").as_array())
    index.projection.attributes.emplace_back(name.as_string().c_str());
  index.throughput = {json::int_or(o, "read", 0), json::int_or(o, "write", 0)};
  index.number = static_cast<std::uint16_t>(json::int_or(o, "number", 0));
  index.backfilling = json::bool_or(o, "backfilling", false);
  return index;
}

}  // namespace

bool IndexDefinition::holds(std::string_view attribute, const KeySchema& table) const {
  if (projection.kind == IndexProjection::Kind::all || keys.has(attribute) || table.has(attribute)) return true;
  return std::find(projection.attributes.begin(), projection.attributes.end(), attribute) !=
         projection.attributes.end();
}

const IndexDefinition* TableDefinition::index(std::string_view name) const {
  for (const IndexDefinition& index : indexes) {
    if (index.name == name) return &index;
  }
  return nullptr;
}

Result<void> check_index(const TableDefinition& table, const IndexDefinition& index) {
  if (!index.global) {
    const Result<void> local = check_local_index(table, index);
    if (!local) return local;
  }
  const bool include = index.projection.kind == IndexProjection::Kind::include;
  if (!include && !index.projection.attributes.empty()) {
    return invalid_parameter("ProjectionType is " +
                             std::string(index.projection.kind == IndexProjection::Kind::all ? "ALL" : "KEYS_ONLY") +
                             ", but NonKeyAttributes is specified");
  }
  if (include && index.projection.attributes.empty()) {
    return invalid_parameter("ProjectionType is INCLUDE, but NonKeyAttributes is not specified");
  }
  if (!table.on_demand && index.global && (index.throughput.read < 1 || index.throughput.write < 1)) {
    return invalid_parameter("ProvisionedThroughput must be specified for index: " + index.name);
  }
  if (table.on_demand && (index.throughput.read > 0 || index.throughput.write > 0)) {
    return invalid_parameter("ProvisionedThroughput should not be specified for index: " + index.name +
                             " when BillingMode is PAY_PER_REQUEST");
  }
  return {};
}

Result<void> check(const TableDefinition& table) {
  Result<void> checked = check_counts(table);
  if (!checked) return checked;
  std::set<std::string_view> names;
  for (const IndexDefinition& index : table.indexes) {
    checked = check_index(table, index);
    if (!checked) return checked;
    if (!names.insert(index.name).second) return invalid_parameter("Duplicate index name: " + index.name);
  }
  return check_attributes_used(table);
}

json::object to_json(const TableDefinition& table) {
  json::array attributes, indexes;
  for (const KeyAttribute& attribute : table.attributes) {
    attributes.push_back(json::object{{"name", attribute.name}, {"type", std::string(type_name(attribute.type))}});
  }
  for (const IndexDefinition& index : table.indexes) indexes.push_back(to_json(index));
  json::object tags;
  for (const auto& [key, value] : table.tags) tags[key] = value;
  return {{"name", table.name},
          {"id", table.id},
          {"number", table.number},
          {"created", table.created.ms},
          {"keys", to_json(table.keys)},
          {"attributes", std::move(attributes)},
          {"on_demand", table.on_demand},
          {"on_demand_since", table.on_demand_since.ms},
          {"read", table.throughput.read},
          {"write", table.throughput.write},
          {"deletion_protection", table.deletion_protection},
          {"table_class", table.table_class},
          {"indexes", std::move(indexes)},
          {"tags", std::move(tags)}};
}

TableDefinition table_from_json(const json::object& o) {
  TableDefinition table;
  table.name = json::string_or(o, "name", "");
  table.id = json::string_or(o, "id", "");
  table.number = static_cast<std::uint32_t>(json::int_or(o, "number", 0));
  table.created = {json::int_or(o, "created", 0)};
  table.keys = key_schema(o.at("keys"));
  for (const json::value& attribute : o.at("attributes").as_array())
    table.attributes.push_back(key_attribute(attribute));
  table.on_demand = json::bool_or(o, "on_demand", false);
  table.on_demand_since = {json::int_or(o, "on_demand_since", 0)};
  table.throughput = {json::int_or(o, "read", 0), json::int_or(o, "write", 0)};
  table.deletion_protection = json::bool_or(o, "deletion_protection", false);
  table.table_class = json::string_or(o, "table_class", "");
  for (const json::value& index : o.at("indexes").as_array())
    table.indexes.push_back(index_definition(index.as_object()));
  for (const auto& [key, value] : o.at("tags").as_object()) {
    table.tags.emplace_back(std::string(key.data(), key.size()), value.as_string().c_str());
  }
  CROFT_ASSERT(!table.name.empty() && table.number != 0);
  return table;
}

}  // namespace croft::dynamo
