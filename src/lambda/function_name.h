#pragma once

#include <string>
#include <string_view>

#include "types/instance.h"
#include "types/result.h"

namespace croft::lambda {

// How requests name a function: a name, a partial ARN (123456789012:function:name) or a full ARN, each with an
// optional qualifier.
struct FunctionReference {
  std::string name;
  std::string qualifier;  // "" when none was given
};

// ValidationException for text of another form, ResourceNotFoundException for an ARN of another region or account.
Result<FunctionReference> parse_reference(std::string_view text, const Instance& instance);

// 1 to 64 of A-Z a-z 0-9 - _
bool is_function_name(std::string_view name);

std::string function_arn(const Instance& instance, std::string_view name);

}  // namespace croft::lambda
