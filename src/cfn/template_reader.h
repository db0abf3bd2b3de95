// Template text to JSON. The only file of croft that knows YAML's syntax.
#pragma once

#include <string_view>

#include "text/json.h"
#include "types/result.h"

namespace croft::cfn {

// The template as JSON, members in their written order, every short form (`!Ref x`, `!GetAtt a.b`) in its long form
// ({"Ref": "x"}, {"Fn::GetAtt": ["a", "b"]}). Text that starts with `{` is JSON, anything else YAML 1.1 as
// CloudFormation takes it: yes/no/on/off are booleans; dates, numbers with a leading zero, and integers beyond 64
// bits stay strings; aliases and merges (`<<`) are expanded.
//
// ValidationError with line and column for: text that is not well-formed or not UTF-8, a duplicate key, an unknown
// tag, a second document, and whatever is over limits.h (depth, expanded aliases). ValidationError for a template
// that is not a map. The size of the text is the caller's check (template_body_bytes_max, template_url_bytes_max).
Result<json::object> read_template(std::string_view text);

}  // namespace croft::cfn
