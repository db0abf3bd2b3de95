// The inputs of the operations on items, as the requests of dynamo/. Refusals are thrown as ApiError.
#pragma once

#include <map>
#include <string>

#include "dynamo/requests.h"
#include "text/json.h"

namespace croft::services::dynamodb {

enum class CapacityWanted { none, total, indexes };

class RequestReader;
CapacityWanted read_capacity(RequestReader& reader);  // ReturnConsumedCapacity
bool read_collection_size(RequestReader& reader);     // ReturnItemCollectionMetrics: SIZE

// What a request calls a table, by the table's name: an answer says ARN where ARN was said. Source: API Reference,
// ConsumedCapacity and BatchGetItem.
class AskedNames {
 public:
  // The first ARN stays.
  void add(const std::string& table, std::string asked) {
    if (asked != table) names_.emplace(table, std::move(asked));
  }
  const std::string& of(const std::string& table) const {
    const auto found = names_.find(table);
    return found == names_.end() ? table : found->second;
  }

 private:
  std::map<std::string, std::string> names_;  // without those that are the same
};

// A request and what its answer shall tell beside its result.
template <class Request>
struct Read {
  Request request;
  AskedNames names{};
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
