#pragma once

#include "gateway/service.h"
#include "lambda/event_sources.h"

namespace croft::services {

// Adds the event source mapping operations to Lambda's service; `sources` outlives it.
void add_event_source_operations(gateway::Service& service, lambda::EventSources& sources);

}  // namespace croft::services
