#include "identity/role_row.h"

#include "text/json.h"

namespace croft::identity {

std::string role_row(const Role& role) {
  json::array tags, attached;
  for (const Tag& tag : role.tags) tags.push_back(json::object{{"key", tag.key}, {"value", tag.value}});
  for (const std::string& arn : role.attached_policies) attached.push_back(json::value(arn));
  json::object policies;
  for (const auto& [name, document] : role.inline_policies) policies[name] = document;
  return json::dump(json::object{{"name", role.name},
                                 {"path", role.path},
                                 {"id", role.id},
                                 {"trust", role.trust_policy},
                                 {"description", role.description},
                                 {"session_s", role.max_session_duration_s},
                                 {"created_ms", role.created.ms},
                                 {"tags", std::move(tags)},
                                 {"policies", std::move(policies)},
                                 {"attached", std::move(attached)}});
}

std::optional<Role> role_from_row(std::string_view row) {
  const auto parsed = json::parse(row);
  if (!parsed || !parsed->is_object()) return std::nullopt;
  const json::object& o = parsed->get_object();
  const auto text = [&](std::string_view name) { return std::string(json::string_or(o, name, "")); };

  Role role;
  role.name = text("name");
  role.path = text("path");
  role.id = text("id");
  role.trust_policy = text("trust");
  role.description = text("description");
  role.max_session_duration_s = json::int_or(o, "session_s", 3600);
  role.created = {json::int_or(o, "created_ms", 0)};
  if (const json::value* tags = json::find(o, "tags"); tags && tags->is_array()) {
    for (const json::value& tag : tags->get_array()) {
      if (!tag.is_object()) return std::nullopt;
      role.tags.push_back({std::string(json::string_or(tag.get_object(), "key", "")),
                           std::string(json::string_or(tag.get_object(), "value", ""))});
    }
  }
  if (const json::value* policies = json::find(o, "policies"); policies && policies->is_object()) {
    for (const auto& [name, document] : policies->get_object()) {
      if (!document.is_string()) return std::nullopt;
      role.inline_policies[name] = document.get_string();
    }
  }
  if (const json::value* attached = json::find(o, "attached"); attached && attached->is_array()) {
    for (const json::value& arn : attached->get_array()) {
      if (!arn.is_string()) return std::nullopt;
      role.attached_policies.emplace_back(arn.get_string());
    }
  }
  if (role.name.empty()) return std::nullopt;
  return role;
}

}  // namespace croft::identity
