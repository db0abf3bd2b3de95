#include "cfn/evaluator.h"

#include <algorithm>

#include "cfn/function_values.h"
#include "cfn/json_view.h"
#include "cfn/limits.h"
#include "text/encoding.h"

namespace croft::cfn {
namespace {

json::value call(std::string_view name, json::value argument) {
  return single(name, std::move(argument));
}

Outcome as_outcome(Result<json::value> result) {
  if (!result) return result.error();
  return MaybeValue(std::move(*result));
}

}  // namespace

Outcome Evaluator::evaluate(const json::value& v) {
  if (auto function = as_call(v)) return evaluate_call(*function);
  if (const json::array* items = v.if_array()) return evaluate_array(*items);
  const json::object* members = v.if_object();
  if (!members) return MaybeValue(v);
  auto resolved = evaluate_members(*members);
  if (!resolved) return resolved.error();
  return MaybeValue(std::move(*resolved));
}

Outcome Evaluator::evaluate_array(const json::array& items) {
  json::array resolved;
  for (const json::value& item : items) {
    Outcome outcome = evaluate(item);
    if (!outcome) return outcome;
    if (outcome->has_value()) resolved.push_back(std::move(**outcome));
  }
  return MaybeValue(std::move(resolved));
}

Result<json::object> Evaluator::evaluate_members(const json::object& members) {
  json::object resolved;
  for (const auto& [name, member] : members) {
    Outcome outcome = evaluate(member);
    if (!outcome) return outcome.error();
    if (outcome->has_value()) resolved.emplace(name, std::move(**outcome));
  }
  return resolved;
}

Outcome Evaluator::evaluate_call(const FunctionCall& function) {
  Outcome outcome = dispatch(function.name, *function.argument);
  if (!outcome || !outcome->has_value()) return outcome;
  produced_bytes_ += size_of(**outcome);
  if (produced_bytes_ > resolved_bytes_max) return too_large();
  return outcome;
}

Outcome Evaluator::dispatch(std::string_view name, const json::value& argument) {
  if (name == "Ref") return ref(argument);
  if (name == "Fn::GetAtt") return get_att(argument);
  if (name == "Fn::Sub") return sub(argument);
  if (name == "Fn::Join") return join(argument);
  if (name == "Fn::If") return choose(argument);
  if (name == "Fn::Select") return apply(select_value, name, argument, 2);
  if (name == "Fn::Split") return apply(split_value, name, argument, 2);
  if (name == "Fn::FindInMap") return apply(find_in_map, name, argument, 3);
  if (name == "Fn::Base64") return base64(argument);
  if (name == "Fn::GetAZs") return availability_zones(argument);
  if (name == "Fn::ImportValue") return import_value(argument);
  if (name == "Fn::Equals" || name == "Fn::And" || name == "Fn::Or" || name == "Fn::Not") {
    return template_error(std::string(name) + " can only be used in the Conditions block");
  }
  return template_error("Encountered unsupported function: " + std::string(name));
}

Outcome Evaluator::named(const std::string& name) const {
  if (is_pseudo_parameter(name)) return pseudo_parameter(name);
  if (auto it = scope_.parameters.find(name); it != scope_.parameters.end()) return MaybeValue(it->second);
  const MaybeValue unknown = call("Ref", json::string(name));
  if (!scope_.ref) return unknown;
  auto known = scope_.ref(name);
  if (!known) return known.error();
  return known->has_value() ? std::move(*known) : unknown;
}

Outcome Evaluator::attribute(const std::string& logical_id, const std::string& name) const {
  const MaybeValue unknown = call("Fn::GetAtt", json::array{logical_id, name});
  if (!scope_.get_att) return unknown;
  auto known = scope_.get_att(logical_id, name);
  if (!known) return known.error();
  return known->has_value() ? std::move(*known) : unknown;
}

MaybeValue Evaluator::pseudo_parameter(std::string_view name) const {
  const StackIdentity& stack = scope_.stack;
  if (name == "AWS::NoValue") return std::nullopt;
  if (name == "AWS::Region") return json::string(stack.instance.region);
  if (name == "AWS::AccountId") return json::string(stack.instance.account_id);
  if (name == "AWS::Partition") return json::string(stack.instance.partition);
  if (name == "AWS::StackName") return json::string(stack.stack_name);
  if (name == "AWS::StackId") return json::string(stack.stack_id);
  if (name == "AWS::URLSuffix") {
    return json::string(stack.instance.partition == "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com");
  }
  json::array arns;
  for (const std::string& arn : stack.notification_arns) arns.emplace_back(arn);
  return arns;
}

Outcome Evaluator::ref(const json::value& argument) const {
  if (!argument.is_string()) return malformed("Ref");
  return named(str(argument.get_string()));
}

Outcome Evaluator::get_att(const json::value& argument) {
  auto target = parse_get_att(argument);
  if (!target) return target.error();
  Outcome name = evaluate(target->attribute);
  if (!name) return name;
  if (!name->has_value() || !(*name)->is_string()) return parse_get_att(nullptr).error();
  return attribute(target->logical_id, str((*name)->get_string()));
}

Outcome Evaluator::sub(const json::value& argument) {
  auto parsed = parse_sub(argument);
  if (!parsed) return parsed.error();
  auto pieces = split_sub(parsed->text);
  if (!pieces) return pieces.error();
  json::object variables;
  if (parsed->variables) {
    auto resolved = evaluate_members(*parsed->variables);
    if (!resolved) return resolved.error();
    variables = std::move(*resolved);
  }
  json::array parts;
  std::size_t bytes = 0;
  for (const SubPiece& piece : *pieces) {
    Outcome part = piece.is_name ? sub_name(piece.text, variables) : Outcome(MaybeValue(json::string(piece.text)));
    if (!part) return part;
    if (!part->has_value()) continue;
    bytes += size_of(**part);
    if (bytes > resolved_bytes_max) return too_large();
    parts.push_back(std::move(**part));
  }
  return as_outcome(join_values("", std::move(parts), parse_sub(nullptr).error()));
}

Outcome Evaluator::sub_name(const std::string& name, const json::object& variables) const {
  if (const json::value* v = json::find(variables, name)) return MaybeValue(*v);
  const std::size_t dot = name.find('.');
  if (dot == std::string::npos) return named(name);
  return attribute(name.substr(0, dot), name.substr(dot + 1));
}

Result<json::array> Evaluator::arguments(const json::value& argument, std::size_t count, const Error& otherwise) {
  const json::array* items = argument.if_array();
  if (!items || items->size() != count) return otherwise;
  Outcome resolved = evaluate_array(*items);
  if (!resolved) return resolved.error();
  if ((*resolved)->get_array().size() != count) return otherwise;
  return std::move((*resolved)->get_array());
}

Outcome Evaluator::apply(Result<json::value> (*function)(const json::array&, const Scope&), std::string_view name,
                         const json::value& argument, std::size_t count) {
  auto items = arguments(argument, count, malformed(name));
  if (!items) return items.error();
  if (std::any_of(items->begin(), items->end(), [](const json::value& v) { return as_call(v).has_value(); })) {
    return MaybeValue(call(name, std::move(*items)));
  }
  return as_outcome(function(*items, scope_));
}

Outcome Evaluator::join(const json::value& argument) {
  auto items = arguments(argument, 2, malformed("Fn::Join"));
  if (!items) return items.error();
  auto delimiter = scalar_text((*items)[0]);
  if (!delimiter) return malformed("Fn::Join");
  if (as_call((*items)[1])) return MaybeValue(call("Fn::Join", std::move(*items)));
  if (!(*items)[1].is_array()) return malformed("Fn::Join");
  return as_outcome(join_values(*delimiter, std::move((*items)[1].get_array()), malformed("Fn::Join")));
}

Outcome Evaluator::choose(const json::value& argument) {
  const json::array* items = argument.if_array();
  if (!items || items->size() != 3 || !(*items)[0].is_string()) return malformed("Fn::If");
  auto condition = scope_.conditions.find(view((*items)[0].get_string()));
  if (condition == scope_.conditions.end()) {
    return template_error("Fn::If references undefined condition " + str((*items)[0].get_string()));
  }
  return evaluate((*items)[condition->second ? 1 : 2]);
}

Outcome Evaluator::base64(const json::value& argument) {
  Outcome resolved = evaluate(argument);
  if (!resolved) return resolved;
  if (resolved->has_value() && as_call(**resolved)) return MaybeValue(call("Fn::Base64", std::move(**resolved)));
  auto text = resolved->has_value() ? scalar_text(**resolved) : std::nullopt;
  if (!text) return malformed("Fn::Base64");
  return MaybeValue(json::string(text::base64(*text)));
}

Outcome Evaluator::availability_zones(const json::value& argument) {
  Outcome resolved = evaluate(argument);
  if (!resolved) return resolved;
  auto region = resolved->has_value() ? scalar_text(**resolved) : std::nullopt;
  if (!region) return malformed("Fn::GetAZs");
  if (region->empty()) region = scope_.stack.instance.region;
  return MaybeValue(json::array{*region + "a", *region + "b", *region + "c"});
}

Outcome Evaluator::import_value(const json::value& argument) {
  Outcome resolved = evaluate(argument);
  if (!resolved) return resolved;
  if (resolved->has_value() && (as_call(**resolved) || !scope_.import_value)) {
    return MaybeValue(call("Fn::ImportValue", std::move(**resolved)));
  }
  auto name = resolved->has_value() ? scalar_text(**resolved) : std::nullopt;
  if (!name) return malformed("Fn::ImportValue");
  return as_outcome(scope_.import_value(*name));
}

}  // namespace croft::cfn
