// AWS::IAM::Role
#include <algorithm>

#include "cfn/json_view.h"
#include "cfn/providers/all.h"
#include "cfn/providers/call.h"

namespace croft::cfn {
namespace {

const ResourceSchema role_schema = {
    .type = "AWS::IAM::Role",
    .service = "Iam",
    .name_property = "RoleName",
    .name_rule = {.length_max = 64},
    .properties = {{"AssumeRolePolicyDocument", Kind::any, Replacement::no, true},
                   {"Description", Kind::text},
                   {"ManagedPolicyArns", Kind::list},
                   {"MaxSessionDuration", Kind::integer},
                   {"Path", Kind::text, Replacement::yes},
                   {"PermissionsBoundary", Kind::text},
                   {"Policies", Kind::list},
                   {"RoleName", Kind::text, Replacement::yes},
                   {"Tags", Kind::list}},
    .attributes = {"Arn", "RoleId"},
};

constexpr std::initializer_list<std::string_view> no_such_entity = {"NoSuchEntity", "NoSuchEntityException"};

std::string policy_name(const json::value& policy) {
  const json::object* members = policy.if_object();
  return std::string(members ? json::string_or(*members, "PolicyName", "") : "");
}

bool has_policy(const json::array& policies, const std::string& name) {
  return std::any_of(policies.begin(), policies.end(), [&](auto& policy) { return policy_name(policy) == name; });
}

bool has_item(const json::array& items, const json::value& item) {
  return std::find(items.begin(), items.end(), item) != items.end();
}

class IamRole final : public ResourceProvider {
 public:
  const ResourceSchema& schema() const override { return role_schema; }

  Task<bool> exists(const ResourceStep& step) const override {
    json::object input{{"RoleName", step.id}};
    auto found = co_await call(step, "iam", "GetRole", std::move(input));
    co_return found.has_value();
  }

  Task<CallResult> create(const ResourceStep& step) const override {
    json::object input{{"RoleName", step.id},
                       {"AssumeRolePolicyDocument", document_text(step.properties.at("AssumeRolePolicyDocument"))}};
    copy_members(step.properties, {"Path", "Description", "MaxSessionDuration", "PermissionsBoundary", "Tags"}, input);
    auto made = co_await call(step, "iam", "CreateRole", std::move(input));
    const bool was_made_before =
        !made && step.is_repeated && has_code(made.error(), {"EntityAlreadyExists", "EntityAlreadyExistsException"});
    if (!made && !was_made_before) co_return made.error();
    auto policies = co_await change_policies(step, {}, step.properties);
    if (!policies) co_return policies.error();
    auto described = co_await attributes(step);
    co_return described;
  }

  Task<CallResult> update(const ResourceStep& step) const override {
    if (differs(step.previous, step.properties, {"AssumeRolePolicyDocument"})) {
      json::object input{{"RoleName", step.id},
                         {"PolicyDocument", document_text(step.properties.at("AssumeRolePolicyDocument"))}};
      auto done = co_await call(step, "iam", "UpdateAssumeRolePolicy", std::move(input));
      if (!done) co_return done.error();
    }
    if (differs(step.previous, step.properties, {"Description", "MaxSessionDuration"})) {
      json::object input{{"RoleName", step.id}, {"Description", ""}, {"MaxSessionDuration", 3600}};
      copy_members(step.properties, {"Description", "MaxSessionDuration"}, input);
      auto done = co_await call(step, "iam", "UpdateRole", std::move(input));
      if (!done) co_return done.error();
    }
    auto boundary = co_await change_boundary(step);
    if (!boundary) co_return boundary.error();
    auto policies = co_await change_policies(step, step.previous, step.properties);
    if (!policies) co_return policies.error();
    auto tags = co_await change_tags(step);
    if (!tags) co_return tags.error();
    auto described = co_await attributes(step);
    co_return described;
  }

  Task<Result<void>> erase(const ResourceStep& step) const override {
    auto policies = co_await change_policies(step, step.properties, {});
    if (!policies && !has_code(policies.error(), no_such_entity)) co_return policies.error();
    json::object input{{"RoleName", step.id}};
    auto deleted = co_await call(step, "iam", "DeleteRole", std::move(input));
    co_return gone(deleted, no_such_entity);
  }

