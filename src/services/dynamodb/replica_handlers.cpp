// What croft has none of: global tables, replicas and their scaling, Kinesis streams that tables feed. Questions get the
// answer that a table without them has; what would make one is refused.
#include <algorithm>

#include "dynamo/errors.h"
#include "dynamo/limits.h"
#include "services/dynamodb/handlers.h"
#include "services/dynamodb/request_reader.h"

namespace croft::services::dynamodb {

namespace {

// What AWS says since 2026. Source: its answers.
Error legacy_global_tables() {
  return dynamo::invalid_parameter(
      "DynamoDB global tables version 2017.11.29 is not supported. We recommend using DynamoDB global tables version "
      "2019.11.21, instead of version 2017.11.29 (Legacy).");
}

std::string not_there(const std::string& name) { return "Global table with name: '" + name + "' does not exist."; }

std::string global_table_name(RequestReader& reader) { return reader.checked_name("GlobalTableName", 3); }

void check_table(const dynamo::Tables& tables, const std::string& name) {
  if (!tables.open(name)) refuse(dynamo::table_not_found(name));
}

struct Destination {
  std::string table;
  std::string stream;
};

// TableName and StreamArn of a table that is there.
Destination read_destination(const dynamo::Tables& tables, const gateway::Call& call) {
  RequestReader reader(call.input);
  Destination out{reader.table_name(), reader.required_text("StreamArn")};
  reader.finish();
  check_table(tables, out.table);
  return out;
}

[[noreturn]] void refuse_destination(const std::string& why) {
  refuse(dynamo::validation_error("Table is not in a valid state to enable Kinesis Streaming Destination: " + why));
}

}  // namespace

Task<gateway::Reply> create_global_table(dynamo::Tables&, gateway::Call& call) {
  RequestReader reader(call.input);
  global_table_name(reader);
  reader.required_array("ReplicationGroup", 0, SIZE_MAX);
  reader.finish();
  refuse(legacy_global_tables());
  co_return gateway::Reply();
}

Task<gateway::Reply> update_global_table(dynamo::Tables&, gateway::Call& call) {
  RequestReader reader(call.input);
  const std::string name = global_table_name(reader);
  const json::array& updates = reader.required_array("ReplicaUpdates", 0, SIZE_MAX);
  reader.finish();
  if (updates.empty()) refuse(dynamo::validation_error("One or more parameter values were invalid"));
  const auto creates = [](const json::value& update) { return update.is_object() && update.get_object().contains("Create"); };
  if (std::any_of(updates.begin(), updates.end(), creates)) refuse(legacy_global_tables());
  refuse({"GlobalTableNotFoundException", "Global table not found: " + not_there(name)});
  co_return gateway::Reply();
}

Task<gateway::Reply> describe_global_table(dynamo::Tables&, gateway::Call& call) {
  RequestReader reader(call.input);
  const std::string name = global_table_name(reader);
  reader.finish();
  refuse({"GlobalTableNotFoundException", "Global table not found: " + not_there(name)});
  co_return gateway::Reply();
}

Task<gateway::Reply> global_table_settings(dynamo::Tables&, gateway::Call& call) {
  RequestReader reader(call.input);
  const std::string name = global_table_name(reader);
  reader.finish();
  refuse({"GlobalTableNotFoundException", not_there(name)});
  co_return gateway::Reply();
}

Task<gateway::Reply> list_global_tables(dynamo::Tables&, gateway::Call& call) {
  RequestReader reader(call.input);
  if (reader.has("ExclusiveStartGlobalTableName")) reader.checked_name("ExclusiveStartGlobalTableName", 3);
  reader.integer("Limit", 1);
  reader.text("RegionName");
  reader.finish();
  gateway::Reply reply;
  reply.output["GlobalTables"] = json::array();
  co_return reply;
}

Task<gateway::Reply> table_replica_auto_scaling(dynamo::Tables&, gateway::Call& call) {
  RequestReader reader(call.input);
  const std::string name = reader.table_name();
  reader.finish();
  refuse({"ResourceNotFoundException", not_there(name)});
  co_return gateway::Reply();
}

Task<gateway::Reply> describe_kinesis_streaming_destination(dynamo::Tables& tables, gateway::Call& call) {
  RequestReader reader(call.input);
  const std::string name = reader.table_name();
  reader.finish();
  check_table(tables, name);
  gateway::Reply reply;
  reply.output = {{"TableName", name}, {"KinesisDataStreamDestinations", json::array()}};
  co_return reply;
}

Task<gateway::Reply> enable_kinesis_streaming_destination(dynamo::Tables& tables, gateway::Call& call) {
  const Destination destination = read_destination(tables, call);
  refuse(dynamo::validation_error("Kinesis streaming destinations are not supported: " + destination.stream));
  co_return gateway::Reply();
}

Task<gateway::Reply> disable_kinesis_streaming_destination(dynamo::Tables& tables, gateway::Call& call) {
  read_destination(tables, call);
  refuse_destination("KinesisStreamingDestination must be ACTIVE to perform DISABLE operation.");
  co_return gateway::Reply();
}

Task<gateway::Reply> update_kinesis_streaming_destination(dynamo::Tables& tables, gateway::Call& call) {
  const Destination destination = read_destination(tables, call);
  refuse_destination("Kinesis streaming is not in ACTIVE state. Updates are only allowed in ACTIVE state. TableName: " +
                     destination.table + ", kdsArn: " + destination.stream);
  co_return gateway::Reply();
}

}  // namespace croft::services::dynamodb
