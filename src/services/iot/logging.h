#pragma once

#include "gateway/service.h"
#include "things/iot_log.h"

namespace croft::services::iot {

// Adds the operations on the IoT log: SetV2LoggingOptions and its like. `log` outlives the service.
void add_logging_operations(gateway::Service& service, things::IotLog& log);

}  // namespace croft::services::iot
