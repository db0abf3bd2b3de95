#include "cfn/blueprint.h"

#include <algorithm>
#include <set>

#include "cfn/dynamic_references.h"
#include "cfn/errors.h"
#include "cfn/json_view.h"
#include "cfn/sam.h"
#include "cfn/template_reader.h"

namespace croft::cfn {
namespace {

bool has(const std::vector<std::string>& texts, std::string_view text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

Result<json::object> transformed(const Draft& draft, const Instance& instance) {
  for (const std::string& transform : draft.written.transforms) {
    if (transform != sam_transform) return validation_error("No transform named " + transform + " found.");
  }
  auto document = expand_sam(draft.document, instance);
  if (document) return document;
  return validation_error("Transform " + std::string(sam_transform) + " failed with: " + document.error().message);
}

Result<void> check_types(const Template& t, const ProviderSet& providers) {
  std::set<std::string> unknown;
  for (const Resource& r : t.resources) {
    if (!providers.find(r.type)) unknown.insert(r.type);
  }
  if (unknown.empty()) return {};
  std::string names;
  for (const std::string& type : unknown) names += (names.empty() ? "" : ", ") + type;
  return validation_error("Template format error: Unrecognized resource types: [" + names + "]");
}

// What is written in one resource and can be seen to fail before anything is made.
Result<void> check_resource(const Resource& r) {
  const json::value* code = json::find(r.properties, "Code");
  if (r.type == "AWS::Lambda::Function" && code && code->is_string()) {
    return validation_error("Transform " + std::string(sam_transform) +
                            " failed with: Invalid Serverless Application Specification document. Number of errors "
                            "found: 1. Resource with id [" + r.logical_id +
                            "] is invalid. 'CodeUri' is not a valid S3 Uri of the form 's3://bucket/key' with optional "
                            "versionId query parameter.");
  }
  if (r.deletion_policy == "Snapshot" || r.update_replace_policy == "Snapshot") {
    return validation_error("Template error: resource type " + r.type + " does not support deletion policy Snapshot");
  }
  return {};
}

// Every Fn::GetAtt names an attribute of the type.
Result<void> check_attributes(const Blueprint& blueprint, const ProviderSet& providers) {
  Scope scope = blueprint.scope;
  scope.get_att = [&](std::string_view id, std::string_view attribute) -> Result<MaybeValue> {
    const Resource* r = blueprint.plan.find_resource(id);
    const ResourceProvider* provider = r ? providers.find(r->type) : nullptr;
    if (provider && provider->schema().has_attribute(attribute)) return MaybeValue();
    return validation_error("Template error: resource " + std::string(id) + " does not support attribute type " +
                            std::string(attribute) + " in Fn::GetAtt");
  };
  for (const Resource& r : blueprint.plan.resources) {
    if (!holds(scope.conditions, r.condition)) continue;
    auto properties = resolve_members(r.properties, scope);
    if (!properties) return properties.error();
  }
  for (const Output& output : blueprint.plan.outputs) {
    if (!holds(scope.conditions, output.condition)) continue;
    auto value = resolve(output.value, scope);
    if (!value) return value.error();
  }
  return {};
}

Result<std::string> output_text(const Output& output, const json::value& unresolved, const Scope& scope) {
  auto value = resolve(unresolved, scope);
  if (!value) return value.error();
  auto text = scalar_text(*value);
  if (text) return *text;
  return validation_error("Template format error: Output " + output.name +
                          " is malformed. The Value field of every Outputs member must evaluate to a String.");
}

// Outputs as far as a plan knows them, for comparison.
Result<json::object> planned_outputs(const Blueprint& blueprint) {
  json::object planned;
  for (const Output& output : blueprint.plan.outputs) {
    if (!holds(blueprint.scope.conditions, output.condition)) continue;
    auto value = resolve(output.value, blueprint.scope);
    if (!value) return value.error();
    auto name = resolve(output.export_name, blueprint.scope);
    if (!name) return name.error();
    planned[output.name] = json::array{std::move(*value), std::move(*name), output.description};
  }
  return planned;
}

}  // namespace

Result<Draft> read_draft(std::string_view body) {
  auto document = read_template(body);
  if (!document) return document.error();
  auto written = parse_template(*document);
  if (!written) return written.error();
  return Draft{std::move(*document), std::move(*written)};
}

std::vector<std::string> Blueprint::creation_order() const {
  std::vector<std::string> order;
  for (const auto& level : graph.levels) order.insert(order.end(), level.begin(), level.end());
  return order;
}

Result<Blueprint> draw(const Draft& draft, const ParameterTexts& parameters, const StackIdentity& identity,
                       const ImportValue& import_value, const ProviderSet& providers) {
  Blueprint blueprint;
  auto document = transformed(draft, identity.instance);
  if (!document) return document.error();
  blueprint.document = std::move(*document);
  auto plan = parse_template(blueprint.document);
  if (!plan) return plan.error();
  blueprint.plan = std::move(*plan);

  auto types = check_types(blueprint.plan, providers);
  if (!types) return types.error();
  auto references = check_references(blueprint.plan);
  if (!references) return references.error();
  for (const Resource& r : blueprint.plan.resources) {
    auto checked = check_resource(r);
    if (!checked) return checked.error();
  }
  auto values = bind_parameters(blueprint.plan.parameters, parameters);
  if (!values) return values.error();
  for (const auto& [name, value] : *values) {
    auto resolvable = refuse_dynamic_references(value);
    if (!resolvable) return resolvable.error();
  }
  auto scope = make_scope(blueprint.plan, identity, std::move(*values));
  if (!scope) return scope.error();
  blueprint.scope = std::move(*scope);
  blueprint.scope.import_value = import_value;
  auto live = check_live_references(blueprint.plan, blueprint.scope.conditions);
  if (!live) return live.error();
  auto attributes = check_attributes(blueprint, providers);
  if (!attributes) return attributes.error();
  auto graph = dependency_graph(blueprint.plan, blueprint.scope.conditions);
  if (!graph) return graph.error();
  blueprint.graph = std::move(*graph);
  return blueprint;
}

Result<ParameterTexts> bound_texts(const Template& written, const ParameterTexts& given) {
  auto values = bind_parameters(written.parameters, given);
  if (!values) return values.error();
  ParameterTexts bound;
  for (const Parameter& parameter : written.parameters) {
    auto it = given.find(parameter.name);
    bound[parameter.name] = it != given.end() ? it->second : parameter.default_value.value_or("");
  }
  return bound;
}

std::vector<ShownParameter> shown_parameters(const Template& written, const ParameterTexts& bound) {
  std::vector<ShownParameter> shown;
  for (const Parameter& parameter : written.parameters) {
    auto it = bound.find(parameter.name);
    const std::string value = it == bound.end() ? "" : it->second;
    shown.push_back({parameter.name, parameter.no_echo ? "****" : value});
  }
  return shown;
}

Result<void> check_capabilities(const std::vector<std::string>& required, const std::vector<std::string>& given) {
  std::string missing;
  for (const std::string& capability : required) {
    const bool is_covered = capability == "CAPABILITY_IAM" && has(given, "CAPABILITY_NAMED_IAM");
    if (!is_covered && !has(given, capability)) missing += (missing.empty() ? "" : ", ") + capability;
  }
  if (missing.empty()) return {};
  return Error{"InsufficientCapabilitiesException", "Requires capabilities : [" + missing + "]", 400};
}

Result<std::vector<StackOutput>> outputs_of(const Template& t, const Scope& scope) {
  std::vector<StackOutput> outputs;
  for (const Output& output : t.outputs) {
    if (!holds(scope.conditions, output.condition)) continue;
    auto value = output_text(output, output.value, scope);
    if (!value) return value.error();
    StackOutput made{output.name, std::move(*value), output.description, {}};
    if (!output.export_name.is_null()) {
      auto name = output_text(output, output.export_name, scope);
      if (!name) return name.error();
      made.export_name = std::move(*name);
    }
    outputs.push_back(std::move(made));
  }
  return outputs;
}

Result<Difference> difference(const Blueprint* current, const Blueprint& wanted, const ProviderSet& providers) {
  std::vector<Resource> before;
  json::object outputs_before;
  if (current) {
    auto planned = planned_resources(current->plan, current->scope);
    if (!planned) return planned.error();
    before = std::move(*planned);
    auto outputs = planned_outputs(*current);
    if (!outputs) return outputs.error();
    outputs_before = std::move(*outputs);
  }
  auto after = planned_resources(wanted.plan, wanted.scope);
  if (!after) return after.error();
  auto outputs_after = planned_outputs(wanted);
  if (!outputs_after) return outputs_after.error();
  auto changes = plan_changes(before, *after, [&](std::string_view type, std::string_view property) {
    return providers.replacement(type, property);
  });
  if (!changes) return changes.error();
  return Difference{std::move(*changes), outputs_before != *outputs_after};
}

}  // namespace croft::cfn
