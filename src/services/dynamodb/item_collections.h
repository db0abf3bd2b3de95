// What ReturnItemCollectionMetrics asks after a write.
#pragma once

#include "dynamo/tables.h"
#include "services/dynamodb/replies.h"

namespace croft::services::dynamodb {

// The tables and the items or keys of a write. Empty when nobody asked.
using Affected = std::vector<std::pair<std::string, dynamo::Item>>;

Task<Collections> collections_of(const dynamo::Tables& tables, Affected affected);

}  // namespace croft::services::dynamodb
