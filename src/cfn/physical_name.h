#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace croft::cfn {

// What a service allows in the names of its resources, as far as generated names are concerned.
struct NameRule {
  enum class Letters { any, lower_case, word };  // word: letters, digits and underscore

  std::size_t length_max = 255;
  Letters letters = Letters::any;
};

// STACK-LOGICALID-RANDOM as CloudFormation names what a template leaves unnamed; the first two are cut to fit.
// `random` is any entropy (12 bytes are used).
std::string physical_name(const NameRule& rule, std::string_view stack_name, std::string_view logical_id,
                          std::string_view random);

}  // namespace croft::cfn
