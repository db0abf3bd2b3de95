#include "services/dynamodb/operations.h"

#include "services/dynamodb/handlers.h"
#include "services/dynamodb/partiql_handlers.h"
#include "services/dynamodb/table_arns.h"

namespace croft::services::dynamodb {

gateway::Service dynamodb_service(dynamo::Tables& tables, const Instance& instance) {
  const auto to = [&tables](Task<gateway::Reply> (*handler)(dynamo::Tables&, gateway::Call&)) {
    return [&tables, handler](gateway::Call& call) { return handler(tables, call); };
  };
  gateway::Service service;
  service.name = "dynamodb";
  service.signing_names = {"dynamodb"};
  service.protocol = gateway::Protocol::json_1_0;
  service.target_prefix = "DynamoDB_20120810";
  service.only_reads_input = true;
  service.operations = {
      {"PutItem", "", to(put_item)},
      {"GetItem", "", to(get_item)},
      {"UpdateItem", "", to(update_item)},
      {"DeleteItem", "", to(delete_item)},
      {"Query", "", to(query)},
      {"Scan", "", to(scan)},
      {"BatchGetItem", "", to(batch_get_item)},
      {"BatchWriteItem", "", to(batch_write_item)},
      {"TransactWriteItems", "", to(transact_write_items)},
      {"TransactGetItems", "", to(transact_get_items)},
      {"ExecuteStatement", "", to(execute_statement)},
      {"BatchExecuteStatement", "", to(batch_execute_statement)},
      {"ExecuteTransaction", "", to(execute_transaction)},
      {"CreateTable", "", to(create_table)},
      {"DescribeTable", "", to(describe_table)},
      {"UpdateTable", "", to(update_table)},
      {"DeleteTable", "", to(delete_table)},
      {"ListTables", "", to(list_tables)},
      {"UpdateTimeToLive", "", to(update_time_to_live)},
      {"DescribeTimeToLive", "", to(describe_time_to_live)},
      {"DescribeLimits", "", to(describe_limits)},
      {"DescribeEndpoints", "",
       [region = instance.region](gateway::Call& call) { return describe_endpoints(region, call); }},
      {"PutResourcePolicy", "", to(put_resource_policy)},
      {"GetResourcePolicy", "", to(get_resource_policy)},
      {"DeleteResourcePolicy", "", to(delete_resource_policy)},
      {"UpdateContributorInsights", "", to(update_contributor_insights)},
      {"DescribeContributorInsights", "", to(describe_contributor_insights)},
      {"ListContributorInsights", "", to(list_contributor_insights)},
      {"CreateGlobalTable", "", to(create_global_table)},
      {"UpdateGlobalTable", "", to(update_global_table)},
      {"DescribeGlobalTable", "", to(describe_global_table)},
      {"DescribeGlobalTableSettings", "", to(global_table_settings)},
      {"UpdateGlobalTableSettings", "", to(global_table_settings)},
      {"ListGlobalTables", "", to(list_global_tables)},
      {"DescribeTableReplicaAutoScaling", "", to(table_replica_auto_scaling)},
      {"UpdateTableReplicaAutoScaling", "", to(table_replica_auto_scaling)},
      {"DescribeKinesisStreamingDestination", "", to(describe_kinesis_streaming_destination)},
      {"EnableKinesisStreamingDestination", "", to(enable_kinesis_streaming_destination)},
      {"DisableKinesisStreamingDestination", "", to(disable_kinesis_streaming_destination)},
      {"UpdateKinesisStreamingDestination", "", to(update_kinesis_streaming_destination)},
      {"TagResource", "", to(tag_resource)},
      {"UntagResource", "", to(untag_resource)},
      {"ListTagsOfResource", "", to(list_tags_of_resource)},
  };
  for (gateway::Operation& operation : service.operations) {
    if (!operation.name.ends_with("ResourcePolicy")) operation = with_own_tables(std::move(operation), instance);
  }
  return service;
}

}  // namespace croft::services::dynamodb
