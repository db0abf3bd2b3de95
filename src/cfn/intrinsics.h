// The intrinsic functions: a pure interpreter over JSON.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cfn/parameters.h"
#include "cfn/references.h"
#include "cfn/template.h"
#include "text/json.h"
#include "types/instance.h"
#include "types/result.h"

namespace croft::cfn {

// What AWS::StackName and its like yield; region, account and partition come from the instance.
struct StackIdentity {
  Instance instance;
  std::string stack_name;
  std::string stack_id;
  std::vector<std::string> notification_arns;
};

// A value of a resource: absent while the resource does not exist yet.
using MaybeValue = std::optional<json::value>;

// Everything that a function may refer to. The callbacks may be empty: that is a plan, in which no resource is known.
struct Scope {
  StackIdentity stack;
  ParameterValues parameters;
  json::object mappings;
  Conditions conditions;
  std::function<Result<MaybeValue>(std::string_view logical_id)> ref;
  std::function<Result<MaybeValue>(std::string_view logical_id, std::string_view attribute)> get_att;
  std::function<Result<json::value>(std::string_view export_name)> import_value;
};

// `v` with every function replaced by its value, and members and elements that are AWS::NoValue left out (null when
// `v` as a whole is). A function whose arguments hang on an absent value stays, with the rest of its arguments
// resolved, so two plans can be compared; has_intrinsics() tells. ValidationError in CloudFormation's words.
Result<json::value> resolve(const json::value& v, const Scope& scope);

// resolve() for a Properties map.
Result<json::object> resolve_members(const json::object& properties, const Scope& scope);

// True if any function is left in `v`.
bool has_intrinsics(const json::value& v);

// The Conditions section, each evaluated once in order of need. Uses the scope's parameters, mappings and stack.
Result<Conditions> evaluate_conditions(const json::object& section, const Scope& scope);

// A scope for `t`: mappings and evaluated conditions filled in, callbacks empty.
Result<Scope> make_scope(const Template& t, StackIdentity stack, ParameterValues parameters);

// The text a scalar has in Fn::Join and Fn::Sub: 5 is "5", true is "true". Nothing for maps, lists and null.
std::optional<std::string> scalar_text(const json::value& v);

}  // namespace croft::cfn
