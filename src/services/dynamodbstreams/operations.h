#pragma once

#include "dynamo/tables.h"
#include "gateway/service.h"

namespace croft::services::dynamodbstreams {

// The service "dynamodbstreams": how the changes of tables are read.
gateway::Service dynamodbstreams_service(dynamo::Tables& tables);

}  // namespace croft::services::dynamodbstreams
