#pragma once

#include "dynamo/tables.h"
#include "gateway/service.h"
#include "types/instance.h"

namespace croft::services::dynamodb {

// Amazon DynamoDB (2012-08-10) over `tables`, which outlives the service.
gateway::Service dynamodb_service(dynamo::Tables& tables, const Instance& instance);

}  // namespace croft::services::dynamodb
