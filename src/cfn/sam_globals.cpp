#include <algorithm>
#include <array>
#include <span>

#include "cfn/errors.h"
#include "cfn/json_view.h"
#include "cfn/references.h"
#include "cfn/sam_parts.h"

namespace croft::cfn {
namespace {

// Source: Serverless Application Model, "Globals section of the AWS SAM template".
constexpr std::array<std::string_view, 39> function_properties = {"Handler",
                                                                  "Runtime",
                                                                  "CodeUri",
                                                                  "DeadLetterQueue",
                                                                  "Description",
                                                                  "MemorySize",
                                                                  "Timeout",
                                                                  "VpcConfig",
                                                                  "Environment",
                                                                  "Tags",
                                                                  "PropagateTags",
                                                                  "Tracing",
                                                                  "KmsKeyArn",
                                                                  "AutoPublishAlias",
                                                                  "AutoPublishAliasAllProperties",
                                                                  "Layers",
                                                                  "DeploymentPreference",
                                                                  "RolePath",
                                                                  "PermissionsBoundary",
                                                                  "ReservedConcurrentExecutions",
                                                                  "ProvisionedConcurrencyConfig",
                                                                  "AssumeRolePolicyDocument",
                                                                  "EventInvokeConfig",
                                                                  "FileSystemConfigs",
                                                                  "CodeSigningConfigArn",
                                                                  "Architectures",
                                                                  "SnapStart",
                                                                  "EphemeralStorage",
                                                                  "FunctionUrlConfig",
                                                                  "RuntimeManagementConfig",
                                                                  "LoggingConfig",
                                                                  "RecursiveLoop",
                                                                  "SourceKMSKeyArn",
                                                                  "TenancyConfig",
                                                                  "DurableConfig",
                                                                  "CapacityProviderConfig",
                                                                  "FunctionScalingConfig",
                                                                  "PublishToLatestPublished",
                                                                  "VersionDeletionPolicy"};
constexpr std::array<std::string_view, 1> table_properties = {"SSESpecification"};
constexpr std::array<std::string_view, 8> sections = {
    "Api", "CapacityProvider", "Function", "HttpApi", "LayerVersion", "SimpleTable", "StateMachine", "WebSocketApi"};

Error invalid_globals(const std::string& why) {
  return validation_error("'Globals' section is invalid. " + why);
}

std::string quoted_list(std::span<const std::string_view> names) {
  std::string out = "[";
  for (std::string_view name : names) out += (out.size() > 1 ? ", '" : "'") + std::string(name) + "'";
  return out + "]";
}

bool contains(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Result<void> check_section(const json::object& section, std::string_view name,
                           std::span<const std::string_view> supported) {
  for (const auto& [property, v] : section) {
    if (contains(supported, view(property))) continue;
    return invalid_globals("'" + str(property) + "' is not a supported property of '" + std::string(name) +
                           "'. Must be one of the following values - " + quoted_list(supported));
  }
  return {};
}

// The sections of types that are refused later are not looked into.
Result<void> check_globals(const json::object& globals) {
  for (const auto& [name, v] : globals) {
    if (!contains(sections, view(name))) {
      return invalid_globals("'" + str(name) + "' is not supported. Must be one of the following values - " +
                             quoted_list(sections));
    }
    const json::object* section = v.if_object();
    if (!section) return invalid_globals("Value of " + str(name) + " must be a dictionary");
    Result<void> checked{};
    if (view(name) == "Function") checked = check_section(*section, "Function", function_properties);
    if (view(name) == "SimpleTable") checked = check_section(*section, "SimpleTable", table_properties);
    if (!checked) return checked;
  }
  return {};
}

json::value merged(const json::value& global, const json::value& local) {
  if (global.is_array() && local.is_array()) {
    json::array both = global.get_array();
    both.insert(both.end(), local.get_array().begin(), local.get_array().end());
    return both;
  }
  if (!global.is_object() || !local.is_object() || as_call(global) || as_call(local)) return local;
  json::object both = global.get_object();
  for (const auto& [name, v] : local.get_object()) {
    json::value* there = both.if_contains(name);
    if (there)
      *there = merged(*there, v);
    else
      both.emplace(name, v);
  }
  return both;
}

// `section` without what the resource's IgnoreGlobals ("*" or a list of properties) asks to leave out.
json::object wanted_globals(const json::object& section, const json::object& resource) {
  const json::value* ignored = json::find(resource, "IgnoreGlobals");
  if (!ignored) return section;
  if (!ignored->is_array()) return {};
  json::object wanted;
  for (const auto& [name, v] : section) {
    const json::array& names = ignored->get_array();
    const bool is_ignored = std::any_of(names.begin(), names.end(), [&](const json::value& n) {
      return n.is_string() && view(n.get_string()) == view(name);
    });
    if (!is_ignored) wanted.emplace(name, v);
  }
  return wanted;
}

void merge_into(json::object& resource, const json::object& globals) {
  const std::string_view type = json::string_or(resource, "Type", "");
  if (!type.starts_with("AWS::Serverless::")) return;
  if (const json::object* section = find_object(globals, type.substr(17))) {
    json::value& properties = resource["Properties"];
    if (properties.is_null()) properties = json::object();
    properties = merged(wanted_globals(*section, resource), properties);
  }
  resource.erase("IgnoreGlobals");
}

}  // namespace

Result<json::object> merge_globals(const json::object& document) {
  json::object resources;
  if (const json::object* found = find_object(document, "Resources")) resources = *found;
  json::object globals;
  if (const json::value* v = json::find(document, "Globals")) {
    if (!v->is_object() || v->get_object().empty()) return invalid_globals("It must be a non-empty dictionary");
    globals = v->get_object();
  }
  auto checked = check_globals(globals);
  if (!checked) return checked.error();
  for (auto& [id, resource] : resources) {
    if (resource.is_object()) merge_into(resource.get_object(), globals);
  }
  return resources;
}

}  // namespace croft::cfn
