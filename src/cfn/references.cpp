#include "cfn/references.h"

#include <algorithm>
#include <array>

#include "cfn/errors.h"
#include "cfn/json_view.h"

namespace croft::cfn {
namespace {

Error malformed_sub() {
  return validation_error(
      "Template error: One or more Fn::Sub intrinsic functions don't specify expected arguments. Specify a string as "
      "first argument, and an optional second argument to specify a mapping of values to replace in the string");
}

bool is_sub_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '_' || c == '.' || c == ':';
  });
}

Result<void> collect_sub(const json::value& argument, const Conditions* conditions, References& into) {
  auto sub = parse_sub(argument);
  if (!sub) return sub.error();
  auto pieces = split_sub(sub->text);
  if (!pieces) return pieces.error();
  for (const SubPiece& piece : *pieces) {
    if (!piece.is_name || (sub->variables && sub->variables->contains(piece.text))) continue;
    const std::size_t dot = piece.text.find('.');
    if (dot == std::string::npos)
      into.names.insert(piece.text);
    else
      into.resources.insert(piece.text.substr(0, dot));
  }
  if (!sub->variables) return {};
  for (const auto& [name, v] : *sub->variables) {
    auto done = collect_references(v, conditions, into);
    if (!done) return done;
  }
  return {};
}

Result<void> collect_if(const json::value& argument, const Conditions* conditions, References& into) {
  const json::array* items = argument.if_array();
  if (!items || items->size() != 3 || !(*items)[0].is_string()) {
    return validation_error("Template error: Fn::If requires a list argument with three parameters");
  }
  const std::string condition = str((*items)[0].get_string());
  into.conditions.insert(condition);
  for (std::size_t branch : {1, 2}) {
    if (conditions) {
      auto known = conditions->find(condition);
      const bool taken = known != conditions->end() && known->second ? branch == 1 : branch == 2;
      if (!taken) continue;
    }
    auto done = collect_references((*items)[branch], conditions, into);
    if (!done) return done;
  }
  return {};
}

Result<void> collect_call(const FunctionCall& call, const Conditions* conditions, References& into) {
  if (call.name == "Ref") {
    if (!call.argument->is_string()) {
      return validation_error("Template error: every Ref object must have a single String value.");
    }
    into.names.insert(str(call.argument->get_string()));
    return {};
  }
  if (call.name == "Fn::Sub") return collect_sub(*call.argument, conditions, into);
  if (call.name == "Fn::If") return collect_if(*call.argument, conditions, into);
  if (call.name == "Fn::GetAtt") {
    auto target = parse_get_att(*call.argument);
    if (!target) return target.error();
    into.resources.insert(target->logical_id);
    return collect_references(target->attribute, conditions, into);
  }
  return collect_references(*call.argument, conditions, into);
}

}  // namespace

std::optional<FunctionCall> as_call(const json::value& v) {
  const json::object* o = v.if_object();
  if (!o || o->size() != 1) return std::nullopt;
  const auto& member = *o->begin();
  const std::string_view name = view(member.key());
  if (name != "Ref" && !name.starts_with("Fn::")) return std::nullopt;
  return FunctionCall{name, &member.value()};
}

bool is_pseudo_parameter(std::string_view name) {
  static constexpr std::array<std::string_view, 8> names = {
      "AWS::AccountId", "AWS::NoValue", "AWS::NotificationARNs", "AWS::Partition",
      "AWS::Region",    "AWS::StackId", "AWS::StackName",        "AWS::URLSuffix"};
  return std::find(names.begin(), names.end(), name) != names.end();
}

Result<void> collect_references(const json::value& v, const Conditions* conditions, References& into) {
  if (auto call = as_call(v)) return collect_call(*call, conditions, into);
  if (const json::array* items = v.if_array()) {
    for (const json::value& item : *items) {
      auto done = collect_references(item, conditions, into);
      if (!done) return done;
    }
  }
  if (const json::object* members = v.if_object()) {
    for (const auto& [name, member] : *members) {
      auto done = collect_references(member, conditions, into);
      if (!done) return done;
    }
  }
  return {};
}

Result<std::vector<SubPiece>> split_sub(std::string_view text) {
  std::vector<SubPiece> pieces;
  std::string literal;
  while (!text.empty()) {
    const std::size_t start = text.find("${");
    const std::size_t end = start == std::string_view::npos ? start : text.find('}', start);
    if (end == std::string_view::npos) break;
    literal += text.substr(0, start);
    const std::string_view name = text.substr(start + 2, end - start - 2);
    text.remove_prefix(end + 1);
    if (name.starts_with('!')) {
      literal += "${" + std::string(name.substr(1)) + "}";
      continue;
    }
    if (!is_sub_name(name)) {
      return validation_error(
          "Template error: variable names in Fn::Sub syntax must contain only alphanumeric characters, underscores, "
          "periods, and colons");
    }
    if (!literal.empty()) pieces.push_back({std::move(literal), false});
    literal.clear();
    pieces.push_back({std::string(name), true});
  }
  literal += text;
  if (!literal.empty()) pieces.push_back({std::move(literal), false});
  return pieces;
}

Result<SubArgument> parse_sub(const json::value& argument) {
  if (const json::string* text = argument.if_string()) return SubArgument{view(*text), nullptr};
  const json::array* items = argument.if_array();
  if (!items || items->size() != 2 || !(*items)[0].is_string() || !(*items)[1].is_object()) return malformed_sub();
  return SubArgument{view((*items)[0].get_string()), &(*items)[1].get_object()};
}

Result<GetAttTarget> parse_get_att(const json::value& argument) {
  GetAttTarget target;
  if (const json::string* text = argument.if_string()) {
    const std::size_t dot = view(*text).find('.');
    if (dot != std::string::npos) {
      target.logical_id = view(*text).substr(0, dot);
      target.attribute = json::string(view(*text).substr(dot + 1));
    }
  } else if (const json::array* items = argument.if_array(); items && items->size() == 2 && (*items)[0].is_string()) {
    target.logical_id = str((*items)[0].get_string());
    target.attribute = (*items)[1];
  }
  const json::string* attribute = target.attribute.if_string();
  const bool is_usable = (attribute && !attribute->empty()) || as_call(target.attribute);
  if (target.logical_id.empty() || !is_usable) {
    return validation_error(
        "Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name and the "
        "resource attribute");
  }
  return target;
}

}  // namespace croft::cfn
