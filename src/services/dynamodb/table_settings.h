// Members of CreateTable, UpdateTable and TableDescription that are kept and told, and have no effect here.
#pragma once

#include <optional>
#include <string>

#include "dynamo/tables.h"
#include "services/dynamodb/request_reader.h"
#include "types/instance.h"

namespace croft::services::dynamodb {

// SSESpecification: the ARN of the key, "" = AWS's own; nothing when it is not there.
struct Encryption {
  std::string key;
  bool named = false;  // by KMSMasterKeyId
};
std::optional<Encryption> read_encryption(RequestReader& reader, const Instance& instance);

std::optional<std::string> read_table_class(RequestReader& reader);

// OnDemandThroughput and WarmThroughput, of a table or an index at `path`. Members that are absent are as in `known`, or 0.
std::optional<dynamo::Throughput> read_maximum(RequestReader& reader, const std::string& path,
                                               const dynamo::Throughput& known);
std::optional<dynamo::Throughput> read_warming(RequestReader& reader, const std::string& path);

// Nothing is told of replicas and of indexes for vectors, which croft would not have.
void refuse_unsupported(const RequestReader& reader);

void add_settings(json::object& description, const dynamo::TableDescription& table);
// OnDemandThroughput, WarmThroughput and ProvisionedThroughput of a table or a global index.
void add_throughput(json::object& description, const dynamo::Throughput& units, const dynamo::ThroughputNotes& notes,
                    bool on_demand);

}  // namespace croft::services::dynamodb
