#pragma once

#include "gateway/service.h"
#include "rules/engine.h"

namespace croft::services::iot {

// Adds the topic rule operations of AWS IoT Core to its service; `engine` and `store` outlive it.
void add_rule_operations(gateway::Service& service, rules::Engine& engine, Store& store);

}  // namespace croft::services::iot
