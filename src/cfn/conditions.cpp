// The Conditions section: evaluate_conditions() of intrinsics.h.
#include <algorithm>

#include "cfn/errors.h"
#include "cfn/evaluator.h"
#include "cfn/function_values.h"
#include "cfn/json_view.h"
#include "cfn/limits.h"
#include "cfn/ordering.h"

namespace croft::cfn {
namespace {

class ConditionTester {
 public:
  explicit ConditionTester(const Scope& scope) : scope_(scope), evaluator_(scope) {}

  // One entry of the section, or an operand of Fn::And, Fn::Or and Fn::Not.
  Result<bool> test(const json::value& v) {
    const json::object* o = v.if_object();
    const json::value* operand = o && o->size() == 1 ? &o->begin()->value() : nullptr;
    const std::string_view name = operand ? view(o->begin()->key()) : "";
    if (name == "Condition") return named(*operand);
    if (name == "Fn::Equals") return equals(*operand);
    if (name == "Fn::Not") {
      auto tests = test_all(*operand, name, 1, 1);
      if (!tests) return tests.error();
      return !tests->front();
    }
    if (name == "Fn::And" || name == "Fn::Or") {
      auto tests = test_all(*operand, name, 2, condition_operands_max);
      if (!tests) return tests.error();
      const auto truths = std::count(tests->begin(), tests->end(), true);
      return name == "Fn::Or" ? truths > 0 : truths == static_cast<std::ptrdiff_t>(tests->size());
    }
    return validation_error(
        "Template format error: Conditions can only be boolean operations on parameters and other conditions");
  }

 private:
  Result<bool> named(const json::value& name) const {
    auto found = name.is_string() ? scope_.conditions.find(view(name.get_string())) : scope_.conditions.end();
    if (found != scope_.conditions.end()) return found->second;
    return validation_error("Template format error: Unresolved condition dependency " +
                            scalar_text(name).value_or("") + " in the Conditions block of the template");
  }

  Result<bool> equals(const json::value& operand) {
    auto sides = evaluator_.arguments(
        operand, 2, template_error("every Fn::Equals object requires a list of 2 string parameters."));
    if (!sides) return sides.error();
    const auto left = scalar_text((*sides)[0]);
    const auto right = scalar_text((*sides)[1]);
    if (left && right) return *left == *right;
    if (has_intrinsics((*sides)[0]) || has_intrinsics((*sides)[1])) {
      return template_error("Fn::Equals cannot reference resources in the Conditions block of the template");
    }
    return (*sides)[0] == (*sides)[1];
  }

  Result<std::vector<bool>> test_all(const json::value& operand, std::string_view function, std::size_t least,
                                     std::size_t most) {
    const json::array* items = operand.if_array();
    if (!items || items->size() < least || items->size() > most) {
      return template_error("every " + std::string(function) + " object requires a list of " +
                            (most == 1 ? "one boolean parameter."
                                       : "at least 2 and at most " + std::to_string(most) + " boolean parameters."));
    }
    std::vector<bool> tests;
    for (const json::value& item : *items) {
      auto truth = test(item);
      if (!truth) return truth.error();
      tests.push_back(*truth);
    }
    return tests;
  }

  const Scope& scope_;
  Evaluator evaluator_;
};

// Adds the names in {"Condition": name} below `v`.
void collect_conditions(const json::value& v, std::set<std::string>& into) {
  if (const json::array* items = v.if_array()) {
    for (const json::value& item : *items) collect_conditions(item, into);
  }
  if (const json::object* members = v.if_object()) {
    for (const auto& [name, member] : *members) {
      if (view(name) == "Condition" && member.is_string())
        into.insert(str(member.get_string()));
      else
        collect_conditions(member, into);
    }
  }
}

}  // namespace

Result<Conditions> evaluate_conditions(const json::object& section, const Scope& scope) {
  std::vector<std::string> names;
  Needs needs;
  for (const auto& [name, v] : section) {
    names.push_back(str(name));
    collect_conditions(v, needs[str(name)]);
  }
  const Ordering ordering = order_by_need(names, needs);
  if (!ordering.cyclic.empty()) {
    std::string cycle;
    for (const std::string& name : ordering.cyclic) cycle += (cycle.empty() ? "" : ", ") + name;
    return template_error("Found circular condition dependency between [" + cycle + "]");
  }
  Scope so_far{.stack = scope.stack, .parameters = scope.parameters, .mappings = scope.mappings};
  ConditionTester tester(so_far);
  for (const auto& level : ordering.levels) {
    for (const std::string& name : level) {
      auto truth = tester.test(*json::find(section, name));
      if (!truth) return truth.error();
      so_far.conditions.emplace(name, *truth);
    }
  }
  return std::move(so_far.conditions);
}

}  // namespace croft::cfn
