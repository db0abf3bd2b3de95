#pragma once

#include <string_view>

#include "text/json.h"

namespace croft::gateway {

// Whether an operation of that name, with that input, only looks: for callers who may change nothing. By the verbs with which
// AWS's own reading operations begin; what begins otherwise is taken for a change, and so are those that read as a trick:
// credentials are handed out, messages of a queue are hidden from others. PartiQL is judged by its statement.
// Source: AWS's managed policy ReadOnlyAccess, and "Table of actions" (access level List or Read) of each service.
bool only_reads(std::string_view operation, const json::object& input);

}  // namespace croft::gateway
