#include <algorithm>
#include <charconv>

#include "services/iam/operations.h"
#include "text/encoding.h"
#include "text/time.h"

namespace croft::services::iam {

namespace {

using identity::Role;
using identity::Tag;

// "roleName" as messages spell it.
std::string lower_first(std::string_view member) {
  std::string name(member);
  name[0] = text::lower(name.substr(0, 1))[0];
  return name;
}

std::optional<std::int64_t> number(const gateway::Call& call, const char* member) {
  const std::string text = optional(call, member);
  if (text.empty()) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure == std::errc() && end == text.data() + text.size()) return value;
  throw ApiError(invalid(text, lower_first(member), "Member must be an integer"));
}

// Policy documents travel percent-encoded in answers.
json::object shape(const Role& role) {
  json::object out = {{"Path", role.path},
                      {"RoleName", role.name},
                      {"RoleId", role.id},
                      {"Arn", role.arn},
                      {"CreateDate", text::iso8601({role.created.ms / 1000 * 1000})},
                      {"AssumeRolePolicyDocument", text::percent_encode(role.trust_policy)},
                      {"MaxSessionDuration", role.max_session_duration_s}};
  if (!role.description.empty()) out["Description"] = role.description;
  return out;
}

json::object shape_with_tags(const Role& role) {
  json::object out = shape(role);
  if (!role.tags.empty()) out["Tags"] = tag_list(role.tags);
  return out;
}

}  // namespace

Error invalid(const std::string& value, const std::string& member, const std::string& constraint) {
  return {"ValidationError",
          "1 validation error detected: Value '" + value + "' at '" + member +
              "' failed to satisfy constraint: " + constraint,
          400};
}

std::vector<Tag> read_tags(const gateway::Call& call) {
  std::vector<Tag> tags;
  const json::value* list = json::find(call.input, "Tags");
  if (!list || !list->is_array()) return tags;
  for (const json::value& tag : list->get_array()) {
    const std::string key(tag.is_object() ? json::string_or(tag.get_object(), "Key", "") : "");
    if (key.empty() || key.size() > 128) {
      throw ApiError(invalid(key, "tags.1.member.key", "Member must have length between 1 and 128"));
    }
    tags.push_back({key, std::string(json::string_or(tag.get_object(), "Value", ""))});
  }
  return tags;
}

json::array tag_list(const std::vector<Tag>& tags) {
  json::array list;
  for (const Tag& tag : tags) list.push_back(json::object{{"Key", tag.key}, {"Value", tag.value}});
  return list;
}

std::string optional(const gateway::Call& call, const char* member) {
  return std::string(json::string_or(call.input, member, ""));
}

std::string required(const gateway::Call& call, const char* member) {
  const json::value* value = json::find(call.input, member);
  if (value && value->is_string()) return std::string(value->get_string());
  throw ApiError({"ValidationError",
                  "1 validation error detected: Value null at '" + lower_first(member) +
                      "' failed to satisfy constraint: Member must not be null",
                  400});
}

Page read_page(const gateway::Call& call) {
  const std::int64_t limit = number(call, "MaxItems").value_or(100);
  if (limit < 1 || limit > 1000) {
    throw ApiError(invalid(std::to_string(limit), "maxItems", "Member must have value between 1 and 1000"));
  }
  return {optional(call, "Marker"), static_cast<std::size_t>(limit)};
}

Task<gateway::Reply> Operations::create_role(Call& call) {
  identity::NewRole wanted;
  wanted.name = required(call, "RoleName");
  wanted.trust_policy = required(call, "AssumeRolePolicyDocument");
  wanted.description = optional(call, "Description");
  wanted.max_session_duration_s = number(call, "MaxSessionDuration").value_or(3600);
  wanted.tags = read_tags(call);
  if (const std::string path = optional(call, "Path"); !path.empty()) wanted.path = path;
  const Role role = roles_.create(wanted, Timestamp::now()).value();
  co_await store_.durable();
  Reply reply;
  reply.output = {{"Role", shape_with_tags(role)}};
  co_return reply;
}

Task<gateway::Reply> Operations::get_role(Call& call) {
  Reply reply;
  reply.output = {{"Role", shape_with_tags(roles_.find(required(call, "RoleName")).value())}};
  co_return reply;
}

Task<gateway::Reply> Operations::list_roles(Call& call) {
  const Page page = read_page(call);
  const std::string prefix = optional(call, "PathPrefix");
  std::vector<Role> roles = roles_.list(prefix.empty() ? "/" : prefix, page.after, page.limit + 1);
  Reply reply;
  reply.output = page_of(
      roles, page, "Roles", [](const Role& role) { return role.name; }, shape);
  co_return reply;
}

Task<gateway::Reply> Operations::update_role(Call& call) {
  const json::value* description = json::find(call.input, "Description");
  std::optional<std::string> text;
  if (description && description->is_string()) text = description->get_string();
  roles_.describe(required(call, "RoleName"), text, number(call, "MaxSessionDuration")).value();
  co_await store_.durable();
  co_return Reply();
}

Task<gateway::Reply> Operations::update_assume_role_policy(Call& call) {
  roles_.set_trust_policy(required(call, "RoleName"), required(call, "PolicyDocument")).value();
  co_await store_.durable();
  co_return Reply();
}

Task<gateway::Reply> Operations::delete_role(Call& call) {
  roles_.erase(required(call, "RoleName")).value();
  co_await store_.durable();
  co_return Reply();
}

Task<gateway::Reply> Operations::tag_role(Call& call) {
  roles_.tag(required(call, "RoleName"), read_tags(call)).value();
  co_await store_.durable();
  co_return Reply();
}

Task<gateway::Reply> Operations::untag_role(Call& call) {
  std::vector<std::string> keys;
  if (const json::value* list = json::find(call.input, "TagKeys"); list && list->is_array()) {
    for (const json::value& key : list->get_array())
      if (key.is_string()) keys.emplace_back(key.get_string());
  }
  roles_.untag(required(call, "RoleName"), keys).value();
  co_await store_.durable();
  co_return Reply();
}

Task<gateway::Reply> Operations::list_role_tags(Call& call) {
  Reply reply;
  reply.output = {{"Tags", tag_list(roles_.find(required(call, "RoleName")).value().tags)}, {"IsTruncated", false}};
  co_return reply;
}

}  // namespace croft::services::iam
