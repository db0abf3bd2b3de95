#pragma once

#include "lambda/function.h"

namespace croft::lambda {

// Applies the members of a CreateFunction or UpdateFunctionConfiguration request (the same names as the properties
// of AWS::Lambda::Function) that are present in `input` to `function`. Refuses what AWS refuses, and what croft
// cannot honour: layers, images, SnapStart on published versions. Members it does not know are ignored.
Result<Function> with_configuration(Function function, const json::object& input);

// Architectures of CreateFunction or UpdateFunctionCode: one of x86_64 and arm64. Left out, it stays as it is.
Result<void> read_architecture(const json::object& input, Function& function);

// What must be there before a function can be stored: runtime, role, handler.
Result<void> check_complete(const Function& function);

// A map key -> string from the API, or CloudFormation's list of {Key, Value}.
Result<json::object> read_tags(const json::value& tags);

// python3.x, nodejs*.x, provided.al2, provided.al2023.
bool is_known_runtime(std::string_view runtime);

}  // namespace croft::lambda
