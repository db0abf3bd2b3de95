#include "services/dynamodb/table_requests.h"

#include <algorithm>

#include "dynamo/errors.h"
#include "dynamo/limits.h"

namespace croft::services::dynamodb {

namespace {

using dynamo::KeyAttribute;

constexpr std::string_view attribute_types[] = {"B", "N", "S"};
constexpr std::string_view key_types[] = {"HASH", "RANGE"};
constexpr std::string_view projection_types[] = {"ALL", "INCLUDE", "KEYS_ONLY"};
constexpr std::string_view billing_modes[] = {"PROVISIONED", "PAY_PER_REQUEST"};
constexpr std::string_view table_classes[] = {"STANDARD", "STANDARD_INFREQUENT_ACCESS"};
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

std::vector<KeyElement> read_key_elements(RequestReader& reader, const std::string& path) {
  std::vector<KeyElement> out;
  const json::array& elements = reader.required_array("KeySchema", 1, 2);
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

dynamo::KeySchema key_schema(const std::vector<KeyElement>& elements, const std::vector<KeyAttribute>& attributes,
                             bool of_table) {
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
    if (of_table && keys.size() == 2)
      refuse(dynamo::validation_error("Invalid KeySchema: Some index key attribute have no definition"));
    refuse(dynamo::invalid_parameter("Some index key attributes are not defined in AttributeDefinitions. Keys: [" +
                                     joined(keys) + "], AttributeDefinitions: [" + joined(defined) + "]"));
  }
  if (keys.size() == 2 && keys[0] == keys[1]) {
    refuse(
        dynamo::validation_error("Both the Hash Key and the Range Key element in the KeySchema have the same name"));
  }
  if (elements[0].kind != "HASH") {
    refuse(dynamo::validation_error("Invalid KeySchema: The first KeySchemaElement is not a HASH key type"));
  }
  if (elements.size() == 2 && elements[1].kind != "RANGE") {
    refuse(dynamo::validation_error("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type"));
  }
  dynamo::KeySchema schema{found[0], std::nullopt};
  if (found.size() == 2) schema.sort = found[1];
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
       one.required_array("NonKeyAttributes", 1, dynamo::limits::projected_attributes_max)) {
    if (!name.is_string()) refuse(dynamo::serialization_error("NUMBER_VALUE cannot be converted to String"));
    projection.attributes.emplace_back(name.get_string().data(), name.get_string().size());
  }
  return projection;
}

// An index whose keys wait for the attribute definitions.
struct IndexInput {
  dynamo::IndexDefinition definition;
  std::vector<KeyElement> keys;
};

IndexInput read_index(const json::object& input, const std::string& path, bool global, RequestReader& outer) {
  RequestReader reader(input, path, outer);
  IndexInput out;
  out.definition.name = reader.checked_name("IndexName", index_name_min);
  out.definition.global = global;
  out.keys = read_key_elements(reader, path + ".keySchema");
  out.definition.projection = read_projection(reader, path);
  if (const json::object* units = reader.object("ProvisionedThroughput")) {
    out.definition.throughput = read_throughput(*units, path + ".provisionedThroughput", reader);
  }
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

// Nothing is told of a stream that croft would not fill.
void refuse_streams(RequestReader& reader) {
  const json::object* stream = reader.object("StreamSpecification");
  if (stream && json::bool_or(*stream, "StreamEnabled", false)) {
    refuse(dynamo::validation_error("StreamSpecification with StreamEnabled true is not supported"));
  }
}

void refuse_replicas(RequestReader& reader) {
  if (reader.has("ReplicaUpdates")) refuse(dynamo::validation_error("ReplicaUpdates is not supported"));
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

void read_index_update(RequestReader& update, const std::string& path, const std::vector<KeyAttribute>& attributes,
                       dynamo::UpdateTable& out) {
  if (const json::object* create = update.object("Create")) {
    IndexInput index = read_index(*create, path + ".create", true, update);
    if (out.create_index || out.erase_index) {
      refuse(
          Error{"LimitExceededException",
                "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table"});
    }
    index.definition.keys = index.keys.empty() ? dynamo::KeySchema() : key_schema(index.keys, attributes, false);
    out.create_index = std::move(index.definition);
  } else if (const json::object* erase = update.object("Delete")) {
    RequestReader reader(*erase, path + ".delete", update);
    out.erase_index = reader.checked_name("IndexName", index_name_min);
  } else if (const json::object* change = update.object("Update")) {
    RequestReader reader(*change, path + ".update", update);
    const std::string name = reader.checked_name("IndexName", index_name_min);
    const json::object& units = reader.required_object("ProvisionedThroughput");
    out.index_throughput.emplace_back(name, read_throughput(units, path + ".update.provisionedThroughput", reader));
  } else {
    refuse(dynamo::invalid_parameter("One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, "
                                     "GlobalSecondaryIndexUpdate.Delete must not be null"));
  }
}

}  // namespace

dynamo::TableDefinition read_create_table(const json::object& input) {
  RequestReader reader(input);
  dynamo::TableDefinition table;
  table.name = reader.checked_name("TableName", table_name_min);
  table.attributes = read_attributes(reader, reader.required_array("AttributeDefinitions", 0, SIZE_MAX));
  const std::vector<KeyElement> keys = read_key_elements(reader, "keySchema");
  std::vector<IndexInput> indexes = read_indexes(reader, "LocalSecondaryIndexes", "localSecondaryIndexes", false);
  for (IndexInput& index : read_indexes(reader, "GlobalSecondaryIndexes", "globalSecondaryIndexes", true))
    indexes.push_back(std::move(index));
  table.on_demand = reader.choice("BillingMode", billing_modes) == "PAY_PER_REQUEST";
  const json::object* units = reader.object("ProvisionedThroughput");
  if (units) table.throughput = read_throughput(*units, "provisionedThroughput", reader);
  table.table_class = reader.choice("TableClass", table_classes).value_or("");
  table.deletion_protection = reader.flag("DeletionProtectionEnabled");
  if (reader.has("Tags")) table.tags = read_tags(reader, "Tags");
  reader.finish();
  refuse_streams(reader);
  check_billing(table, units != nullptr);
  table.keys = key_schema(keys, table.attributes, true);
  for (IndexInput& index : indexes) {
    index.definition.keys = key_schema(index.keys, table.attributes, false);
    table.indexes.push_back(std::move(index.definition));
  }
  dynamo::check(table).value();
  return table;
}

dynamo::UpdateTable read_update_table(const json::object& input, const dynamo::TableDefinition& known) {
  RequestReader reader(input);
  dynamo::UpdateTable out;
  out.table = reader.table_name();
  if (const auto mode = reader.choice("BillingMode", billing_modes)) out.on_demand = *mode == "PAY_PER_REQUEST";
  if (const json::object* units = reader.object("ProvisionedThroughput")) {
    out.throughput = read_throughput(*units, "provisionedThroughput", reader);
  }
  if (reader.has("DeletionProtectionEnabled")) out.deletion_protection = reader.flag("DeletionProtectionEnabled");
  out.table_class = reader.choice("TableClass", table_classes);
  if (const json::array* attributes = reader.array("AttributeDefinitions"))
    out.attributes = read_attributes(reader, *attributes);
  std::vector<KeyAttribute> attributes = known.attributes;
  attributes.insert(attributes.begin(), out.attributes.begin(), out.attributes.end());
  if (const json::array* updates = reader.array("GlobalSecondaryIndexUpdates")) {
    for (std::size_t i = 0; i < updates->size(); ++i) {
      const std::string path = member_place("globalSecondaryIndexUpdates", i);
      RequestReader update(structure((*updates)[i]), path, reader);
      read_index_update(update, path, attributes, out);
    }
  }
  refuse_replicas(reader);
  reader.finish();
  refuse_streams(reader);
  if (out.on_demand == true && out.throughput) {
    refuse(dynamo::invalid_parameter(
        "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST"));
  }
  if (out.on_demand == false && known.on_demand && !out.throughput) {
    refuse(dynamo::invalid_parameter(
        "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED"));
  }
  if (!out.on_demand.value_or(known.on_demand) && out.throughput == known.throughput) {
    refuse(dynamo::validation_error(
        "The provisioned throughput for the table will not change. The requested value equals the current "
        "value. Current ReadCapacityUnits provisioned for the table: " +
        std::to_string(known.throughput.read) +
        ". Requested ReadCapacityUnits: " + std::to_string(known.throughput.read) +
        ". Current WriteCapacityUnits provisioned for the table: " + std::to_string(known.throughput.write) +
        ". Requested WriteCapacityUnits: " + std::to_string(known.throughput.write) +
        ". Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits."));
  }
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
