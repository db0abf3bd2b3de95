#include "dynamo/table_changes.h"

#include <algorithm>
#include <limits>

#include "dynamo/errors.h"
#include "dynamo/limits.h"

namespace croft::dynamo {

namespace {

Error limit_exceeded(std::string_view what) {
  return {"LimitExceededException", "Subscriber limit exceeded: " + std::string(what)};
}

Error only_operation(std::string_view what) {
  return invalid_parameter(std::string(what) + " must be the only operation in the request");
}

bool changes_indexes(const UpdateTable& request) {
  return request.create_index || request.erase_index || !request.index_throughput.empty() || !request.index_notes.empty();
}

// How many things the request changes.
int concerns(const UpdateTable& request) {
  return (request.on_demand || request.throughput ? 1 : 0) + (request.on_demand_max ? 1 : 0) + (request.warm ? 1 : 0) +
         (request.deletion_protection ? 1 : 0) + (request.table_class ? 1 : 0) + (request.encryption_key ? 1 : 0) +
         (request.stream ? 1 : 0) + (changes_indexes(request) ? 1 : 0);
}

Result<void> check_combination(const UpdateTable& request) {
  const int count = concerns(request);
  if (count == 0) {
    return validation_error(
        "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates, "
        "SSESpecification, ReplicaUpdates, MultiAccountReplicaReady, ReplicaTransitRoleArn, MultiRegionConsistency, "
        "DeletionProtectionEnabled, OnDemandThroughput, WarmThroughput or TableClass is required");
  }
  if (count > 1 && request.encryption_key) return only_operation("Server-Side Encryption modification");
  if (count > 1 && request.table_class) return only_operation("TableClass modification");
  if (count > 1 && request.deletion_protection) return only_operation("DeletionProtection modification");
  if (request.create_index && request.warm) {
    return invalid_parameter("Create global secondary index cannot be specified when updating WarmThroughput");
  }
  if (count > 1 && request.warm) return only_operation("WarmThroughput");
  if (request.on_demand_max && (request.stream || changes_indexes(request))) {
    return invalid_parameter("OnDemandThroughput can only be combined with BillingMode in an UpdateTable request");
  }
  if (request.throughput && (request.create_index || request.erase_index)) {
    return invalid_parameter("You cannot create or delete index while updating table IOPS");
  }
  return {};
}

// An index that a request changes or deletes.
Result<const IndexDefinition*> global_index(const TableDefinition& table, const std::string& name, std::string_view verb) {
  const IndexDefinition* index = table.index(name);
  if (!index) {
    return Error{"ResourceNotFoundException",
                 "Requested resource not found: Index " + name + " for table " + table.name};
  }
  if (!index->global) {
    return validation_error("Cannot " + std::string(verb) + " an index that is not a GlobalSecondaryIndex: " + name);
  }
  return index;
}

Error no_change(const std::string& of, const Throughput& units) {
  const std::string read = std::to_string(units.read), write = std::to_string(units.write);
  return validation_error("The provisioned throughput for the " + of +
                          " will not change. The requested value equals the current value. Current ReadCapacityUnits "
                          "provisioned for the " + of + ": " + read + ". Requested ReadCapacityUnits: " + read +
                          ". Current WriteCapacityUnits provisioned for the " + of + ": " + write +
                          ". Requested WriteCapacityUnits: " + write +
                          ". Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher "
                          "limits.");
}

// Going to PROVISIONED names the units of the table and of every global index.
Result<void> check_provisioning(const TableDefinition& table, const UpdateTable& request) {
  if (request.on_demand != false || !table.on_demand) return {};
  if (!request.throughput) {
    return invalid_parameter("ProvisionedThroughput must be specified when BillingMode is PROVISIONED");
  }
  for (const IndexDefinition& index : table.indexes) {
    const auto names_it = [&](const auto& update) { return update.first == index.name; };
    if (!index.global || request.erase_index == index.name) continue;
    if (std::none_of(request.index_throughput.begin(), request.index_throughput.end(), names_it)) {
      return invalid_parameter("ProvisionedThroughput must be specified for index: " + index.name);
    }
  }
  return {};
}

Result<void> check_throughput(const TableDefinition& table, const UpdateTable& request) {
  const bool on_demand = request.on_demand.value_or(table.on_demand);
  if (on_demand && request.throughput) {
    return invalid_parameter(
        "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST");
  }
  const Result<void> provisioned = check_provisioning(table, request);
  if (!provisioned) return provisioned;
  if (!table.on_demand && request.throughput == table.throughput) return no_change("table", table.throughput);
  for (const auto& [name, units] : request.index_throughput) {
    const Result<const IndexDefinition*> index = global_index(table, name, "update");
    if (!index) return index.error();
    if (on_demand) {
      return invalid_parameter("Neither ReadCapacityUnits nor WriteCapacityUnits can be specified for index: " + name +
                               " when BillingMode is PAY_PER_REQUEST");
    }
    if (!table.on_demand && (*index)->throughput == units) return no_change("index " + name, units);
  }
  return {};
}

Result<void> check_maximum(const std::optional<Throughput>& wanted, bool on_demand, const std::string& of) {
  if (!wanted) return {};
  for (const auto& [member, units] :
       {std::pair("MaxReadRequestUnits", wanted->read), std::pair("MaxWriteRequestUnits", wanted->write)}) {
    if (!on_demand && units != -1) {
      return invalid_parameter(std::string(member) + " for OnDemandThroughput cannot be specified " +
                               (of == "table" ? "when the table" : "for " + of + " when the table") +
                               " BillingMode is PROVISIONED");
    }
    if (units == 0 || units < -1) {
      return invalid_parameter("Requested " + std::string(member) + " for OnDemandThroughput for " + of +
                               " is outside of valid range");
    }
  }
  return {};
}

Result<void> check_warming(const std::optional<Throughput>& wanted, const Throughput& now, const std::string& of) {
  if (!wanted) return {};
  for (const auto& [member, units, known] : {std::tuple("ReadUnitsPerSecond", wanted->read, now.read),
                                             std::tuple("WriteUnitsPerSecond", wanted->write, now.write)}) {
    if (units == 0 || units >= known) continue;
    return invalid_parameter("Requested " + std::string(member) + " for WarmThroughput for " + of +
                             " is lower than current WarmThroughput, decreasing WarmThroughput is not supported");
  }
  return {};
}

Result<void> check_changed_notes(const TableDefinition& table, const UpdateTable& request) {
  const bool on_demand = request.on_demand.value_or(table.on_demand);
  Result<void> checked = check_maximum(request.on_demand_max, on_demand, "table");
  if (checked) checked = check_warming(request.warm, warm_throughput(table.notes, table.throughput, table.on_demand), "table");
  for (const UpdateTable::IndexNotes& wanted : request.index_notes) {
    if (!checked) return checked;
    const Result<const IndexDefinition*> index = global_index(table, wanted.index, "update");
    if (!index) return index.error();
    checked = check_maximum(wanted.on_demand_max, on_demand, "index : " + wanted.index);
    const Throughput warm = warm_throughput((*index)->notes, (*index)->throughput, table.on_demand);
    if (checked) checked = check_warming(wanted.warm, warm, "index " + wanted.index);
  }
  return checked;
}

Result<void> check_encryption(const TableDefinition& table, const UpdateTable& request) {
  if (!request.encryption_key || *request.encryption_key != table.encryption_key) return {};
  if (table.encryption_key.empty()) return invalid_parameter("Table is already encrypted by default");
  if (!request.encryption_key_named) return {};
  return invalid_parameter(
      "Table is already encrypted with given KMSMasterKeyId. Use KMSMasterKeyId parameter if you want to change Master Key");
}

Result<void> check_new_index(const TableDefinition& table, const IndexDefinition& index, bool on_demand) {
  if (table.index(index.name)) return validation_error("Attempting to create an index which already exists");
  TableDefinition after = table;  // billed as it will be
  after.on_demand = on_demand;
  const Result<void> checked = check_index(after, index);
  if (!checked) return checked;
  std::size_t global = 1, projected = index.projection.attributes.size();
  for (const IndexDefinition& other : table.indexes) {
    global += other.global ? 1 : 0;
    projected += other.projection.attributes.size();
  }
  if (global > limits::global_indexes_max) {
    return limit_exceeded("Number of global secondary indexes exceeds per-table limit of 20");
  }
  if (projected > limits::projected_attributes_max) {
    return invalid_parameter("Number of attributes specified across all NonKeyAttributes exceeds limit of 100");
  }
  if (table.last_index < std::numeric_limits<std::uint16_t>::max()) return {};
  return limit_exceeded("Too many indexes were made of this table");
}

Result<void> check_indexes(const TableDefinition& table, const UpdateTable& request) {
  if (request.erase_index) {
    const Result<const IndexDefinition*> index = global_index(table, *request.erase_index, "delete");
    if (!index) return index.error();
  }
  if (!request.create_index && !request.erase_index) return {};
  for (const IndexDefinition& other : table.indexes) {
    if (!other.backfilling || request.erase_index == other.name) continue;
    if (request.create_index && request.create_index->name == other.name) break;  // that it is there already comes first
    return limit_exceeded("Only 1 online index can be created or deleted simultaneously per table");
  }
  if (!request.create_index) return {};
  return check_new_index(table, *request.create_index, request.on_demand.value_or(table.on_demand));
}

// Drops definitions that no key uses any more.
void drop_unused_attributes(TableDefinition& table) {
  std::erase_if(table.attributes, [&](const KeyAttribute& attribute) {
    const auto uses = [&](const IndexDefinition& index) { return index.keys.has(attribute.name); };
    return !table.keys.has(attribute.name) && std::none_of(table.indexes.begin(), table.indexes.end(), uses);
  });
}

void merge_attributes(TableDefinition& table, const std::vector<KeyAttribute>& added) {
  for (const KeyAttribute& attribute : added) {
    const auto same = [&](const KeyAttribute& known) { return known.name == attribute.name; };
    if (std::none_of(table.attributes.begin(), table.attributes.end(), same)) table.attributes.push_back(attribute);
  }
}

IndexDefinition* index_of(TableDefinition& table, const std::string& name) {
  const auto same = [&](const IndexDefinition& index) { return index.name == name; };
  const auto found = std::find_if(table.indexes.begin(), table.indexes.end(), same);
  return found == table.indexes.end() ? nullptr : &*found;
}

// Maxima are for tables on demand only, units for the others.
void change_billing(TableDefinition& table, bool on_demand, Timestamp now) {
  if (on_demand == table.on_demand) return;
  table.on_demand = on_demand;
  if (on_demand) {
    table.on_demand_since = now;
    table.was_on_demand = true;
    table.throughput = {};
  }
  table.notes.on_demand_max = {-1, -1};
  for (IndexDefinition& index : table.indexes) {
    index.notes.on_demand_max = {-1, -1};
    if (on_demand) index.throughput = {};
  }
}

void warm_up(ThroughputNotes& notes, const Throughput& wanted) {
  notes.warm = {std::max(notes.warm.read, wanted.read), std::max(notes.warm.write, wanted.write)};
}

void change_throughput(TableDefinition& table, const UpdateTable& request, Timestamp now) {
  if (request.on_demand) change_billing(table, *request.on_demand, now);
  if (request.throughput) {
    table.notes.note_change(table.throughput, *request.throughput, now);
    table.throughput = *request.throughput;
  }
  if (request.on_demand_max) table.notes.on_demand_max = *request.on_demand_max;
  if (request.warm) warm_up(table.notes, *request.warm);
  for (const auto& [name, units] : request.index_throughput) {
    IndexDefinition& index = *index_of(table, name);
    index.notes.note_change(index.throughput, units, now);
    index.throughput = units;
  }
  for (const UpdateTable::IndexNotes& wanted : request.index_notes) {
    IndexDefinition& index = *index_of(table, wanted.index);
    if (wanted.on_demand_max) index.notes.on_demand_max = *wanted.on_demand_max;
    if (wanted.warm) warm_up(index.notes, *wanted.warm);
  }
}

Result<void> check_warming_of_new(const ThroughputNotes& notes, const Throughput& units, bool on_demand,
                                 const std::string& of) {
  const Throughput least = on_demand ? warm_on_demand : units;
  for (const auto& [member, wanted, floor, provisioned] :
       {std::tuple("ReadUnitsPerSecond", notes.warm.read, least.read, "ReadCapacityUnits"),
        std::tuple("WriteUnitsPerSecond", notes.warm.write, least.write, "WriteCapacityUnits")}) {
    if (wanted == 0 || wanted >= floor) continue;
    return invalid_parameter("Requested " + std::string(member) + " for WarmThroughput for " + of + " is lower than " +
                             (on_demand ? "initial throughput for OnDemand"
                                        : std::string(provisioned) + " of ProvisionedThroughput"));
  }
  return {};
}

}  // namespace

Result<void> check_notes(const TableDefinition& table) {
  Result<void> checked = check_maximum(table.notes.on_demand_max, table.on_demand, "table");
  if (checked) checked = check_warming_of_new(table.notes, table.throughput, table.on_demand, "table");
  for (const IndexDefinition& index : table.indexes) {
    if (!checked || !index.global) continue;
    checked = check_maximum(index.notes.on_demand_max, table.on_demand, "index : " + index.name);
    if (checked) checked = check_warming_of_new(index.notes, index.throughput, table.on_demand, "index " + index.name);
  }
  return checked;
}

Result<void> check_change(const TableDefinition& table, const UpdateTable& request) {
  Result<void> checked = check_combination(request);
  if (checked) checked = check_throughput(table, request);
  if (checked) checked = check_changed_notes(table, request);
  if (checked) checked = check_encryption(table, request);
  if (checked) checked = check_indexes(table, request);
  return checked;
}

TableDefinition changed(const TableDefinition& table, const UpdateTable& request, Timestamp now) {
  TableDefinition after = table;
  change_throughput(after, request, now);
  if (request.deletion_protection) after.deletion_protection = *request.deletion_protection;
  if (request.table_class) after.table_class = *request.table_class;
  if (request.encryption_key) after.encryption_key = *request.encryption_key;
  if (request.create_index) {
    merge_attributes(after, request.attributes);
    after.indexes.push_back(*request.create_index);
    after.indexes.back().number = ++after.last_index;
    after.indexes.back().backfilling = true;
  }
  if (request.erase_index) {
    std::erase_if(after.indexes, [&](const IndexDefinition& index) { return index.name == *request.erase_index; });
    std::erase_if(after.insights, [&](const Insights& one) { return one.index == *request.erase_index; });
  }
  drop_unused_attributes(after);
  return after;
}

}  // namespace croft::dynamo
