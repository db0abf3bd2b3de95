#pragma once

#include <string_view>

namespace croft::dynamo {

// Whether an expression must write this attribute name through a #placeholder. Upper and lower case are alike.
bool is_reserved(std::string_view name);

}  // namespace croft::dynamo
