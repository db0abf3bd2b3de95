#pragma once

#include <string_view>

#include "text/json.h"
#include "types/result.h"

namespace croft::cfn {

// A JSON template: like json::parse(), but with duplicate names refused, template_depth_max as the depth, and
// ValidationError "Template format error: JSON not well-formed. (line L, column C)".
Result<json::value> read_json(std::string_view text);

}  // namespace croft::cfn
