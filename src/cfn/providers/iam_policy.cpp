// AWS::IAM::Policy: an inline policy of roles. AWS::IAM::ManagedPolicy: a policy of its own, attached to roles.
#include <algorithm>

#include "cfn/json_view.h"
#include "cfn/providers/all.h"
#include "cfn/providers/call.h"

namespace croft::cfn {
namespace {

const ResourceSchema policy_schema = {
    .type = "AWS::IAM::Policy",
    .service = "Iam",
    .name_property = "",
    .name_rule = {.length_max = 128},
    .properties = {{"Groups", Kind::list},
                   {"PolicyDocument", Kind::any, Replacement::no, true},
                   {"PolicyName", Kind::text, Replacement::no, true},
                   {"Roles", Kind::list},
                   {"Users", Kind::list}},
    .attributes = {"Id"},
};

const ResourceSchema managed_policy_schema = {
    .type = "AWS::IAM::ManagedPolicy",
    .service = "Iam",
    .name_property = "ManagedPolicyName",
    .name_rule = {.length_max = 128},
    .properties = {{"Description", Kind::text, Replacement::yes},
                   {"Groups", Kind::list},
                   {"ManagedPolicyName", Kind::text, Replacement::yes},
                   {"Path", Kind::text, Replacement::yes},
                   {"PolicyDocument", Kind::any, Replacement::no, true},
                   {"Roles", Kind::list},
                   {"Users", Kind::list}},
    .attributes = {"PolicyArn"},
};

constexpr std::initializer_list<std::string_view> no_such_entity = {"NoSuchEntity", "NoSuchEntityException"};

bool has_item(const json::array& items, const json::value& item) {
  return std::find(items.begin(), items.end(), item) != items.end();
}

// croft has roles only.
Result<void> check_principals(const ResourceSchema& schema, const json::object& properties) {
  for (std::string_view name : {"Groups", "Users"}) {
    if (!list_of(properties, name).empty()) return not_supported(schema.type, name);
  }
  return {};
}

class IamPolicy final : public ResourceProvider {
 public:
  const ResourceSchema& schema() const override { return policy_schema; }

  Task<CallResult> create(const ResourceStep& step) const override {
    auto principals = check_principals(policy_schema, step.properties);
    if (!principals) co_return principals.error();
    auto done = co_await put(step);
    if (!done) co_return done.error();
    co_return single("Id", json::string(step.id));
  }

  Task<CallResult> update(const ResourceStep& step) const override {
    auto principals = check_principals(policy_schema, step.properties);
    if (!principals) co_return principals.error();
    auto done = co_await put(step);
    if (!done) co_return done.error();
    const bool is_renamed = differs(step.previous, step.properties, {"PolicyName"});
    const json::array kept = is_renamed ? json::array() : list_of(step.properties, "Roles");
    auto removed = co_await remove(step, step.previous, kept);
    if (!removed) co_return removed.error();
    co_return single("Id", json::string(step.id));
  }

  Task<Result<void>> erase(const ResourceStep& step) const override {
    auto removed = co_await remove(step, step.properties, {});
    co_return removed;
  }

 private:
  static Task<Result<void>> put(const ResourceStep& step) {
    const json::array roles = list_of(step.properties, "Roles");
    for (const json::value& role : roles) {
      json::object input{{"RoleName", role},
                         {"PolicyName", step.properties.at("PolicyName")},
                         {"PolicyDocument", document_text(step.properties.at("PolicyDocument"))}};
      auto done = co_await call(step, "iam", "PutRolePolicy", std::move(input));
      if (!done) co_return done.error();
    }
    co_return Result<void>();
  }

  static Task<Result<void>> remove(const ResourceStep& step, json::object from, json::array kept_roles) {
    const json::array roles = list_of(from, "Roles");
    for (const json::value& role : roles) {
      if (has_item(kept_roles, role)) continue;
      json::object input{{"RoleName", role}};
      copy_members(from, {"PolicyName"}, input);
      auto deleted = co_await call(step, "iam", "DeleteRolePolicy", std::move(input));
      auto done = gone(deleted, no_such_entity);
      if (!done) co_return done;
    }
    co_return Result<void>();
  }
};

class IamManagedPolicy final : public ResourceProvider {
 public:
  const ResourceSchema& schema() const override { return managed_policy_schema; }

  std::string physical_id(const Instance& instance, const std::string& name,
                          const json::object& properties) const override {
    return instance.iam_arn("policy" + std::string(json::string_or(properties, "Path", "/")) + name);
  }

  Task<bool> exists(const ResourceStep& step) const override {
    json::object input{{"PolicyArn", step.id}};
    auto found = co_await call(step, "iam", "GetPolicy", std::move(input));
    co_return found.has_value();
  }

