#pragma once

#include "gateway/gateway.h"
#include "rules/engine.h"
#include "types/instance.h"

namespace croft::app {

// GET /_croft/rules: every rule with its numbers. GET /_croft/rules/NAME: one, with its statement and actions. GET
// /_croft/rules/NAME/recent: the last message on its topic and its last failures. POST /_croft/rules/test: one statement
// tried on one message (sql/trial.h says in which form); nothing of croft is changed, and external functions are not
// called. A rule of the name "test" is seen by GET as any other.
void add_rule_pages(gateway::Gateway& gateway, const rules::Engine& engine);

}  // namespace croft::app
