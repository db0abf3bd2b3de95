// The outputs of DynamoDB's operations. Those that hold items are written as text at once.
#pragma once

#include "dynamo/requests.h"
#include "dynamo/tables.h"
#include "gateway/service.h"
#include "services/dynamodb/item_requests.h"

namespace croft::services::dynamodb {

using Collection = std::optional<dynamo::ItemCollection>;
// By table, each collection once.
using Collections = std::vector<std::pair<std::string, std::vector<dynamo::ItemCollection>>>;

gateway::Reply reply_written(dynamo::Written written, const std::string& table, CapacityWanted capacity,
                             const Collection& collection = std::nullopt);
gateway::Reply reply_found(const dynamo::Found& found, const std::string& table, CapacityWanted capacity);
gateway::Reply reply_page(const dynamo::Page& page, const dynamo::Reading& reading, CapacityWanted capacity);
gateway::Reply reply_batch_got(const dynamo::BatchGot& got, const json::object& request_items,
                               CapacityWanted capacity);
gateway::Reply reply_batch_written(const dynamo::BatchWritten& written, const dynamo::BatchWrite& request,
                                   CapacityWanted capacity, const Collections& collections = {});
gateway::Reply reply_transact_written(const dynamo::TransactWritten& written, CapacityWanted capacity,
                                      const Collections& collections);
gateway::Reply reply_transact_got(const dynamo::TransactGot& got, CapacityWanted capacity);

// ConsumedCapacity of a transaction; `kind` is "ReadCapacityUnits" or "WriteCapacityUnits".
json::array transaction_capacity(const dynamo::CapacityByTable& capacity, CapacityWanted wanted, std::string_view kind);

// TableDescription.
json::object description(const dynamo::TableDescription& table);

}  // namespace croft::services::dynamodb
