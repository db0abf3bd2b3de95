#include "cfn/template.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "cfn/errors.h"
#include "cfn/json_view.h"
#include "cfn/limits.h"

namespace croft::cfn {
namespace {

Error format_error(std::string what) {
  return validation_error("Template format error: " + std::move(what));
}

// The path of the first null below `v`, or "".
std::string null_path(const json::value& v, const std::string& path) {
  if (v.is_null()) return path;
  if (const json::array* items = v.if_array()) {
    for (std::size_t i = 0; i < items->size(); ++i) {
      std::string found = null_path((*items)[i], path + "/" + std::to_string(i));
      if (!found.empty()) return found;
    }
  }
  if (const json::object* members = v.if_object()) {
    for (const auto& [name, member] : *members) {
      std::string found = null_path(member, path + "/" + str(name));
      if (!found.empty()) return found;
    }
  }
  return "";
}

bool is_logical_id(std::string_view id) {
  return !id.empty() && id.size() <= logical_id_bytes_max &&
         std::all_of(id.begin(), id.end(), [](unsigned char c) { return std::isalnum(c); });
}

Result<void> check_count(std::string_view what, std::size_t count, std::size_t maximum) {
  if (count <= maximum) return {};
  return format_error("Number of " + std::string(what) + ", " + std::to_string(count) +
                      ", is greater than maximum allowed, " + std::to_string(maximum));
}

Result<std::vector<std::string>> read_strings(const json::value& v, std::string_view what) {
  std::vector<std::string> found;
  if (v.is_string())
    found.push_back(str(v.get_string()));
  else if (const json::array* items = v.if_array()) {
    for (const json::value& item : *items) {
      if (!item.is_string()) return format_error("Every " + std::string(what) + " member must be a string.");
      found.push_back(str(item.get_string()));
    }
  } else {
    return format_error(std::string(what) + " must be a string or a list of strings.");
  }
  return found;
}

Result<std::vector<std::string>> read_transforms(const json::value& v) {
  auto transforms = read_strings(v, "Transform");
  if (!transforms) return transforms;
  for (const std::string& name : *transforms) {
    if (name != sam_transform) return validation_error("No transform named " + name + " found.");
  }
  return transforms;
}

Result<void> read_policy(const json::value& v, std::string_view member, std::initializer_list<std::string_view> known,
                         std::string& into) {
  const json::string* policy = v.if_string();
  if (!policy) return format_error("Every " + std::string(member) + " member must be a string.");
  if (std::find(known.begin(), known.end(), view(*policy)) == known.end()) {
    return format_error("Unrecognized " + std::string(member) + " " + str(*policy));
  }
  into = str(*policy);
  return {};
}

Result<void> read_resource_member(std::string_view member, const json::value& v, bool before_sam, Resource& r) {
  const bool is_map = member == "Properties" || member == "Metadata";
  if (is_map && !v.is_object()) {
    return format_error("[/Resources/" + r.logical_id + "] Every " + std::string(member) +
                        " member must be an object.");
  }
  if (member == "Properties")
    r.properties = v.get_object();
  else if (member == "Metadata")
    r.metadata = v.get_object();
  else if (member == "Type" || member == "Condition") {
    if (!v.is_string()) return format_error("Every " + std::string(member) + " member must be a string.");
    (member == "Type" ? r.type : r.condition) = str(v.get_string());
  } else if (member == "DependsOn") {
    auto names = read_strings(v, "DependsOn");
    if (!names) return names.error();
    r.depends_on = std::move(*names);
  } else if (member == "DeletionPolicy") {
    return read_policy(v, member, {"Delete", "Retain", "RetainExceptOnCreate", "Snapshot"}, r.deletion_policy);
  } else if (member == "UpdateReplacePolicy") {
    return read_policy(v, member, {"Delete", "Retain", "Snapshot"}, r.update_replace_policy);
  } else {
    // The two policies are about signals and instance groups, which no type here has.
    const bool known = member == "CreationPolicy" || member == "UpdatePolicy" || member == "Version";
    const bool sam_only = member == "IgnoreGlobals" || member == "Connectors";
    if (!known && !(before_sam && sam_only)) {
      return validation_error("Invalid template resource property '" + std::string(member) + "'");
    }
  }
  return {};
}

Result<std::vector<Resource>> read_resources(const json::object& section, bool before_sam) {
  if (section.empty()) return format_error("At least one Resources member must be defined.");
  auto count = check_count("resources", section.size(), resources_max);
  if (!count) return count.error();
  std::vector<Resource> resources;
  for (const auto& [id, v] : section) {
    Resource r{.logical_id = str(id)};
    if (!is_logical_id(r.logical_id)) return format_error("Resource name " + r.logical_id + " is non alphanumeric.");
    if (!v.is_object()) return format_error("[/Resources/" + r.logical_id + "] resource definition is malformed");
    for (const auto& [member, value] : v.get_object()) {
      auto done = read_resource_member(view(member), value, before_sam, r);
      if (!done) return done.error();
    }
    if (r.type.empty()) {
      return format_error("[/Resources/" + r.logical_id + "] Every Resources object must contain a Type member.");
    }
    resources.push_back(std::move(r));
  }
  return resources;
}

Result<std::vector<Output>> read_outputs(const json::object& section) {
  auto count = check_count("outputs", section.size(), outputs_max);
  if (!count) return count.error();
  std::vector<Output> outputs;
  for (const auto& [name, v] : section) {
    Output output{.name = str(name)};
    if (!is_logical_id(output.name)) return format_error("Output name " + output.name + " is non alphanumeric.");
    if (!v.is_object()) return format_error("Every Outputs member must be an object.");
    for (const auto& [member, value] : v.get_object()) {
      const std::string_view key = view(member);
      if (key == "Value")
        output.value = value;
      else if (key == "Export") {
        const json::object* exported = value.if_object();
        const json::value* export_name = exported && exported->size() == 1 ? json::find(*exported, "Name") : nullptr;
        if (!export_name) return format_error("Output " + output.name + " is malformed: Export must have a Name.");
        output.export_name = *export_name;
      } else if (key == "Description" || key == "Condition") {
        if (!value.is_string()) return format_error("Every " + str(member) + " member must be a string.");
        (key == "Condition" ? output.condition : output.description) = str(value.get_string());
      } else {
        return validation_error("Invalid template output property '" + str(member) + "'");
      }
    }
    if (output.value.is_null()) return format_error("Every Outputs member must contain a Value object");
    outputs.push_back(std::move(output));
  }
  return outputs;
}

Result<void> check_mappings(const json::object& mappings) {
  auto count = check_count("mappings", mappings.size(), mappings_max);
  if (!count) return count;
  for (const auto& [map, keys] : mappings) {
    if (!keys.is_object()) return format_error("Every Mappings member " + str(map) + " must be a map");
    for (const auto& [key, attributes] : keys.get_object()) {
      if (!attributes.is_object()) return format_error("Every Mappings member " + str(key) + " must be a map");
      for (const auto& [attribute, v] : attributes.get_object()) {
        if (v.is_object()) return format_error("Every Mappings attribute must be a String or a List.");
      }
    }
  }
  return {};
}

Result<void> check_sections(const json::object& document, bool has_sam) {
  static constexpr std::array<std::string_view, 9> known = {"AWSTemplateFormatVersion",
                                                            "Description",
                                                            "Metadata",
                                                            "Parameters",
                                                            "Mappings",
                                                            "Conditions",
                                                            "Transform",
                                                            "Resources",
                                                            "Outputs"};
  std::string unknown;
  for (const auto& [name, v] : document) {
    if (std::find(known.begin(), known.end(), view(name)) != known.end()) continue;
    if (has_sam && view(name) == "Globals") continue;
    unknown += (unknown.empty() ? "" : ", ") + str(name);
  }
  if (!unknown.empty()) return validation_error("Invalid template property or properties [" + unknown + "]");

  for (std::string_view section :
       {"Metadata", "Parameters", "Mappings", "Conditions", "Resources", "Outputs", "Globals"}) {
    const json::value* v = json::find(document, section);
    if (v && !v->is_object()) return format_error(std::string(section) + " section must be an object.");
  }
  return {};
}

Result<void> read_description(const json::object& document, std::string& into) {
  const json::value* version = json::find(document, "AWSTemplateFormatVersion");
  if (version && (!version->is_string() || view(version->get_string()) != "2010-09-09")) {
    return format_error("unsupported value for AWSTemplateFormatVersion.");
  }
  const json::value* v = json::find(document, "Description");
  if (!v) return {};
  if (!v->is_string()) return format_error("Every Description member must be a string.");
  if (v->get_string().size() > description_bytes_max) {
    return format_error("'Description' length is greater than " + std::to_string(description_bytes_max) + ".");
  }
  into = str(v->get_string());
  return {};
}

json::object section(const json::object& document, std::string_view name) {
  const json::object* found = find_object(document, name);
  return found ? *found : json::object();
}

}  // namespace

const Resource* Template::find_resource(std::string_view logical_id) const {
  auto it = std::find_if(resources.begin(), resources.end(), [&](auto& r) { return r.logical_id == logical_id; });
  return it == resources.end() ? nullptr : &*it;
}

const Parameter* Template::find_parameter(std::string_view name) const {
  auto it = std::find_if(parameters.begin(), parameters.end(), [&](auto& p) { return p.name == name; });
  return it == parameters.end() ? nullptr : &*it;
}

Result<Template> parse_template(const json::object& document) {
  const std::string null = null_path(json::value(document), "");
  if (!null.empty()) return validation_error("[" + null + "] 'null' values are not allowed in templates");

  Template t;
  if (const json::value* v = json::find(document, "Transform")) {
    auto transforms = read_transforms(*v);
    if (!transforms) return transforms.error();
    t.transforms = std::move(*transforms);
  }
  auto sections = check_sections(document, !t.transforms.empty());
  if (!sections) return sections.error();
  auto description = read_description(document, t.description);
  if (!description) return description.error();
  auto parameters = read_parameters(section(document, "Parameters"));
  if (!parameters) return parameters.error();
  auto resources = read_resources(section(document, "Resources"), !t.transforms.empty());
  if (!resources) return resources.error();
  auto outputs = read_outputs(section(document, "Outputs"));
  if (!outputs) return outputs.error();

  t.parameters = std::move(*parameters);
  t.resources = std::move(*resources);
  t.outputs = std::move(*outputs);
  t.mappings = section(document, "Mappings");
  t.conditions = section(document, "Conditions");
  t.globals = section(document, "Globals");
  t.metadata = section(document, "Metadata");
  auto mappings = check_mappings(t.mappings);
  if (!mappings) return mappings.error();
  for (const Resource& r : t.resources) {
    if (t.find_parameter(r.logical_id)) {
      return format_error("Resource and parameter names must be unique: " + r.logical_id);
    }
  }
  return t;
}

}  // namespace croft::cfn
