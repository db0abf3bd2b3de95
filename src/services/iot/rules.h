#pragma once

#include "gateway/service.h"
#include "identity/roles.h"
#include "rules/engine.h"

namespace croft::services::iot {

// What the operations on topic rules work with; all of it outlives the service.
struct RuleParts {
  rules::Engine& engine;
  Store& store;
  const identity::Roles& roles;
};

// Adds the topic rule operations of AWS IoT Core to its service.
void add_rule_operations(gateway::Service& service, RuleParts parts);

}  // namespace croft::services::iot
