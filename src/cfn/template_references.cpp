// The parts of template.h that follow names: do they exist, and what do they ask the caller to allow.
#include <set>

#include "cfn/dynamic_references.h"
#include "cfn/errors.h"
#include "cfn/json_view.h"
#include "cfn/references.h"
#include "cfn/template.h"

namespace croft::cfn {
namespace {

using Names = std::set<std::string, std::less<>>;

struct Known {
  Names parameters;
  Names resources;
  Names conditions;
};

Known known_names(const Template& t) {
  Known known;
  for (const Parameter& p : t.parameters) known.parameters.insert(p.name);
  for (const Resource& r : t.resources) known.resources.insert(r.logical_id);
  for (const auto& [name, v] : t.conditions) known.conditions.insert(str(name));
  return known;
}

std::string bracketed(const std::set<std::string>& names) {
  std::string out = "[";
  for (const std::string& name : names) out += (out.size() > 1 ? ", " : "") + name;
  return out + "]";
}

Result<void> check_condition(const std::string& name, const Known& known, std::string_view block) {
  if (name.empty() || known.conditions.contains(name)) return {};
  return validation_error("Template format error: Unresolved condition dependency " + name + " in the " +
                          std::string(block) + " block of the template");
}

// Everything `found` in a block where resources may be named; `unresolved` are names known to be missing.
Result<void> check_found(const References& found, std::set<std::string> unresolved, const Known& known,
                         std::string_view block) {
  for (const std::string& name : found.names) {
    if (!known.parameters.contains(name) && !known.resources.contains(name) && !is_pseudo_parameter(name)) {
      unresolved.insert(name);
    }
  }
  if (!unresolved.empty()) {
    return validation_error("Template format error: Unresolved resource dependencies " + bracketed(unresolved) +
                            " in the " + std::string(block) + " block of the template");
  }
  for (const std::string& name : found.resources) {
    if (!known.resources.contains(name)) {
      return validation_error("Template error: instance of Fn::GetAtt references undefined resource " + name);
    }
  }
  for (const std::string& name : found.conditions) {
    auto done = check_condition(name, known, block);
    if (!done) return done;
  }
  return {};
}

Result<void> check_conditions_block(const Template& t, const Known& known) {
  References found;
  auto collected = collect_references(json::value(t.conditions), nullptr, found);
  if (!collected) return collected;
  std::set<std::string> unresolved = found.resources;
  for (const std::string& name : found.names) {
    if (!known.parameters.contains(name) && !is_pseudo_parameter(name)) unresolved.insert(name);
  }
  if (unresolved.empty()) return {};
  return validation_error("Template error: Unresolved dependencies " + bracketed(unresolved) +
                          ". Cannot reference resources in the Conditions block of the template");
}

bool has_custom_name(const json::object& properties) {
  for (std::string_view name : {"RoleName", "UserName", "GroupName", "ManagedPolicyName", "InstanceProfileName"}) {
    if (json::find(properties, name)) return true;
  }
  return false;
}

bool is_iam_type(std::string_view type) {
  return type.starts_with("AWS::IAM::");
}

// SAM makes a role for a function that names none.
bool makes_a_role(const Resource& r, const Template& t) {
  return r.type == "AWS::Serverless::Function" && !t.transforms.empty() && !json::find(r.properties, "Role");
}

}  // namespace

Result<void> check_references(const Template& t) {
  const Known known = known_names(t);
  auto conditions = check_conditions_block(t, known);
  if (!conditions) return conditions;

  References in_resources;
  std::set<std::string> unresolved;  // of DependsOn, where a parameter's name does not count
  for (const Resource& r : t.resources) {
    auto resolvable = refuse_dynamic_references(json::value(r.properties));
    if (!resolvable) return resolvable;
    auto collected = collect_references(json::value(r.properties), nullptr, in_resources);
    if (!collected) return collected;
    for (const std::string& name : r.depends_on) {
      if (!known.resources.contains(name)) unresolved.insert(name);
    }
    auto condition = check_condition(r.condition, known, "Resources");
    if (!condition) return condition;
  }
  auto resources = check_found(in_resources, std::move(unresolved), known, "Resources");
  if (!resources) return resources;

  References in_outputs;
  for (const Output& output : t.outputs) {
    for (const json::value* v : {&output.value, &output.export_name}) {
      auto resolvable = refuse_dynamic_references(*v);
      if (!resolvable) return resolvable;
      auto collected = collect_references(*v, nullptr, in_outputs);
      if (!collected) return collected;
    }
    auto condition = check_condition(output.condition, known, "Outputs");
    if (!condition) return condition;
  }
  return check_found(in_outputs, {}, known, "Outputs");
}

Result<void> check_live_references(const Template& t, const Conditions& conditions) {
  Known known = known_names(t);
  for (const Resource& r : t.resources) {
    if (!holds(conditions, r.condition)) known.resources.erase(r.logical_id);
  }
  References in_resources;
  for (const Resource& r : t.resources) {
    if (!holds(conditions, r.condition)) continue;
    auto collected = collect_references(json::value(r.properties), &conditions, in_resources);
    if (!collected) return collected;
  }
  auto resources = check_found(in_resources, {}, known, "Resources");
  if (!resources) return resources;

  References in_outputs;
  for (const Output& output : t.outputs) {
    if (!holds(conditions, output.condition)) continue;
    auto collected = collect_references(output.value, &conditions, in_outputs);
    if (!collected) return collected;
  }
  return check_found(in_outputs, {}, known, "Outputs");
}

bool holds(const Conditions& conditions, std::string_view name) {
  if (name.empty()) return true;
  auto found = conditions.find(name);
  return found != conditions.end() && found->second;
}

std::vector<std::string> required_capabilities(const Template& t) {
  bool named = false;
  bool any = false;
  for (const Resource& r : t.resources) {
    any = any || is_iam_type(r.type) || makes_a_role(r, t);
    named = named || (is_iam_type(r.type) && has_custom_name(r.properties));
  }
  if (named) return {"CAPABILITY_NAMED_IAM"};
  if (any) return {"CAPABILITY_IAM"};
  return {};
}

std::vector<std::string> iam_resource_types(const Template& t) {
  std::set<std::string> types;
  for (const Resource& r : t.resources) {
    if (is_iam_type(r.type)) types.insert(r.type);
    if (makes_a_role(r, t)) types.insert("AWS::IAM::Role");
  }
  return {types.begin(), types.end()};
}

}  // namespace croft::cfn