  Task<CallResult> create(const ResourceStep& step) const override {
    auto principals = check_principals(managed_policy_schema, step.properties);
    if (!principals) co_return principals.error();
    json::object input{{"PolicyName", step.id.substr(step.id.rfind('/') + 1)},
                       {"PolicyDocument", document_text(step.properties.at("PolicyDocument"))}};
    copy_members(step.properties, {"Path", "Description"}, input);
    auto made = co_await call(step, "iam", "CreatePolicy", std::move(input));
    const bool was_made_before =
        !made && step.is_repeated && has_code(made.error(), {"EntityAlreadyExists", "EntityAlreadyExistsException"});
    if (!made && !was_made_before) co_return made.error();
    auto attached = co_await attach(step, {});
    if (!attached) co_return attached.error();
    co_return single("PolicyArn", json::string(step.id));
  }

  Task<CallResult> update(const ResourceStep& step) const override {
    auto principals = check_principals(managed_policy_schema, step.properties);
    if (!principals) co_return principals.error();
    if (differs(step.previous, step.properties, {"PolicyDocument"})) {
      // There may be five versions: one that is not the default makes room.
      auto erased = co_await erase_versions(step, 3);
      if (!erased) co_return erased.error();
      json::object input{{"PolicyArn", step.id},
                         {"PolicyDocument", document_text(step.properties.at("PolicyDocument"))},
                         {"SetAsDefault", true}};
      auto done = co_await call(step, "iam", "CreatePolicyVersion", std::move(input));
      if (!done) co_return done.error();
    }
    auto attached = co_await attach(step, list_of(step.previous, "Roles"));
    if (!attached) co_return attached.error();
    auto detached = co_await detach(step, step.previous, list_of(step.properties, "Roles"));
    if (!detached) co_return detached.error();
    co_return single("PolicyArn", json::string(step.id));
  }

  Task<Result<void>> erase(const ResourceStep& step) const override {
    auto detached = co_await detach(step, step.properties, {});
    if (!detached) co_return detached;
    auto erased = co_await erase_versions(step, 0);
    if (!erased) co_return erased;
    json::object input{{"PolicyArn", step.id}};
    auto deleted = co_await call(step, "iam", "DeletePolicy", std::move(input));
    co_return gone(deleted, no_such_entity);
  }

 private:
  // Erases the oldest versions beside the default one until `kept` of those are left.
  static Task<Result<void>> erase_versions(const ResourceStep& step, std::size_t kept) {
    json::object question{{"PolicyArn", step.id}};
    auto listed = co_await call(step, "iam", "ListPolicyVersions", std::move(question));
    if (!listed) co_return gone(listed, no_such_entity);
    const json::array versions = list_of(*listed, "Versions");  // the newest first
    for (const json::value& version : versions) {
      const json::object* members = version.if_object();
      if (!members || json::bool_or(*members, "IsDefaultVersion", false)) continue;
      if (kept > 0) {
        --kept;
        continue;
      }
      json::object input{{"PolicyArn", step.id}};
      copy_members(*members, {"VersionId"}, input);
      auto deleted = co_await call(step, "iam", "DeletePolicyVersion", std::move(input));
      auto done = gone(deleted, no_such_entity);
      if (!done) co_return done;
    }
    co_return Result<void>();
  }

  static Task<Result<void>> attach(const ResourceStep& step, json::array already) {
    const json::array roles = list_of(step.properties, "Roles");
    for (const json::value& role : roles) {
      if (has_item(already, role)) continue;
      json::object input{{"RoleName", role}, {"PolicyArn", step.id}};
      auto done = co_await call(step, "iam", "AttachRolePolicy", std::move(input));
      if (!done) co_return done.error();
    }
    co_return Result<void>();
  }

  static Task<Result<void>> detach(const ResourceStep& step, json::object from, json::array kept_roles) {
    const json::array roles = list_of(from, "Roles");
    for (const json::value& role : roles) {
      if (has_item(kept_roles, role)) continue;
      json::object input{{"RoleName", role}, {"PolicyArn", step.id}};
      auto detached = co_await call(step, "iam", "DetachRolePolicy", std::move(input));
      auto done = gone(detached, no_such_entity);
      if (!done) co_return done;
    }
    co_return Result<void>();
  }
};

}  // namespace

std::unique_ptr<ResourceProvider> iam_policy() { return std::make_unique<IamPolicy>(); }
std::unique_ptr<ResourceProvider> iam_managed_policy() { return std::make_unique<IamManagedPolicy>(); }

}  // namespace croft::cfn
