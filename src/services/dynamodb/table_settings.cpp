#include "services/dynamodb/table_settings.h"

#include <algorithm>

#include "dynamo/errors.h"
#include "dynamo/limits.h"
#include "text/digest.h"

namespace croft::services::dynamodb {

namespace {

constexpr std::string_view encryption_types[] = {"AES256", "KMS"};
constexpr std::string_view table_classes[] = {"STANDARD", "STANDARD_INFREQUENT_ACCESS"};
// Of global tables, and of indexes for vectors.
constexpr std::string_view unsupported_members[] = {
    "ReplicaUpdates", "MultiRegionConsistency", "GlobalTableWitnessUpdates", "GlobalTableSettingsReplicationMode",
    "GlobalTableSourceArn", "DisassociationProtectionEnabled", "VectorIndexes", "VectorIndexUpdates", "VectorIndexOverride"};

// alias/aws/dynamodb has a key of its own in each account and region.
std::string managed_key(const Instance& instance) {
  const std::string digest = text::sha256("alias/aws/dynamodb " + instance.account_id + " " + instance.region);
  return instance.arn("kms", "key/" + text::uuid_from(std::string_view(digest).substr(0, 16)));
}

// Here are no keys to look up: an alias stays one.
std::string key_arn(const std::string& id, const Instance& instance) {
  if (id.starts_with("arn:")) return id;
  return instance.arn("kms", id.starts_with("alias/") ? id : "key/" + id);
}

json::object pair_of(std::string_view read, std::string_view write, const dynamo::Throughput& units) {
  json::object out;
  if (units.read != -1) out[read] = units.read;
  if (units.write != -1) out[write] = units.write;
  return out;
}

}  // namespace

std::optional<Encryption> read_encryption(RequestReader& reader, const Instance& instance) {
  const json::object* specification = reader.object("SSESpecification");
  if (!specification) return std::nullopt;
  RequestReader inner(*specification, "sSESpecification", reader);
  const std::optional<std::string> type = inner.choice("SSEType", encryption_types);
  const std::optional<std::string> key = inner.text("KMSMasterKeyId");
  const bool enabled = inner.flag("Enabled", type.has_value() || key.has_value());
  const auto refuse_with = [](std::string_view why) { refuse(dynamo::invalid_parameter(why)); };
  if (!enabled && type) refuse_with("SSEType can not be specified if Enabled is false");
  if (!enabled && key) refuse_with("KMSMasterKeyId can not be specified if Enabled is false");
  if (type == "AES256") refuse_with("SSEType AES256 is not supported");
  if (key && !type) refuse_with("SSEType KMS is required if KMSMasterKeyId is specified");
  if (!enabled) return Encryption{};
  return Encryption{key ? key_arn(*key, instance) : managed_key(instance), key.has_value()};
}

std::optional<std::string> read_table_class(RequestReader& reader) {
  std::optional<std::string> wanted = reader.text("TableClass");
  if (!wanted || std::find(std::begin(table_classes), std::end(table_classes), *wanted) != std::end(table_classes)) {
    return wanted;
  }
  refuse(dynamo::validation_error("Invalid table-class parameter provided. Please try again with a valid table-class value: "
                                  "[STANDARD, STANDARD_INFREQUENT_ACCESS]."));
}

std::optional<dynamo::Throughput> read_maximum(RequestReader& reader, const std::string& path,
                                               const dynamo::Throughput& known) {
  const json::object* maxima = reader.object("OnDemandThroughput");
  if (!maxima) return std::nullopt;
  RequestReader inner(*maxima, path, reader);
  return dynamo::Throughput{inner.integer("MaxReadRequestUnits", INT64_MIN).value_or(known.read),
                            inner.integer("MaxWriteRequestUnits", INT64_MIN).value_or(known.write)};
}

std::optional<dynamo::Throughput> read_warming(RequestReader& reader, const std::string& path) {
  const json::object* units = reader.object("WarmThroughput");
  if (!units) return std::nullopt;
  RequestReader inner(*units, path, reader);
  return dynamo::Throughput{inner.integer("ReadUnitsPerSecond", 1).value_or(0),
                            inner.integer("WriteUnitsPerSecond", 1).value_or(0)};
}

void refuse_unsupported(const RequestReader& reader) {
  for (const std::string_view name : unsupported_members) {
    const json::value* value = reader.find(name);
    if (!value || *value == json::value(false)) continue;
    refuse(dynamo::validation_error(std::string(name) + " is not supported"));
  }
}

void add_throughput(json::object& description, const dynamo::Throughput& units, const dynamo::ThroughputNotes& notes,
                    bool on_demand) {
  json::object provisioned{{"NumberOfDecreasesToday", notes.decreases_on_the_day_of(Timestamp::now())},
                           {"ReadCapacityUnits", units.read},
                           {"WriteCapacityUnits", units.write}};
  if (notes.increased.ms) provisioned["LastIncreaseDateTime"] = notes.increased.seconds();
  if (notes.decreased.ms) provisioned["LastDecreaseDateTime"] = notes.decreased.seconds();
  description["ProvisionedThroughput"] = std::move(provisioned);
  json::object maximum = pair_of("MaxReadRequestUnits", "MaxWriteRequestUnits", notes.on_demand_max);
  if (!maximum.empty()) description["OnDemandThroughput"] = std::move(maximum);
  json::object warm = pair_of("ReadUnitsPerSecond", "WriteUnitsPerSecond", warm_throughput(notes, units, on_demand));
  warm["Status"] = "ACTIVE";
  description["WarmThroughput"] = std::move(warm);
}

void add_settings(json::object& description, const dynamo::TableDescription& table) {
  const dynamo::TableDefinition& definition = table.definition;
  add_throughput(description, definition.throughput, definition.notes, definition.on_demand);
  if (definition.was_on_demand) {
    description["BillingModeSummary"] =
        json::object{{"BillingMode", definition.on_demand ? "PAY_PER_REQUEST" : "PROVISIONED"},
                     {"LastUpdateToPayPerRequestDateTime", definition.on_demand_since.seconds()}};
  }
  if (!definition.table_class.empty())
    description["TableClassSummary"] = json::object{{"TableClass", definition.table_class}};
  if (!definition.encryption_key.empty()) {
    description["SSEDescription"] =
        json::object{{"Status", table.encryption_status.empty() ? "ENABLED" : table.encryption_status},
                     {"SSEType", "KMS"},
                     {"KMSMasterKeyArn", definition.encryption_key}};
  }
}

}  // namespace croft::services::dynamodb
