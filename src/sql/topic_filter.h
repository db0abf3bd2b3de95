#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace croft::sql {

// Why `filter` cannot stand in FROM (wildcards not whole levels, # not last, empty, over AWS's topic limits), or
// nothing.
std::optional<std::string> topic_filter_problem(std::string_view filter);

}  // namespace croft::sql
