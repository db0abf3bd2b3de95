#pragma once

#include "gateway/hosted_service.h"
#include "gateway/served_call.h"

namespace croft::gateway {

// What a call that was just decoded asks for. Cost: of a service that speaks JSON a copy of at most watched_input_bytes_max;
// of others the document is written anew.
CallInput input_of(const HostedService& hosted, const Operation& operation, const Call& call);

}  // namespace croft::gateway
