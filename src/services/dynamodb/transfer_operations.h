// Exports to buckets and imports from them.
#pragma once

#include "dynamo/exports.h"
#include "dynamo/imports.h"
#include "gateway/service.h"

namespace croft::services::dynamodb {

// All outlive the service.
void add_transfer_operations(gateway::Service& service, dynamo::Exports& exports, dynamo::Imports& imports,
                             const Instance& instance);

}  // namespace croft::services::dynamodb
