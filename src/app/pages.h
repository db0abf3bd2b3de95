#pragma once

#include "app/device_side.h"
#include "gateway/gateway.h"
#include "lambda/function_logs.h"

namespace croft::app {

// The pages beside AWS's APIs: /health, and below /_croft/ what croft's own tools show. All references outlive the
// gateway. `shard` is the one the gateway runs on.
void add_pages(gateway::Gateway& gateway, DeviceSide& devices, lambda::FunctionLogs& logs, Shard& shard);

}  // namespace croft::app
