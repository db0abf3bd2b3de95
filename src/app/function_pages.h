#pragma once

#include "gateway/gateway.h"
#include "lambda/function_logs.h"
#include "lambda/invoker.h"

namespace croft::app {

// GET /_croft/functions: what each function did since croft started, and its workers.
// GET /_croft/functions/NAME/logs?after=SEQUENCE&wait=MILLISECONDS: its lines.
// GET /_croft/functions/NAME/invocations?after=SEQUENCE: the latest, with their events.
// The references outlive the gateway. `shard` is the one the gateway runs on.
void add_function_pages(gateway::Gateway& gateway, lambda::Functions& functions, lambda::Invoker& invoker,
                        lambda::FunctionLogs& logs, Shard& shard);

}  // namespace croft::app
