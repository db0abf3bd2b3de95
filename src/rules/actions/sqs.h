#pragma once

#include "rules/actions/action_types.h"
#include "sqs/queues.h"

namespace croft::rules {

// sqs: sends the outgoing payload to a standard queue, as text or in base64. Source: AWS IoT developer guide, "SQS".
// `queues` outlives the types.
void add_sqs_action(ActionTypes& types, sqs::Queues& queues);

}  // namespace croft::rules
