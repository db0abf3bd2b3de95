#include "cfn/sam.h"

#include <algorithm>
#include <cctype>
#include <set>

#include "cfn/errors.h"
#include "cfn/json_view.h"
#include "cfn/sam_parts.h"
#include "cfn/template.h"

namespace croft::cfn {
namespace {

constexpr std::string_view serverless = "AWS::Serverless::";

Result<std::vector<NamedResource>> expand_resource(const std::string& id, const json::object& resource,
                                                   const Instance& instance) {
  const std::string_view type = json::string_or(resource, "Type", "");
  if (!type.starts_with(serverless)) return std::vector<NamedResource>{{id, resource}};
  if (json::find(resource, "Connectors")) return invalid_resource(id, "Connectors are not supported.");
  const json::value* properties = json::find(resource, "Properties");
  if (properties && !properties->is_object()) return invalid_resource(id, "Properties must be a map.");
  if (type == "AWS::Serverless::Function") return expand_function(id, resource, instance);
  if (type == "AWS::Serverless::SimpleTable") return expand_simple_table(id, resource);
  return invalid_resource(id, "Resources of type " + std::string(type) + " are not supported.");
}

// Why `made` cannot join the document; "" when it can.
std::string conflict(const NamedResource& made, const std::string& origin, const std::set<std::string>& taken) {
  const std::string& id = made.logical_id;
  if (!std::all_of(id.begin(), id.end(), [](unsigned char c) { return std::isalnum(c); })) {
    return invalid_resource(id, "Logical ids must be alphanumeric.").message;
  }
  if (!taken.contains(id)) return "";
  return "Transforming resource with id [" + origin + "] attempts to create a new resource with id [" + id +
         "] and type \"" + std::string(json::string_or(made.resource, "Type", "")) +
         "\". A resource with that id already exists within this template. Please use a different id for that "
         "resource.";
}

Error invalid_document(const std::vector<std::string>& reasons) {
  std::string message = "Invalid Serverless Application Specification document. Number of errors found: " +
                        std::to_string(reasons.size()) + ".";
  for (const std::string& reason : reasons) message += " " + reason;
  return validation_error(message);
}

std::set<std::string> ids_of(const json::object& resources) {
  std::set<std::string> ids;
  for (const auto& [id, v] : resources) ids.insert(str(id));
  return ids;
}

}  // namespace

bool wants_sam(const json::object& document) {
  const json::value* transform = json::find(document, "Transform");
  if (!transform) return false;
  auto is_sam = [](const json::value& v) { return v.is_string() && view(v.get_string()) == sam_transform; };
  const json::array* list = transform->if_array();
  return list ? std::any_of(list->begin(), list->end(), is_sam) : is_sam(*transform);
}

Result<json::object> expand_sam(const json::object& document, const Instance& instance) {
  if (!wants_sam(document)) return document;
  auto resources = merge_globals(document);
  if (!resources) return invalid_document({resources.error().message});

  std::vector<std::string> reasons;
  std::set<std::string> taken = ids_of(*resources);
  json::object expanded;
  for (const auto& [key, v] : *resources) {
    const std::string id = str(key);
    if (!v.is_object()) {
      reasons.push_back(invalid_resource(id, "The resource must be a map.").message);
      continue;
    }
    auto made = expand_resource(id, v.get_object(), instance);
    if (!made) {
      reasons.push_back(made.error().message);
      continue;
    }
    for (std::size_t i = 0; i < made->size(); ++i) {
      NamedResource& one = (*made)[i];
      std::string reason = i ? conflict(one, id, taken) : "";
      if (!reason.empty()) reasons.push_back(std::move(reason));
      taken.insert(one.logical_id);
      expanded.emplace(one.logical_id, std::move(one.resource));
    }
  }
  if (!reasons.empty()) return invalid_document(reasons);

  json::object processed;
  for (const auto& [name, section] : document) {
    if (view(name) == "Resources")
      processed.emplace(name, std::move(expanded));
    else if (view(name) != "Transform" && view(name) != "Globals")
      processed.emplace(name, section);
  }
  return processed;
}

Error invalid_resource(std::string_view logical_id, std::string_view why) {
  return validation_error("Resource with id [" + std::string(logical_id) + "] is invalid. " + std::string(why));
}

json::object shared_attributes(const json::object& resource) {
  json::object shared;
  for (std::string_view name : {"Condition", "DeletionPolicy", "UpdateReplacePolicy"}) {
    if (const json::value* v = json::find(resource, name)) shared.emplace(name, *v);
  }
  return shared;
}

json::array tag_list(const json::object& tags) {
  json::array list;
  for (const auto& [key, v] : tags) list.push_back(json::object{{"Key", str(key)}, {"Value", v}});
  return list;
}

}  // namespace croft::cfn
