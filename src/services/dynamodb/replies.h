// The outputs of DynamoDB's operations. Those that hold items are written as text at once.
#pragma once

#include "dynamo/requests.h"
#include "dynamo/tables.h"
#include "gateway/service.h"
#include "services/dynamodb/item_requests.h"

namespace croft::services::dynamodb {

gateway::Reply reply_written(dynamo::Written written, const std::string& table, CapacityWanted capacity);
gateway::Reply reply_found(const dynamo::Found& found, const std::string& table, CapacityWanted capacity);
gateway::Reply reply_page(const dynamo::Page& page, const dynamo::Reading& reading, CapacityWanted capacity);
gateway::Reply reply_batch_got(const dynamo::BatchGot& got, const json::object& request_items,
                               CapacityWanted capacity);
gateway::Reply reply_batch_written(const dynamo::BatchWritten& written, const dynamo::BatchWrite& request,
                                   CapacityWanted capacity);

// TableDescription.
json::object description(const dynamo::TableDescription& table);

}  // namespace croft::services::dynamodb
