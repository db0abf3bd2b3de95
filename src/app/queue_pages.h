#pragma once

#include "gateway/gateway.h"
#include "sqs/queues.h"

namespace croft::app {

// GET /_croft/queues?after=NAME: every queue with its numbers, in pages by name. GET /_croft/queues/NAME/messages?after=PLACE:
// its messages in their order, as ReceiveMessage shows them, without receiving them: nothing is hidden, no count rises, no
// message becomes a dead letter. `queues` outlives the gateway, which runs on their shard.
void add_queue_pages(gateway::Gateway& gateway, sqs::Queues& queues);

}  // namespace croft::app
