#include "services/dynamodb/table_requests.h"

#include <algorithm>
#include <set>

#include "dynamo/errors.h"
#include "dynamo/limits.h"
#include "dynamo/table_changes.h"
#include "services/dynamodb/resource_policies.h"
#include "services/dynamodb/stream_requests.h"
#include "services/dynamodb/table_settings.h"

namespace croft::services::dynamodb {

namespace {

using dynamo::KeyAttribute;

constexpr std::string_view attribute_types[] = {"B", "N", "S"};
constexpr std::string_view key_types[] = {"HASH", "RANGE"};
constexpr std::string_view projection_types[] = {"ALL", "INCLUDE", "KEYS_ONLY"};
constexpr std::string_view billing_modes[] = {"PROVISIONED", "PAY_PER_REQUEST"};
constexpr std::size_t table_name_min = 3;
constexpr std::size_t index_name_min = 3;

const json::object& structure(const json::value& value) {
  if (!value.is_object()) refuse(dynamo::serialization_error("Unexpected value type in payload"));
  return value.get_object();
}

// The place of a list's element in messages: "keySchema.1.member".
std::string member_place(std::string list, std::size_t index) {
  return std::move(list) + "." + std::to_string(index + 1) + ".member";
}

std::vector<KeyAttribute> read_attributes(RequestReader& reader, const json::array& definitions) {
  std::vector<KeyAttribute> out;
  for (std::size_t i = 0; i < definitions.size(); ++i) {
    RequestReader one(structure(definitions[i]), member_place("attributeDefinitions", i), reader);
    KeyAttribute attribute{one.required_text("AttributeName"), dynamo::Type::string};
    const std::string type = one.required_choice("AttributeType", attribute_types);
    attribute.type = dynamo::type_named(type).value_or(dynamo::Type::string);
    const auto same = [&](const KeyAttribute& known) { return known.name == attribute.name; };
    if (std::any_of(out.begin(), out.end(), same)) {
      refuse(dynamo::invalid_parameter("Duplicate AttributeName in AttributeDefinitions: " + attribute.name));
    }
    out.push_back(std::move(attribute));
  }
  return out;
}

// The element as it was written; its rules are checked when everything was read.
struct KeyElement {
  std::string name;
  std::string kind;
};

constexpr std::size_t key_elements_max = 2;
constexpr std::size_t global_key_elements_max = 2 * dynamo::limits::index_key_attributes_max;

std::vector<KeyElement> read_key_elements(RequestReader& reader, const std::string& path, std::size_t max) {
  std::vector<KeyElement> out;
  const json::array& elements = reader.required_array("KeySchema", 1, max);
  for (std::size_t i = 0; i < elements.size(); ++i) {
    RequestReader one(structure(elements[i]), member_place(path, i), reader);
    KeyElement element;
    element.name = one.required_text("AttributeName");
    element.kind = one.required_choice("KeyType", key_types);
    out.push_back(std::move(element));
  }
  return out;
}

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

enum class KeyOf { table, local_index, global_index };

// What AWS says of longer keys is not documented: those texts are croft's.
void check_global_kinds(const std::vector<KeyElement>& elements) {
  std::size_t partition = 0;
  while (partition < elements.size() && elements[partition].kind == "HASH") ++partition;
  const auto is_partition = [](const KeyElement& element) { return element.kind == "HASH"; };
  if (std::any_of(elements.begin() + static_cast<std::ptrdiff_t>(partition), elements.end(), is_partition)) {
    refuse(dynamo::validation_error("Invalid KeySchema: All HASH key attributes must come before the RANGE key attributes"));
  }
  constexpr std::size_t most = dynamo::limits::index_key_attributes_max;
  if (partition <= most && elements.size() - partition <= most) return;
  refuse(dynamo::validation_error("Invalid KeySchema: A global secondary index has at most " + std::to_string(most) +
                                  " HASH and " + std::to_string(most) + " RANGE key attributes"));
}

void check_kinds(const std::vector<KeyElement>& elements, KeyOf of) {
  if (elements[0].kind != "HASH") {
    refuse(dynamo::validation_error("Invalid KeySchema: The first KeySchemaElement is not a HASH key type"));
  }
  if (of == KeyOf::global_index) return check_global_kinds(elements);
  if (elements.size() == 2 && elements[1].kind != "RANGE") {
    refuse(dynamo::validation_error("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type"));
  }
}

void check_distinct(const std::vector<KeyElement>& elements) {
  std::set<std::string> names;
  for (const KeyElement& element : elements) {
    if (names.insert(element.name).second) continue;
    if (elements.size() == 2 && elements[0].kind != elements[1].kind) {
      refuse(dynamo::validation_error("Both the Hash Key and the Range Key element in the KeySchema have the same name"));
    }
    refuse(dynamo::validation_error("Invalid KeySchema: Duplicate attribute: " + element.name));
  }
}

dynamo::KeySchema key_schema(const std::vector<KeyElement>& elements, const std::vector<KeyAttribute>& attributes,
                             KeyOf of) {
  std::vector<std::string> keys, defined;
  for (const KeyElement& element : elements) keys.push_back(element.name);
  for (const KeyAttribute& attribute : attributes) defined.push_back(attribute.name);
  std::vector<KeyAttribute> found;
  for (const std::string& key : keys) {
    const auto at =
        std::find_if(attributes.begin(), attributes.end(), [&](auto& attribute) { return attribute.name == key; });
    if (at != attributes.end()) {
      found.push_back(*at);
      continue;
    }
    if (of == KeyOf::table && keys.size() == 2)
      refuse(dynamo::validation_error("Invalid KeySchema: Some index key attribute have no definition"));
    refuse(dynamo::invalid_parameter("Some index key attributes are not defined in AttributeDefinitions. Keys: [" +
                                     joined(keys) + "], AttributeDefinitions: [" + joined(defined) + "]"));
  }
  check_distinct(elements);
  check_kinds(elements, of);
  dynamo::KeySchema schema{found[0], std::nullopt};
  for (std::size_t i = 1; i < found.size(); ++i) {
    if (elements[i].kind == "HASH") schema.more_partition.push_back(std::move(found[i]));
    else if (schema.sort) schema.more_sort.push_back(std::move(found[i]));
    else schema.sort = std::move(found[i]);
  }
  return schema;
}

dynamo::Throughput read_throughput(const json::object& units, const std::string& path, RequestReader& outer) {
  RequestReader reader(units, path, outer);
  dynamo::Throughput out;
  out.read = reader.required_integer("ReadCapacityUnits", 1);
  out.write = reader.required_integer("WriteCapacityUnits", 1);
  for (const auto& [name, value] :
       {std::pair("ReadCapacityUnits", out.read), std::pair("WriteCapacityUnits", out.write)}) {
    if (value <= dynamo::limits::throughput_max) continue;
    refuse(dynamo::validation_error("Given value " + std::to_string(value) + " for " + name + " is out of bounds"));
  }
  return out;
}

dynamo::IndexProjection read_projection(RequestReader& reader, const std::string& path) {
  RequestReader one(reader.required_object("Projection"), path + ".projection", reader);
  dynamo::IndexProjection projection;
  const std::optional<std::string> kind = one.choice("ProjectionType", projection_types);
  if (reader.has("Projection") && !one.has("ProjectionType"))
    refuse(dynamo::invalid_parameter("Unknown ProjectionType: null"));
  if (kind == "INCLUDE") projection.kind = dynamo::IndexProjection::Kind::include;
  if (kind == "KEYS_ONLY") projection.kind = dynamo::IndexProjection::Kind::keys_only;
  if (!one.has("NonKeyAttributes")) return projection;
  for (const json::value& name :
       one.required_array("NonKeyAttributes", 1, dynamo::limits::projected_attributes_of_index_max)) {
    if (!name.is_string()) refuse(dynamo::serialization_error("NUMBER_VALUE cannot be converted to String"));
    projection.attributes.emplace_back(name.get_string().data(), name.get_string().size());
  }
  return projection;
}

// `prefix` of the places of the members: "", or that of an index.
void read_notes(RequestReader& reader, const std::string& prefix, dynamo::ThroughputNotes& notes) {
  notes.on_demand_max = read_maximum(reader, prefix + "onDemandThroughput", {-1, -1}).value_or(notes.on_demand_max);
  notes.warm = read_warming(reader, prefix + "warmThroughput").value_or(dynamo::Throughput());
}

// An index whose keys wait for the attribute definitions.
struct IndexInput {
  dynamo::IndexDefinition definition;
  std::vector<KeyElement> keys;
};

KeyOf key_of(const IndexInput& index) { return index.definition.global ? KeyOf::global_index : KeyOf::local_index; }

IndexInput read_index(const json::object& input, const std::string& path, bool global, RequestReader& outer) {
  RequestReader reader(input, path, outer);
  IndexInput out;
  out.definition.name = reader.checked_name("IndexName", index_name_min);
  out.definition.global = global;
  out.keys = read_key_elements(reader, path + ".keySchema", global ? global_key_elements_max : key_elements_max);
  out.definition.projection = read_projection(reader, path);
  if (const json::object* units = reader.object("ProvisionedThroughput")) {
    out.definition.throughput = read_throughput(*units, path + ".provisionedThroughput", reader);
  }
  if (global) read_notes(reader, path + ".", out.definition.notes);
  return out;
}

std::vector<IndexInput> read_indexes(RequestReader& reader, std::string_view name, const std::string& path,
                                     bool global) {
  std::vector<IndexInput> out;
  const json::array* indexes = reader.array(name);
  if (!indexes) return out;
  if (indexes->empty()) refuse(dynamo::invalid_parameter("List of " + std::string(name) + " is empty"));
  for (std::size_t i = 0; i < indexes->size(); ++i) {
    out.push_back(read_index(structure((*indexes)[i]), member_place(path, i), global, reader));
  }
  return out;
}

void check_billing(const dynamo::TableDefinition& table, bool has_throughput) {
  if (table.on_demand && has_throughput) {
    refuse(dynamo::invalid_parameter(
        "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST"));
  }
  if (!table.on_demand && !has_throughput) {
    refuse(dynamo::invalid_parameter(
        "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED"));
  }
}

void read_new_index(RequestReader& update, const json::object& create, const std::string& path,
                    const std::vector<KeyAttribute>& attributes, dynamo::UpdateTable& out) {
  IndexInput index = read_index(create, path + ".create", true, update);
  if (index.keys.empty()) return;  // noted
  if (out.attributes.empty()) {
    refuse(dynamo::invalid_parameter("AttributeDefinitions is not specified for index: " + index.definition.name));
  }
  index.definition.keys = key_schema(index.keys, attributes, KeyOf::global_index);
  out.create_index = std::move(index.definition);
}

void read_index_change(RequestReader& update, const json::object& change, const std::string& path,
                       const dynamo::TableDefinition& known, dynamo::UpdateTable& out) {
  RequestReader reader(change, path + ".update", update);
  const std::string name = reader.checked_name("IndexName", index_name_min);
  const auto same = [&](const auto& other) { return other.first == name; };
  if (std::any_of(out.index_throughput.begin(), out.index_throughput.end(), same)) {
    refuse(dynamo::invalid_parameter(
        "Only one global secondary index update per index is allowed simultaneously. Index: " + name));
  }
  const dynamo::IndexDefinition* index = known.index(name);
  const dynamo::Throughput maximum = index ? index->notes.on_demand_max : dynamo::Throughput{-1, -1};
  dynamo::UpdateTable::IndexNotes notes{name, read_maximum(reader, path + ".update.onDemandThroughput", maximum),
                                        read_warming(reader, path + ".update.warmThroughput")};
  const bool has_notes = notes.on_demand_max || notes.warm;
  if (has_notes) out.index_notes.push_back(std::move(notes));
  if (has_notes && !reader.has("ProvisionedThroughput")) return;
  const json::object& units = reader.required_object("ProvisionedThroughput");
  out.index_throughput.emplace_back(name, read_throughput(units, path + ".update.provisionedThroughput", reader));
}

void read_index_update(RequestReader& update, const std::string& path, const std::vector<KeyAttribute>& attributes,
                       const dynamo::TableDefinition& known, dynamo::UpdateTable& out) {
  const json::object *create = update.object("Create"), *erase = update.object("Delete"), *change = update.object("Update");
  const int actions = (create ? 1 : 0) + (erase ? 1 : 0) + (change ? 1 : 0);
  if (actions == 0) {
    refuse(dynamo::invalid_parameter("One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, "
                                     "GlobalSecondaryIndexUpdate.Delete must not be null"));
  }
  if (actions > 1) {
    refuse(dynamo::invalid_parameter(
        "Only one global secondary index action is allowed per GlobalSecondaryIndexUpdate object"));
  }
  if (!change && (out.create_index || out.erase_index)) {
    refuse({"LimitExceededException",
            "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table"});
  }
  if (create) return read_new_index(update, *create, path, attributes, out);
  if (change) return read_index_change(update, *change, path, known, out);
  RequestReader reader(*erase, path + ".delete", update);
  out.erase_index = reader.checked_name("IndexName", index_name_min);
}

void read_index_updates(RequestReader& reader, const dynamo::TableDefinition& known, dynamo::UpdateTable& out) {
  const json::array* updates = reader.array("GlobalSecondaryIndexUpdates");
  if (!updates) return;
  if (updates->empty()) refuse(dynamo::invalid_parameter("List of GlobalSecondaryIndexUpdates is empty"));
  std::vector<KeyAttribute> attributes = out.attributes;
  attributes.insert(attributes.end(), known.attributes.begin(), known.attributes.end());
  for (std::size_t i = 0; i < updates->size(); ++i) {
    const std::string path = member_place("globalSecondaryIndexUpdates", i);
    RequestReader update(structure((*updates)[i]), path, reader);
    read_index_update(update, path, attributes, known, out);
  }
}

}  // namespace

dynamo::TableDefinition read_create_table(const json::object& input, const Instance& instance) {
  RequestReader reader(input);
  dynamo::TableDefinition table;
  table.name = reader.checked_name("TableName", table_name_min);
  table.attributes = read_attributes(reader, reader.required_array("AttributeDefinitions", 0, SIZE_MAX));
  const std::vector<KeyElement> keys = read_key_elements(reader, "keySchema", key_elements_max);
  std::vector<IndexInput> indexes = read_indexes(reader, "LocalSecondaryIndexes", "localSecondaryIndexes", false);
  for (IndexInput& index : read_indexes(reader, "GlobalSecondaryIndexes", "globalSecondaryIndexes", true))
    indexes.push_back(std::move(index));
  table.on_demand = reader.choice("BillingMode", billing_modes) == "PAY_PER_REQUEST";
  const json::object* units = reader.object("ProvisionedThroughput");
  if (units) table.throughput = read_throughput(*units, "provisionedThroughput", reader);
  read_notes(reader, "", table.notes);
  table.table_class = read_table_class(reader).value_or("");
  table.deletion_protection = reader.flag("DeletionProtectionEnabled");
  const std::optional<Encryption> encryption = read_encryption(reader, instance);
  if (encryption) table.encryption_key = encryption->key;
  if (reader.has("Tags")) table.tags = read_tags(reader, "Tags");
  const std::optional<StreamSpecification> stream = read_stream(reader);
  const std::optional<std::string> policy = reader.text("ResourcePolicy");
  reader.finish();
  refuse_unsupported(reader);
  table.stream = stream_of_new_table(stream);
  check_billing(table, units != nullptr);
  table.keys = key_schema(keys, table.attributes, KeyOf::table);
  for (IndexInput& index : indexes) {
    index.definition.keys = key_schema(index.keys, table.attributes, key_of(index));
    table.indexes.push_back(std::move(index.definition));
  }
  dynamo::check(table).value();
  dynamo::check_notes(table).value();
  if (policy) table.policy = new_policy(*policy, Timestamp::now());
  return table;
}

dynamo::UpdateTable read_update_table(const json::object& input, const dynamo::TableDefinition& known,
                                      const Instance& instance) {
  RequestReader reader(input);
  dynamo::UpdateTable out;
  out.table = reader.table_name();
  if (const auto mode = reader.choice("BillingMode", billing_modes)) out.on_demand = *mode == "PAY_PER_REQUEST";
  if (const json::object* units = reader.object("ProvisionedThroughput")) {
    out.throughput = read_throughput(*units, "provisionedThroughput", reader);
  }
  out.on_demand_max = read_maximum(reader, "onDemandThroughput", known.notes.on_demand_max);
  out.warm = read_warming(reader, "warmThroughput");
  if (reader.has("DeletionProtectionEnabled")) out.deletion_protection = reader.flag("DeletionProtectionEnabled");
  out.table_class = read_table_class(reader);
  if (const auto encryption = read_encryption(reader, instance)) {
    out.encryption_key = encryption->key;
    out.encryption_key_named = encryption->named;
  }
  if (const json::array* attributes = reader.array("AttributeDefinitions"))
    out.attributes = read_attributes(reader, *attributes);
  read_index_updates(reader, known, out);
  const std::optional<StreamSpecification> stream = read_stream(reader);
  reader.finish();
  refuse_unsupported(reader);
  out.stream = stream_of_update(stream, out);
  return out;
}

static std::optional<std::vector<dynamo::IndexDefinition>> read_index_override(
    RequestReader& reader, std::string_view name, const std::string& path, bool global,
    const std::vector<KeyAttribute>& attributes) {
  const json::array* wanted = reader.array(name);
  if (!wanted) return std::nullopt;
  std::vector<dynamo::IndexDefinition> out;
  if (wanted->empty()) return out;  // none of them
  for (IndexInput& index : read_indexes(reader, name, path, global)) {
    index.definition.keys = index.keys.empty() ? dynamo::KeySchema() : key_schema(index.keys, attributes, key_of(index));
    out.push_back(std::move(index.definition));
  }
  return out;
}

dynamo::NewTable read_new_table(const json::object& input, const std::vector<KeyAttribute>& attributes,
                                const Instance& instance) {
  RequestReader reader(input);
  dynamo::NewTable out;
  out.name = reader.checked_name("TargetTableName", table_name_min);
  if (const auto mode = reader.choice("BillingModeOverride", billing_modes)) out.on_demand = *mode == "PAY_PER_REQUEST";
  if (const json::object* units = reader.object("ProvisionedThroughputOverride")) {
    out.throughput = read_throughput(*units, "provisionedThroughputOverride", reader);
  }
  json::object settings;  // by the names that they have elsewhere
  if (const json::value* sse = reader.find("SSESpecificationOverride")) settings["SSESpecification"] = *sse;
  if (const json::value* maximum = reader.find("OnDemandThroughputOverride")) settings["OnDemandThroughput"] = *maximum;
  RequestReader named(settings, "", reader);
  if (const auto encryption = read_encryption(named, instance)) out.encryption_key = encryption->key;
  out.on_demand_max = read_maximum(named, "onDemandThroughputOverride", dynamo::ThroughputNotes().on_demand_max);
  out.global_indexes =
      read_index_override(reader, "GlobalSecondaryIndexOverride", "globalSecondaryIndexOverride", true, attributes);
  out.local_indexes =
      read_index_override(reader, "LocalSecondaryIndexOverride", "localSecondaryIndexOverride", false, attributes);
  reader.finish();
  refuse_unsupported(reader);
  return out;
}

dynamo::Tags read_tags(RequestReader& reader, std::string_view name) {
  dynamo::Tags out;
  const json::array& tags = reader.required_array(name, 0, dynamo::limits::tags_max);
  for (std::size_t i = 0; i < tags.size(); ++i) {
    RequestReader tag(structure(tags[i]), member_place("tags", i), reader);
    const std::string key = tag.required_text("Key");
    out.emplace_back(key, tag.required_text("Value"));
  }
  return out;
}

std::string table_of_arn(RequestReader& reader) {
  const std::string arn = reader.required_text("ResourceArn");
  reader.finish();
  constexpr std::string_view mark = ":table/";
  const std::size_t at = arn.find(mark);
  if (!arn.starts_with("arn:") || at == std::string::npos) {
    refuse(dynamo::validation_error("Invalid TableArn: Invalid ResourceArn provided as input " + arn));
  }
  const std::string rest = arn.substr(at + mark.size());
  return rest.substr(0, rest.find('/'));
}

}  // namespace croft::services::dynamodb
