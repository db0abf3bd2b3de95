#include "cfn/intrinsics.h"

#include <algorithm>

#include "cfn/evaluator.h"
#include "cfn/json_view.h"

namespace croft::cfn {

Result<json::value> resolve(const json::value& v, const Scope& scope) {
  Outcome outcome = Evaluator(scope).evaluate(v);
  if (!outcome) return outcome.error();
  return outcome->has_value() ? std::move(**outcome) : json::value(nullptr);
}

Result<json::object> resolve_members(const json::object& properties, const Scope& scope) {
  return Evaluator(scope).evaluate_members(properties);
}

bool has_intrinsics(const json::value& v) {
  if (as_call(v)) return true;
  if (const json::array* items = v.if_array()) return std::any_of(items->begin(), items->end(), has_intrinsics);
  const json::object* members = v.if_object();
  return members && std::any_of(members->begin(), members->end(), [](auto& m) { return has_intrinsics(m.value()); });
}

Result<Scope> make_scope(const Template& t, StackIdentity stack, ParameterValues parameters) {
  Scope scope{.stack = std::move(stack), .parameters = std::move(parameters), .mappings = t.mappings};
  auto conditions = evaluate_conditions(t.conditions, scope);
  if (!conditions) return conditions.error();
  scope.conditions = std::move(*conditions);
  return scope;
}

std::optional<std::string> scalar_text(const json::value& v) {
  if (const json::string* s = v.if_string()) return str(*s);
  if (v.is_bool() || v.is_number()) return json::dump(v);
  return std::nullopt;
}

}  // namespace croft::cfn
