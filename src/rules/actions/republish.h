#pragma once

#include "rules/actions/action_types.h"

namespace croft::rules {

// republish: publishes the outgoing payload to another topic. Source: AWS IoT developer guide, "Republish".
void add_republish_action(ActionTypes& types);

}  // namespace croft::rules
