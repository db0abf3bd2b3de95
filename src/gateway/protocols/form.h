#pragma once

#include <string_view>

#include "text/json.h"
#include "types/result.h"

namespace croft::gateway {

// The members of a Query-protocol form, nested by the dots of their names: `A.member.1.B=x` is {"A": [{"B": "x"}]},
// `A.entry.1.key=k` {"A": [{"key": "k"}]}, `A.1=x` {"A": ["x"]}; every value is a string. Lists are ordered by their
// numbers. MalformedQueryString for names that contradict each other, are nested too deep or are too many.
Result<json::object> read_form(std::string_view form);

}  // namespace croft::gateway
