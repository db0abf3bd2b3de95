// The managed policies of Roles.
#include <algorithm>
#include <map>

#include "identity/access_keys.h"
#include "identity/iam_rules.h"
#include "identity/limits.h"
#include "identity/role_row.h"
#include "identity/roles.h"
#include "text/digest.h"

namespace croft::identity {

namespace {

constexpr std::string_view row_prefix = "managed-policy/";
constexpr std::string_view row_end = "managed-policy0";  // the key after every "managed-policy/…"

std::string row_key(std::string_view name) {
  return std::string(row_prefix) + std::string(name);
}

Error no_such_policy(std::string_view arn) {
  return {"NoSuchEntity", "Policy " + std::string(arn) + " was not found.", 404};
}

Error no_such_version(std::string_view arn, std::string_view version) {
  return {"NoSuchEntity",
          "Policy " + std::string(arn) + " version " + std::string(version) + " does not exist or is not attachable.",
          404};
}

Result<void> check_new(const NewManagedPolicy& policy) {
  if (auto named = check_name(policy.name, "policyName", policy_name_characters_max); !named) return named.error();
  if (auto path = check_path(policy.path); !path) return path.error();
  if (auto document = check_policy(policy.document, managed_policy_characters_max); !document) {
    return document.error();
  }
  if (policy.description.size() > role_description_characters_max) {
    return invalid_member(policy.description, "description", "Member must have length less than or equal to 1000");
  }
  return check_tags(policy.tags);
}

}  // namespace

void Roles::save(const ManagedPolicy& policy) {
  Batch batch;
  batch.put(Family::registry, row_key(policy.name), managed_policy_row(policy));
  store_.write(std::move(batch));
}

std::optional<ManagedPolicy> Roles::load_managed(std::string_view arn) const {
  const auto row = store_.get(Family::registry, row_key(arn.substr(arn.rfind('/') + 1)));
  auto policy = row ? managed_policy_from_row(*row) : std::nullopt;
  if (!policy) return std::nullopt;
  policy->arn = instance_.iam_arn("policy" + policy->path + policy->name);
  if (policy->arn != arn) return std::nullopt;
  return policy;
}

std::map<std::string, std::size_t> Roles::attachment_counts() const {
  std::map<std::string, std::size_t> counts;
  for (const Role& role : list("/", "", roles_max)) {
    for (const std::string& arn : role.attached_policies) ++counts[arn];
  }
  return counts;
}

Result<ManagedPolicy> Roles::create_managed(const NewManagedPolicy& wanted, Timestamp now) {
  if (auto valid = check_new(wanted); !valid) return valid.error();
  std::lock_guard lock(mutex_);
  if (store_.get(Family::registry, row_key(wanted.name))) {
    return Error{"EntityAlreadyExists",
                 "A policy called " + wanted.name + " already exists. Duplicate names are not allowed.", 409};
  }
  if (store_.scan(Family::registry, row_prefix, row_end, managed_policies_max).size() >= managed_policies_max) {
    return Error{"LimitExceeded",
                 "Cannot exceed quota for PoliciesPerAccount: " + std::to_string(managed_policies_max), 409};
  }
  ManagedPolicy policy;
  policy.name = wanted.name;
  policy.path = wanted.path;
  policy.id = unique_id("ANPA", text::random_bytes(10));
  policy.description = wanted.description;
  policy.created = policy.updated = now;
  set_tags(policy.tags, wanted.tags);
  policy.versions.push_back({"v1", wanted.document, now});
  policy.arn = instance_.iam_arn("policy" + policy.path + policy.name);
  save(policy);
  return policy;
}

Result<ManagedPolicy> Roles::find_managed(std::string_view arn) const {
  auto policy = load_managed(arn);
  if (!policy) return no_such_policy(arn);
  policy->attachments = attachment_counts()[policy->arn];
  return std::move(*policy);
}

std::vector<ManagedPolicy> Roles::list_managed(std::string_view path_prefix) const {
  std::vector<ManagedPolicy> policies;
  std::map<std::string, std::size_t> counts = attachment_counts();
  store_.visit(Family::registry, row_prefix, row_end, false, [&](std::string_view, std::string_view row) {
    auto policy = managed_policy_from_row(row);
    if (!policy || !policy->path.starts_with(path_prefix)) return true;
    policy->arn = instance_.iam_arn("policy" + policy->path + policy->name);
    policy->attachments = counts[policy->arn];
    policies.push_back(std::move(*policy));
    return true;
  });
  return policies;
}

Result<void> Roles::erase_managed(std::string_view arn) {
  std::lock_guard lock(mutex_);
  const auto policy = load_managed(arn);
  if (!policy) return no_such_policy(arn);
  if (attachment_counts()[policy->arn] > 0) {
    return Error{"DeleteConflict", "Cannot delete a policy attached to entities.", 409};
  }
  if (policy->versions.size() > 1) {
    return Error{"DeleteConflict",
                 "This policy has more than one version. Before you delete a policy, you must delete the policy's "
                 "versions. The default version is deleted with the policy.",
                 409};
  }
  Batch batch;
  batch.erase(Family::registry, row_key(policy->name));
  store_.write(std::move(batch));
  return {};
}

Result<PolicyVersion> Roles::add_version(std::string_view arn, const std::string& document, bool is_default,
                                         Timestamp now) {
  if (auto valid = check_policy(document, managed_policy_characters_max); !valid) return valid.error();
  std::lock_guard lock(mutex_);
  auto policy = load_managed(arn);
  if (!policy) return no_such_policy(arn);
  if (policy->versions.size() >= policy_versions_max) {
    return Error{"LimitExceeded",
                 "A managed policy can have up to 5 versions. Before you create a new version, you must delete an "
                 "existing version.",
                 409};
  }
  const PolicyVersion added{"v" + std::to_string(++policy->last_version), document, now};
  policy->versions.push_back(added);
  policy->updated = now;
  if (is_default) policy->default_version = added.id;
  save(*policy);
  return added;
}

Result<void> Roles::erase_version(std::string_view arn, std::string_view version_id) {
  std::lock_guard lock(mutex_);
  auto policy = load_managed(arn);
  if (!policy) return no_such_policy(arn);
  if (!policy->version(version_id)) return no_such_version(arn, version_id);
  if (policy->default_version == version_id) {
    return Error{"DeleteConflict", "Cannot delete the default version of a policy.", 409};
  }
  std::erase_if(policy->versions, [&](const PolicyVersion& v) { return v.id == version_id; });
  save(*policy);
  return {};
}

Result<void> Roles::set_default_version(std::string_view arn, std::string_view version_id) {
  std::lock_guard lock(mutex_);
  auto policy = load_managed(arn);
  if (!policy) return no_such_policy(arn);
  if (!policy->version(version_id)) return no_such_version(arn, version_id);
  policy->default_version = version_id;
  save(*policy);
  return {};
}

Result<PolicyVersion> Roles::find_version(std::string_view arn, std::string_view version_id) const {
  const auto policy = load_managed(arn);
  if (!policy) return no_such_policy(arn);
  const PolicyVersion* version = policy->version(version_id);
  if (!version) return no_such_version(arn, version_id);
  return *version;
}

}  // namespace croft::identity
