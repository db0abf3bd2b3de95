// What each operation does: read the request, ask the tables, write the answer. The arguments outlive the task.
#pragma once

#include <string>

#include "dynamo/tables.h"
#include "gateway/service.h"

namespace croft::services::dynamodb {

// item_handlers.cpp
Task<gateway::Reply> put_item(dynamo::Tables& tables, gateway::Call& call);
Task<gateway::Reply> get_item(dynamo::Tables& tables, gateway::Call& call);
Task<gateway::Reply> update_item(dynamo::Tables& tables, gateway::Call& call);
Task<gateway::Reply> delete_item(dynamo::Tables& tables, gateway::Call& call);
Task<gateway::Reply> query(dynamo::Tables& tables, gateway::Call& call);
Task<gateway::Reply> scan(dynamo::Tables& tables, gateway::Call& call);
Task<gateway::Reply> batch_get_item(dynamo::Tables& tables, gateway::Call& call);
Task<gateway::Reply> batch_write_item(dynamo::Tables& tables, gateway::Call& call);

// transact_handlers.cpp
Task<gateway::Reply> transact_write_items(dynamo::Tables& tables, gateway::Call& call);
Task<gateway::Reply> transact_get_items(dynamo::Tables& tables, gateway::Call& call);

// ttl_handlers.cpp
Task<gateway::Reply> update_time_to_live(dynamo::Tables& tables, gateway::Call& call);
Task<gateway::Reply> describe_time_to_live(dynamo::Tables& tables, gateway::Call& call);

// resource_policies.cpp
Task<gateway::Reply> put_resource_policy(dynamo::Tables& tables, gateway::Call& call);
Task<gateway::Reply> get_resource_policy(dynamo::Tables& tables, gateway::Call& call);
Task<gateway::Reply> delete_resource_policy(dynamo::Tables& tables, gateway::Call& call);

// insight_handlers.cpp
Task<gateway::Reply> update_contributor_insights(dynamo::Tables& tables, gateway::Call& call);
Task<gateway::Reply> describe_contributor_insights(dynamo::Tables& tables, gateway::Call& call);
Task<gateway::Reply> list_contributor_insights(dynamo::Tables& tables, gateway::Call& call);

// replica_handlers.cpp
Task<gateway::Reply> create_global_table(dynamo::Tables& tables, gateway::Call& call);
Task<gateway::Reply> update_global_table(dynamo::Tables& tables, gateway::Call& call);
Task<gateway::Reply> describe_global_table(dynamo::Tables& tables, gateway::Call& call);
Task<gateway::Reply> global_table_settings(dynamo::Tables& tables, gateway::Call& call);  // Describe..., Update...
Task<gateway::Reply> list_global_tables(dynamo::Tables& tables, gateway::Call& call);
Task<gateway::Reply> table_replica_auto_scaling(dynamo::Tables& tables, gateway::Call& call);  // Describe..., Update...
Task<gateway::Reply> describe_kinesis_streaming_destination(dynamo::Tables& tables, gateway::Call& call);
Task<gateway::Reply> enable_kinesis_streaming_destination(dynamo::Tables& tables, gateway::Call& call);
Task<gateway::Reply> disable_kinesis_streaming_destination(dynamo::Tables& tables, gateway::Call& call);
Task<gateway::Reply> update_kinesis_streaming_destination(dynamo::Tables& tables, gateway::Call& call);

// table_handlers.cpp
Task<gateway::Reply> create_table(dynamo::Tables& tables, gateway::Call& call);
Task<gateway::Reply> describe_table(dynamo::Tables& tables, gateway::Call& call);
Task<gateway::Reply> update_table(dynamo::Tables& tables, gateway::Call& call);
Task<gateway::Reply> delete_table(dynamo::Tables& tables, gateway::Call& call);
Task<gateway::Reply> list_tables(dynamo::Tables& tables, gateway::Call& call);
Task<gateway::Reply> describe_limits(dynamo::Tables& tables, gateway::Call& call);
Task<gateway::Reply> describe_endpoints(const std::string& region, gateway::Call& call);
Task<gateway::Reply> tag_resource(dynamo::Tables& tables, gateway::Call& call);
Task<gateway::Reply> untag_resource(dynamo::Tables& tables, gateway::Call& call);
Task<gateway::Reply> list_tags_of_resource(dynamo::Tables& tables, gateway::Call& call);

}  // namespace croft::services::dynamodb
