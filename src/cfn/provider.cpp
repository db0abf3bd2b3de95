#include "cfn/provider.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "cfn/errors.h"
#include "cfn/intrinsics.h"
#include "cfn/json_view.h"

namespace croft::cfn {
namespace {

std::string_view type_name(const json::value& v) {
  if (v.is_string()) return "String";
  if (v.is_bool()) return "Boolean";
  if (v.is_number()) return "Number";
  if (v.is_array()) return "JSONArray";
  return v.is_object() ? "JSONObject" : "Null";
}

std::string_view kind_name(Kind kind) {
  switch (kind) {
    case Kind::text: return "String";
    case Kind::integer: return "Integer";
    case Kind::boolean: return "Boolean";
    case Kind::list: return "JSONArray";
    default: return "JSONObject";
  }
}

std::optional<json::value> integer_of(const json::value& v) {
  if (v.is_int64() || v.is_uint64()) return v;
  const json::string* text = v.if_string();
  if (!text) return std::nullopt;
  std::int64_t number = 0;
  auto [end, fault] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (fault != std::errc() || end != text->data() + text->size()) return std::nullopt;
  return json::value(number);
}

std::optional<json::value> boolean_of(const json::value& v) {
  if (v.is_bool()) return v;
  const json::string* text = v.if_string();
  if (text && (*text == "true" || *text == "True")) return json::value(true);
  if (text && (*text == "false" || *text == "False")) return json::value(false);
  return std::nullopt;
}

std::optional<json::value> of_kind(const json::value& v, Kind kind) {
  switch (kind) {
    case Kind::any: return v;
    case Kind::integer: return integer_of(v);
    case Kind::boolean: return boolean_of(v);
    case Kind::list: return v.is_array() ? std::optional(v) : std::nullopt;
    case Kind::map: return v.is_object() ? std::optional(v) : std::nullopt;
    case Kind::text: break;
  }
  auto text = scalar_text(v);
  return text ? std::optional<json::value>(json::string(*text)) : std::nullopt;
}

Error invalid(std::string_view logical_id, std::string what) {
  return validation_error("Properties validation failed for resource " + std::string(logical_id) + " with message: " +
                          std::move(what));
}

}  // namespace

const PropertyRule* ResourceSchema::find_property(std::string_view name) const {
  auto it = std::find_if(properties.begin(), properties.end(), [&](auto& rule) { return rule.name == name; });
  return it == properties.end() ? nullptr : &*it;
}

bool ResourceSchema::has_attribute(std::string_view name) const {
  return std::find(attributes.begin(), attributes.end(), name) != attributes.end();
}

std::string ResourceProvider::physical_id(const Instance&, const std::string& name, const json::object&) const {
  return name;
}

bool ResourceProvider::is_replaced_by(const json::object& before, const json::object& after) const {
  const auto& rules = schema().properties;
  return std::any_of(rules.begin(), rules.end(), [&](const PropertyRule& rule) {
    if (rule.on_change != Replacement::yes) return false;
    const json::value* old_value = json::find(before, rule.name);
    const json::value* new_value = json::find(after, rule.name);
    return old_value && new_value ? *old_value != *new_value : old_value != new_value;
  });
}

Task<bool> ResourceProvider::exists(const ResourceStep&) const { co_return false; }

Result<json::object> validated(const ResourceSchema& schema, std::string_view logical_id,
                               const json::object& properties) {
  json::object valid;
  for (const auto& [key, v] : properties) {
    const PropertyRule* rule = schema.find_property(view(key));
    if (!rule) return invalid(logical_id, "#: extraneous key [" + str(key) + "] is not permitted");
    auto value = of_kind(v, rule->kind);
    if (!value) {
      return invalid(logical_id, "#/" + str(key) + ": expected type: " + std::string(kind_name(rule->kind)) +
                                     ", found: " + std::string(type_name(v)));
    }
    valid.emplace(key, std::move(*value));
  }
  for (const PropertyRule& rule : schema.properties) {
    if (rule.is_required && !json::find(valid, rule.name)) {
      return invalid(logical_id, "#: required key [" + std::string(rule.name) + "] not found");
    }
  }
  return valid;
}

}  // namespace croft::cfn
