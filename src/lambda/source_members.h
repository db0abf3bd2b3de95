// How members of event source mappings are read.
#pragma once

#include <cstdint>
#include <string_view>

#include "text/json.h"
#include "types/result.h"

namespace croft::lambda {

// A null is as good as absent.
const json::value* member(const json::object& input, std::string_view name);

// Leaves `into` as it is when the member is absent. ValidationException.
Result<void> read_number(const json::object& input, std::string_view name, std::int64_t min, std::int64_t max,
                         std::int64_t& into);

}  // namespace croft::lambda