 private:
  static Task<CallResult> attributes(const ResourceStep& step) {
    json::object input{{"RoleName", step.id}};
    auto found = co_await call(step, "iam", "GetRole", std::move(input));
    if (!found) co_return found;
    json::object attributes;
    copy_members(map_of(*found, "Role"), {"Arn", "RoleId"}, attributes);
    co_return attributes;
  }

  // Inline and attached policies: those of `after` put, then what only `before` has taken away.
  static Task<Result<void>> change_policies(const ResourceStep& step, json::object before, json::object after) {
    const json::array inline_before = list_of(before, "Policies");
    const json::array inline_after = list_of(after, "Policies");
    for (const json::value& policy : inline_after) {
      if (has_item(inline_before, policy)) continue;
      const json::value* document = policy.is_object() ? json::find(policy.get_object(), "PolicyDocument") : nullptr;
      json::object input{{"RoleName", step.id},
                         {"PolicyName", policy_name(policy)},
                         {"PolicyDocument", document ? document_text(*document) : std::string()}};
      auto done = co_await call(step, "iam", "PutRolePolicy", std::move(input));
      if (!done) co_return done.error();
    }
    for (const json::value& policy : inline_before) {
      const std::string name = policy_name(policy);
      if (has_policy(inline_after, name)) continue;
      json::object input{{"RoleName", step.id}, {"PolicyName", name}};
      auto deleted = co_await call(step, "iam", "DeleteRolePolicy", std::move(input));
      auto done = gone(deleted, no_such_entity);
      if (!done) co_return done;
    }
    auto attached = co_await change_attachments(step, list_of(before, "ManagedPolicyArns"),
                                                list_of(after, "ManagedPolicyArns"));
    co_return attached;
  }

  static Task<Result<void>> change_attachments(const ResourceStep& step, json::array before, json::array after) {
    for (const json::value& arn : after) {
      if (has_item(before, arn)) continue;
      json::object input{{"RoleName", step.id}, {"PolicyArn", arn}};
      auto done = co_await call(step, "iam", "AttachRolePolicy", std::move(input));
      if (!done) co_return done.error();
    }
    for (const json::value& arn : before) {
      if (has_item(after, arn)) continue;
      json::object input{{"RoleName", step.id}, {"PolicyArn", arn}};
      auto detached = co_await call(step, "iam", "DetachRolePolicy", std::move(input));
      auto done = gone(detached, no_such_entity);
      if (!done) co_return done;
    }
    co_return Result<void>();
  }

  static Task<Result<void>> change_boundary(const ResourceStep& step) {
    if (!differs(step.previous, step.properties, {"PermissionsBoundary"})) co_return Result<void>();
    const json::value* boundary = json::find(step.properties, "PermissionsBoundary");
    json::object input{{"RoleName", step.id}};
    if (boundary) input["PermissionsBoundary"] = *boundary;
    const char* operation = boundary ? "PutRolePermissionsBoundary" : "DeleteRolePermissionsBoundary";
    auto done = co_await call(step, "iam", operation, std::move(input));
    if (!done) co_return done.error();
    co_return Result<void>();
  }

  static Task<Result<void>> change_tags(const ResourceStep& step) {
    TagChange change = tag_change(step.previous, step.properties);
    if (!change.removed.empty()) {
      json::object input{{"RoleName", step.id}, {"TagKeys", text_array(change.removed)}};
      auto done = co_await call(step, "iam", "UntagRole", std::move(input));
      if (!done) co_return done.error();
    }
    if (!change.set.empty()) {
      json::object input{{"RoleName", step.id}, {"Tags", std::move(change.set)}};
      auto done = co_await call(step, "iam", "TagRole", std::move(input));
      if (!done) co_return done.error();
    }
    co_return Result<void>();
  }
};

}  // namespace

std::unique_ptr<ResourceProvider> iam_role() { return std::make_unique<IamRole>(); }

}  // namespace croft::cfn
