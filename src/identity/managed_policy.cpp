#include "identity/managed_policy.h"

#include <algorithm>

#include "text/json.h"

namespace croft::identity {

namespace {

std::string text_of(const json::object& o, std::string_view name) {
  return std::string(json::string_or(o, name, ""));
}

const json::array& list_of(const json::object& o, std::string_view name) {
  static const json::array none;
  const json::value* list = json::find(o, name);
  return list && list->is_array() ? list->get_array() : none;
}

}  // namespace

const PolicyVersion* ManagedPolicy::version(std::string_view version_id) const {
  const auto same = [&](const PolicyVersion& v) { return v.id == version_id; };
  const auto found = std::find_if(versions.begin(), versions.end(), same);
  return found == versions.end() ? nullptr : &*found;
}

std::string managed_policy_row(const ManagedPolicy& policy) {
  json::array tags, versions;
  for (const Tag& tag : policy.tags) tags.push_back(json::object{{"key", tag.key}, {"value", tag.value}});
  for (const PolicyVersion& v : policy.versions) {
    versions.push_back(json::object{{"id", v.id}, {"document", v.document}, {"created_ms", v.created.ms}});
  }
  return json::dump(json::object{{"name", policy.name},
                                 {"path", policy.path},
                                 {"id", policy.id},
                                 {"description", policy.description},
                                 {"created_ms", policy.created.ms},
                                 {"updated_ms", policy.updated.ms},
                                 {"tags", std::move(tags)},
                                 {"versions", std::move(versions)},
                                 {"default", policy.default_version},
                                 {"last_version", policy.last_version}});
}

std::optional<ManagedPolicy> managed_policy_from_row(std::string_view row) {
  const auto parsed = json::parse(row);
  if (!parsed || !parsed->is_object()) return std::nullopt;
  const json::object& o = parsed->get_object();

  ManagedPolicy policy;
  policy.name = text_of(o, "name");
  policy.path = text_of(o, "path");
  policy.id = text_of(o, "id");
  policy.description = text_of(o, "description");
  policy.created = {json::int_or(o, "created_ms", 0)};
  policy.updated = {json::int_or(o, "updated_ms", 0)};
  policy.default_version = text_of(o, "default");
  policy.last_version = json::int_or(o, "last_version", 1);
  for (const json::value& tag : list_of(o, "tags")) {
    if (!tag.is_object()) return std::nullopt;
    policy.tags.push_back({text_of(tag.get_object(), "key"), text_of(tag.get_object(), "value")});
  }
  for (const json::value& version : list_of(o, "versions")) {
    if (!version.is_object()) return std::nullopt;
    const json::object& v = version.get_object();
    policy.versions.push_back({text_of(v, "id"), text_of(v, "document"), {json::int_or(v, "created_ms", 0)}});
  }
  if (policy.name.empty() || !policy.version(policy.default_version)) return std::nullopt;
  return policy;
}

}  // namespace croft::identity
