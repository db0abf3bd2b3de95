// {{resolve:service:key}}: croft has no SSM parameters or secrets to put in their place.
#pragma once

#include "text/json.h"
#include "types/result.h"

namespace croft::cfn {

// ValidationError naming the first dynamic reference in any text of `v`, also one that a function is yet to complete.
// Source: CloudFormation User Guide, "Get values stored in other services using dynamic references".
Result<void> refuse_dynamic_references(const json::value& v);

}  // namespace croft::cfn
