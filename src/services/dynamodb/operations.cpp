#include "services/dynamodb/operations.h"

#include "services/dynamodb/handlers.h"

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
  service.operations = {
      {"PutItem", "", to(put_item)},
      {"GetItem", "", to(get_item)},
      {"UpdateItem", "", to(update_item)},
      {"DeleteItem", "", to(delete_item)},
      {"Query", "", to(query)},
      {"Scan", "", to(scan)},
      {"BatchGetItem", "", to(batch_get_item)},
      {"BatchWriteItem", "", to(batch_write_item)},
      {"CreateTable", "", to(create_table)},
      {"DescribeTable", "", to(describe_table)},
      {"UpdateTable", "", to(update_table)},
      {"DeleteTable", "", to(delete_table)},
      {"ListTables", "", to(list_tables)},
      {"DescribeTimeToLive", "", to(describe_time_to_live)},
      {"DescribeContinuousBackups", "", to(describe_continuous_backups)},
      {"DescribeLimits", "", to(describe_limits)},
      {"DescribeEndpoints", "",
       [region = instance.region](gateway::Call& call) { return describe_endpoints(region, call); }},
      {"TagResource", "", to(tag_resource)},
      {"UntagResource", "", to(untag_resource)},
      {"ListTagsOfResource", "", to(list_tags_of_resource)},
  };
  return service;
}

}  // namespace croft::services::dynamodb
