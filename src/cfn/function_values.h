// What intrinsic functions yield for arguments that are known: pure, no scope but the mappings.
#pragma once

#include <string>
#include <string_view>

#include "cfn/intrinsics.h"
#include "text/json.h"
#include "types/result.h"

namespace croft::cfn {

// ValidationError "Template error: ...".
Error template_error(std::string what);
// What CloudFormation answers to a function with arguments of the wrong shape.
Error malformed(std::string_view function);
// The functions yield more than resolved_bytes_max.
Error too_large();

// The text of `parts`; a Fn::Join of them while one is a function that is not resolved; `otherwise` when one is
// neither text nor that.
Result<json::value> join_values(std::string_view delimiter, json::array parts, const Error& otherwise);

Result<json::value> select_value(const json::array& arguments, const Scope& scope);
Result<json::value> split_value(const json::array& arguments, const Scope& scope);
Result<json::value> find_in_map(const json::array& arguments, const Scope& scope);

// Roughly the bytes of memory behind `v`.
std::size_t size_of(const json::value& v);

}  // namespace croft::cfn
