// The inputs of the transactions. Refusals are thrown as ApiError.
#pragma once

#include "services/dynamodb/item_requests.h"

namespace croft::services::dynamodb {

Read<dynamo::TransactWrite> read_transact_write(const json::object& input);
Read<dynamo::TransactGet> read_transact_get(const json::object& input);

}  // namespace croft::services::dynamodb
