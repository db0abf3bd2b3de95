#pragma once

#include "gateway/service.h"
#include "types/instance.h"

namespace croft::services::dynamodb {

// The operation, which refuses ARNs of tables in another account or region before it looks at anything else.
gateway::Operation with_own_tables(gateway::Operation operation, const Instance& instance);

}  // namespace croft::services::dynamodb
