#pragma once

#include "broker/client.h"
#include "observe/timelines.h"

namespace croft::broker {

// A lifecycle event as people read it. `state`: the client as the event left it, if that is known.
trace::TimelineEntry timeline_entry(const LifecycleEvent& event, const ClientState* state, const trace::Id& id);

// So many messages of a client.
trace::TimelineEntry published_entry(std::uint64_t messages, Timestamp since, Timestamp until);

}  // namespace croft::broker
