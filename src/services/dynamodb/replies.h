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
// `table` and the like: as the request called it (AskedNames).
gateway::Reply reply_page(const dynamo::Page& page, const std::string& table, bool count_only, CapacityWanted capacity);
gateway::Reply reply_batch_got(const dynamo::BatchGot& got, const json::object& request_items,
                               CapacityWanted capacity);
gateway::Reply reply_batch_written(const dynamo::BatchWritten& written, const Read<dynamo::BatchWrite>& input,
                                   const json::object& request_items, const Collections& collections);
gateway::Reply reply_transact_written(const dynamo::TransactWritten& written, CapacityWanted capacity,
                                      const Collections& collections, const AskedNames& names = {});
gateway::Reply reply_transact_got(const dynamo::TransactGot& got, CapacityWanted capacity, const AskedNames& names = {});

json::object consumed(const dynamo::Capacity& capacity, const std::string& table, CapacityWanted wanted);

// ConsumedCapacity of a transaction; `kind` is "ReadCapacityUnits" or "WriteCapacityUnits".
json::array transaction_capacity(const dynamo::CapacityByTable& capacity, CapacityWanted wanted, std::string_view kind,
                                 const AskedNames& names = {});

// TableDescription.
json::object description(const dynamo::TableDescription& table);

}  // namespace croft::services::dynamodb
