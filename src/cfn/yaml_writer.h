#pragma once

#include <string>

#include "text/json.h"

namespace croft::cfn {

// Block-style YAML that read_template() reads back to the same value: intrinsics in long form, members in their
// order, strings quoted wherever plain they would be taken for something else. Ends with a newline.
std::string write_yaml(const json::value& v);

}  // namespace croft::cfn
