// The inputs of the operations on items, as the requests of dynamo/. Refusals are thrown as ApiError.
#pragma once

#include "dynamo/requests.h"
#include "text/json.h"

namespace croft::services::dynamodb {

enum class CapacityWanted { none, total, indexes };

class RequestReader;
CapacityWanted read_capacity(RequestReader& reader);  // ReturnConsumedCapacity
bool read_collection_size(RequestReader& reader);     // ReturnItemCollectionMetrics: SIZE

// A request and what its answer shall tell beside its result.
template <class Request>
struct Read {
  Request request;
  CapacityWanted capacity = CapacityWanted::none;
  bool collection_size = false;
};

Read<dynamo::PutItem> read_put(const json::object& input);
Read<dynamo::UpdateItem> read_update(const json::object& input);
Read<dynamo::DeleteItem> read_delete(const json::object& input);
Read<dynamo::GetItem> read_get(const json::object& input);
Read<dynamo::Query> read_query(const json::object& input);
Read<dynamo::Scan> read_scan(const json::object& input);
Read<dynamo::BatchGet> read_batch_get(const json::object& input);
Read<dynamo::BatchWrite> read_batch_write(const json::object& input);

}  // namespace croft::services::dynamodb
