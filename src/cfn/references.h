// The shape of intrinsic functions: which names a template value mentions, without resolving anything.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "text/json.h"
#include "types/result.h"

namespace croft::cfn {

using Conditions = std::map<std::string, bool, std::less<>>;

// {"Ref": x} or {"Fn::Name": x}, and nothing else in the map. Borrows from the value.
struct FunctionCall {
  std::string_view name;  // "Ref", "Fn::Join"
  const json::value* argument;
};
std::optional<FunctionCall> as_call(const json::value& v);

// True for AWS::Region and the seven other names that need no declaration.
bool is_pseudo_parameter(std::string_view name);

struct References {
  std::set<std::string> names;       // of Ref, and of ${X} in Fn::Sub: parameters, resources, AWS::X
  std::set<std::string> resources;   // of Fn::GetAtt, and of ${X.Y} in Fn::Sub
  std::set<std::string> conditions;  // of Fn::If
};

// Adds what `v` mentions. With `conditions` only the branch of an Fn::If that is taken counts; without, both do.
// ValidationError for a Ref, Fn::GetAtt, Fn::Sub or Fn::If of the wrong shape.
Result<void> collect_references(const json::value& v, const Conditions* conditions, References& into);

// One piece of an Fn::Sub text: literal text, or the name inside ${...}.
struct SubPiece {
  std::string text;
  bool is_name = false;
};
// "${!x}" becomes the literal "${x}". ValidationError for a name with characters that names do not have.
Result<std::vector<SubPiece>> split_sub(std::string_view text);

// The two forms of a Fn::Sub argument. Borrows from `argument`; `variables` is null for the short form.
struct SubArgument {
  std::string_view text;
  const json::object* variables;
};
Result<SubArgument> parse_sub(const json::value& argument);

// Resource and attribute of a Fn::GetAtt argument, ["A", "B.C"] or "A.B.C". The attribute may be a Ref in the list
// form.
struct GetAttTarget {
  std::string logical_id;
  json::value attribute;
};
Result<GetAttTarget> parse_get_att(const json::value& argument);

}  // namespace croft::cfn
