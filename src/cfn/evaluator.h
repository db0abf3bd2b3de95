#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "cfn/intrinsics.h"
#include "cfn/references.h"
#include "text/json.h"
#include "types/result.h"

namespace croft::cfn {

// Absent: AWS::NoValue.
using Outcome = Result<MaybeValue>;

// Evaluates any number of values in one scope, which must outlive it, and whose conditions may grow meanwhile. What
// the functions of all of them yield is bounded by resolved_bytes_max, for functions inside functions multiply their
// text. Internal to this folder.
class Evaluator {
 public:
  explicit Evaluator(const Scope& scope) : scope_(scope) {}

  Outcome evaluate(const json::value& v);
  // Each member for itself, whatever the map looks like as a whole.
  Result<json::object> evaluate_members(const json::object& members);
  // The elements, all resolved; `otherwise` unless `argument` is a list of `count` that have a value.
  Result<json::array> arguments(const json::value& argument, std::size_t count, const Error& otherwise);

 private:
  Outcome evaluate_array(const json::array& items);
  Outcome evaluate_call(const FunctionCall& function);
  Outcome dispatch(std::string_view name, const json::value& argument);

  Outcome named(const std::string& name) const;
  Outcome attribute(const std::string& logical_id, const std::string& name) const;
  MaybeValue pseudo_parameter(std::string_view name) const;

  Outcome ref(const json::value& argument) const;
  Outcome get_att(const json::value& argument);
  Outcome sub(const json::value& argument);
  Outcome sub_name(const std::string& name, const json::object& variables) const;
  Outcome join(const json::value& argument);
  Outcome choose(const json::value& argument);
  Outcome base64(const json::value& argument);
  Outcome availability_zones(const json::value& argument);
  Outcome import_value(const json::value& argument);
  // Fn::Select, Fn::Split and Fn::FindInMap: functions of nothing but their `count` arguments.
  Outcome apply(Result<json::value> (*function)(const json::array&, const Scope&), std::string_view name,
                const json::value& argument, std::size_t count);

  const Scope& scope_;
  std::size_t produced_bytes_ = 0;
};

}  // namespace croft::cfn
