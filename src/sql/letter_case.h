#pragma once

#include <string>
#include <string_view>

namespace croft::sql {

// Letters of the Latin (with Latin-1 and Extended-A), Greek and Cyrillic alphabets change case, other characters
// stay. The text is UTF-8; so is the result.
std::string lower_case(std::string_view text);
std::string upper_case(std::string_view text);

}  // namespace croft::sql
