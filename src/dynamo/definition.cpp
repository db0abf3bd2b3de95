#include "dynamo/definition.h"

#include <algorithm>
#include <set>

#include "dynamo/errors.h"
#include "dynamo/limits.h"
#include "types/assert.h"

namespace croft::dynamo {

namespace {

constexpr std::string_view stream_views[] = {"KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"};

std::vector<std::string> names_of(const KeySchema& keys) {
  std::vector<std::string> names;
  keys.each([&](const KeyAttribute& attribute) { names.push_back(attribute.name); });
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

// Which attributes of a longer key are of its sort key is written beside them.
json::array to_json(const KeySchema& keys) {
  json::array out;
  const auto add = [&](const KeyAttribute& attribute, bool of_sort) {
    json::object one{{"name", attribute.name}, {"type", std::string(type_name(attribute.type))}};
    if (keys.has_several()) one["sort"] = of_sort;
    out.push_back(std::move(one));
  };
  keys.each_partition([&](const KeyAttribute& attribute) { add(attribute, false); });
  keys.each_sort([&](const KeyAttribute& attribute) { add(attribute, true); });
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
  for (std::size_t i = 1; i < parts.size(); ++i) {
    KeyAttribute attribute = key_attribute(parts[i]);
    if (!json::bool_or(parts[i].as_object(), "sort", true)) keys.more_partition.push_back(std::move(attribute));
    else if (keys.sort) keys.more_sort.push_back(std::move(attribute));
    else keys.sort = std::move(attribute);
  }
  return keys;
}

// Most tables have nothing of it.
void add_notes(json::object& out, const ThroughputNotes& notes) {
  if (notes == ThroughputNotes()) return;
  out["notes"] = json::object{{"max_read", notes.on_demand_max.read}, {"max_write", notes.on_demand_max.write},
                              {"warm_read", notes.warm.read},         {"warm_write", notes.warm.write},
                              {"increased", notes.increased.ms},      {"decreased", notes.decreased.ms},
                              {"decreases", notes.decreases}};
}

ThroughputNotes notes_of(const json::object& o) {
  const json::value* notes = json::find(o, "notes");
  if (!notes || !notes->is_object()) return {};
  const json::object& n = notes->get_object();
  return {{json::int_or(n, "max_read", -1), json::int_or(n, "max_write", -1)},
          {json::int_or(n, "warm_read", 0), json::int_or(n, "warm_write", 0)},
          {json::int_or(n, "increased", 0)},
          {json::int_or(n, "decreased", 0)},
          json::int_or(n, "decreases", 0)};
}

json::object to_json(const IndexDefinition& index) {
  json::array attributes;
  for (const std::string& name : index.projection.attributes) attributes.emplace_back(name);
  json::object out{{"name", index.name},
                   {"global", index.global},
                   {"keys", to_json(index.keys)},
                   {"projection", static_cast<int>(index.projection.kind)},
                   {"attributes", std::move(attributes)},
                   {"read", index.throughput.read},
                   {"write", index.throughput.write},
                   {"number", index.number},
                   {"backfilling", index.backfilling}};
  add_notes(out, index.notes);
  return out;
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
  index.notes = notes_of(o);
  return index;
}

}  // namespace

bool IndexDefinition::holds(std::string_view attribute, const KeySchema& table) const {
  if (projection.kind == IndexProjection::Kind::all || keys.has(attribute) || table.has(attribute)) return true;
  return std::find(projection.attributes.begin(), projection.attributes.end(), attribute) !=
         projection.attributes.end();
}

std::string_view name_of(StreamView view) { return stream_views[static_cast<std::size_t>(view)]; }

std::optional<StreamView> stream_view_named(std::string_view name) {
  const auto found = std::find(std::begin(stream_views), std::end(stream_views), name);
  if (found == std::end(stream_views)) return std::nullopt;
  return static_cast<StreamView>(found - std::begin(stream_views));
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

namespace {

void add_recovery(json::object& out, const TableDefinition& table) {
  if (table.recovery) out["recovery"] = json::object{{"since", table.recovery->since.ms}, {"days", table.recovery->days}};
  if (table.being_made) out["being_made"] = true;
  if (!table.restored) return;
  out["restored"] = json::object{{"backup_arn", table.restored->backup_arn},
                                 {"table_arn", table.restored->table_arn},
                                 {"at", table.restored->at.ms}};
}

void read_recovery(TableDefinition& table, const json::object& o) {
  const json::value* recovery = json::find(o, "recovery");
  if (recovery && recovery->is_object()) {
    const json::object& r = recovery->get_object();
    table.recovery = Recovery{{json::int_or(r, "since", 0)}, json::int_or(r, "days", 35)};
  }
  const json::value* restored = json::find(o, "restored");
  if (restored && restored->is_object()) {
    const json::object& r = restored->get_object();
    table.restored = RestoredFrom{std::string(json::string_or(r, "backup_arn", "")),
                                  std::string(json::string_or(r, "table_arn", "")),
                                  {json::int_or(r, "at", 0)}};
  }
  table.being_made = json::bool_or(o, "being_made", false);
}

}  // namespace

void ThroughputNotes::note_change(const Throughput& before, const Throughput& after, Timestamp now) {
  if (after.read > before.read || after.write > before.write) increased = now;
  if (after.read >= before.read && after.write >= before.write) return;
  decreases = decreases_on_the_day_of(now) + 1;
  decreased = now;
}

std::int64_t ThroughputNotes::decreases_on_the_day_of(Timestamp now) const {
  constexpr std::int64_t day_ms = 86'400'000;
  return now.ms / day_ms == decreased.ms / day_ms ? decreases : 0;
}

Throughput warm_throughput(const ThroughputNotes& notes, const Throughput& provisioned, bool on_demand) {
  const Throughput least = on_demand ? warm_on_demand : provisioned;
  return {std::max(notes.warm.read, least.read), std::max(notes.warm.write, least.write)};
}

namespace {

// What is only kept and told.
void add_settings(json::object& out, const TableDefinition& table) {
  out["was_on_demand"] = table.was_on_demand;
  out["encryption_key"] = table.encryption_key;
  out["last_index"] = table.last_index;
  add_notes(out, table.notes);
  const auto add_policy = [&out](std::string_view name, const std::optional<ResourcePolicy>& policy) {
    if (policy) out[name] = json::object{{"document", policy->document}, {"revision", policy->revision}};
  };
  add_policy("policy", table.policy);
  add_policy("stream_policy", table.stream_policy);
  json::array insights;
  for (const Insights& one : table.insights) {
    insights.push_back(json::object{{"index", one.index}, {"mode", one.mode}, {"since", one.since.ms}});
  }
  if (!insights.empty()) out["insights"] = std::move(insights);
}

void read_insights(TableDefinition& table, const json::array& rows) {
  for (const json::value& row : rows) {
    const json::object& one = row.as_object();
    table.insights.push_back({std::string(json::string_or(one, "index", "")),
                              std::string(json::string_or(one, "mode", "")),
                              {json::int_or(one, "since", 0)}});
  }
}

std::optional<ResourcePolicy> policy_of(const json::object& o, std::string_view name) {
  const json::value* policy = json::find(o, name);
  if (!policy || !policy->is_object()) return std::nullopt;
  const json::object& p = policy->get_object();
  return ResourcePolicy{std::string(json::string_or(p, "document", "")), std::string(json::string_or(p, "revision", ""))};
}

void read_settings(TableDefinition& table, const json::object& o) {
  table.was_on_demand = json::bool_or(o, "was_on_demand", table.on_demand);
  table.encryption_key = json::string_or(o, "encryption_key", "");
  table.last_index = static_cast<std::uint16_t>(json::int_or(o, "last_index", 0));
  for (const IndexDefinition& index : table.indexes) table.last_index = std::max(table.last_index, index.number);
  table.notes = notes_of(o);
  table.policy = policy_of(o, "policy");
  table.stream_policy = policy_of(o, "stream_policy");
  const json::value* insights = json::find(o, "insights");
  if (insights && insights->is_array()) read_insights(table, insights->get_array());
}

}  // namespace

json::object to_json(const TableDefinition& table) {
  json::array attributes, indexes;
  for (const KeyAttribute& attribute : table.attributes) {
    attributes.push_back(json::object{{"name", attribute.name}, {"type", std::string(type_name(attribute.type))}});
  }
  for (const IndexDefinition& index : table.indexes) indexes.push_back(to_json(index));
  json::object tags;
  for (const auto& [key, value] : table.tags) tags[key] = value;
  json::object out{{"name", table.name},
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
                   {"tags", std::move(tags)},
                   {"stream", table.stream ? std::string(name_of(*table.stream)) : std::string()},
                   {"stream_label", table.stream_label},
                   {"ttl", table.ttl_attribute},
                   {"ttl_filling", table.ttl_filling}};
  add_recovery(out, table);
  add_settings(out, table);
  return out;
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
  table.stream = stream_view_named(json::string_or(o, "stream", ""));
  table.stream_label = json::string_or(o, "stream_label", "");
  table.ttl_attribute = json::string_or(o, "ttl", "");
  table.ttl_filling = json::bool_or(o, "ttl_filling", false);
  read_recovery(table, o);
  read_settings(table, o);
  CROFT_ASSERT(!table.name.empty() && table.number != 0);
  return table;
}

}  // namespace croft::dynamo
