#include <algorithm>

#include "text/digest.h"
#include "things/errors.h"
#include "things/limits.h"
#include "things/registry_change.h"
#include "things/rows.h"

namespace croft::things {

namespace {

Error policy_not_found(std::string_view name) {
  return not_found("Policy", name);
}

Error version_not_found(std::string_view name, int version) {
  return {"ResourceNotFoundException",
          "Policy version " + std::to_string(version) + " of policy " + std::string(name) + " not found", 404};
}

}  // namespace

void Registry::put(const RegisteredPolicy& policy, Change& change) {
  change.batch.put(Family::registry, keys::of(keys::policy, policy.name), row(policy));
  policies_[policy.name] = policy;
}

Result<RegisteredPolicy> Registry::create_policy(std::string_view name, std::string_view document) {
  auto name_is = check_policy_name(name);
  if (!name_is) return name_is.error();
  auto compiled = identity::Policy::parse(std::string(name), document);
  if (!compiled) return compiled.error();

  Change change(*this);
  if (policies_.contains(name)) {
    return already_exists("Policy cannot be created - name already exists (name=" + std::string(name) + ")", name,
                          policy_arn(name));
  }
  const Timestamp now = Timestamp::now();
  RegisteredPolicy policy{.name = std::string(name),
                          .versions = {{1, {std::string(document), now}}},
                          .created = now,
                          .modified = now,
                          .generation_id = text::random_uuid(),
                          .compiled = std::make_shared<const identity::Policy>(std::move(*compiled))};
  put(policy, change);
  change.commit();
  return policy;
}

Result<RegisteredPolicy> Registry::policy(std::string_view name) const {
  auto name_is = check_policy_name(name);
  if (!name_is) return name_is.error();
  std::shared_lock lock(mutex_);
  const auto at = policies_.find(name);
  if (at == policies_.end()) return policy_not_found(name);
  return at->second;
}

Result<void> Registry::delete_policy(std::string_view name) {
  auto name_is = check_policy_name(name);
  if (!name_is) return name_is.error();
  Change change(*this);
  const auto at = policies_.find(name);
  if (at == policies_.end()) return policy_not_found(name);
  if (!targets_of_policies_.right_of(name).empty()) {
    return delete_conflict("The policy cannot be deleted as the policy is attached to one or more principals (name=" +
                           std::string(name) + ")");
  }
  if (at->second.versions.size() > 1) {
    return delete_conflict("The policy cannot be deleted as versions other than the default version exist (name=" +
                           std::string(name) + ")");
  }
  change.batch.erase(Family::registry, keys::of(keys::policy, name));
  policies_.erase(at);
  change.commit();
  return {};
}

Page<RegisteredPolicy> Registry::policies(const PageRequest& request) const {
  std::shared_lock lock(mutex_);
  std::map<std::string, RegisteredPolicy, std::less<>> by_age;
  for (const auto& [name, policy] : policies_) by_age.emplace(age_key(policy.created, name), policy);
  if (request.ascending) return page_of(by_age, request, [](const RegisteredPolicy&) { return true; });

  Page<RegisteredPolicy> page;
  auto at = request.after.empty() ? by_age.end() : by_age.lower_bound(request.after);
  while (at != by_age.begin() && page.items.size() < request.limit) page.items.push_back((--at)->second);
  if (at != by_age.begin()) page.next = at->first;
  return page;
}

Result<RegisteredPolicy> Registry::create_policy_version(std::string_view name, std::string_view document,
                                                         bool set_default) {
  auto name_is = check_policy_name(name);
  if (!name_is) return name_is.error();
  auto compiled = identity::Policy::parse(std::string(name), document);
  if (!compiled) return compiled.error();

  Change change(*this);
  const auto at = policies_.find(name);
  if (at == policies_.end()) return policy_not_found(name);
  RegisteredPolicy policy = at->second;
  if (policy.versions.size() >= limits::policy_versions_max) {
    return versions_limit_exceeded(name, limits::policy_versions_max);
  }
  const int id = policy.next_version++;
  policy.versions[id] = {std::string(document), Timestamp::now()};
  policy.modified = Timestamp::now();
  if (set_default) {
    policy.default_version = id;
    policy.compiled = std::make_shared<const identity::Policy>(std::move(*compiled));
    affect_policy(name, change);
  }
  put(policy, change);
  change.commit();
  return policy;
}

Result<void> Registry::set_default_policy_version(std::string_view name, int version) {
  Change change(*this);
  const auto at = policies_.find(name);
  if (at == policies_.end()) return policy_not_found(name);
  RegisteredPolicy policy = at->second;
  const auto wanted = policy.versions.find(version);
  if (wanted == policy.versions.end()) return version_not_found(name, version);
  auto compiled = identity::Policy::parse(policy.name, wanted->second.document);
  if (!compiled) return compiled.error();
  policy.default_version = version;
  policy.compiled = std::make_shared<const identity::Policy>(std::move(*compiled));
  policy.modified = Timestamp::now();
  affect_policy(name, change);
  put(policy, change);
  change.commit();
  return {};
}

Result<void> Registry::delete_policy_version(std::string_view name, int version) {
  Change change(*this);
  const auto at = policies_.find(name);
  if (at == policies_.end()) return policy_not_found(name);
  RegisteredPolicy policy = at->second;
  if (!policy.versions.contains(version)) return version_not_found(name, version);
  if (policy.default_version == version) {
    return delete_conflict("Cannot delete the default version of a policy");
  }
  policy.versions.erase(version);
  policy.modified = Timestamp::now();
  put(policy, change);
  change.commit();
  return {};
}

Result<void> Registry::check_target(std::string_view target) const {
  if (const auto id = certificate_id_of(target)) {
    if (!certificates_.contains(*id)) return not_found("Certificate", *id);
    return {};
  }
  if (const auto group = group_of_arn(target)) {
    if (!groups_.contains(*group)) return not_found("Thing group", *group);
    return {};
  }
  if (is_cognito_identity(target)) return {};
  return invalid_request(
      "Invalid target: it must be the ARN of a certificate or a thing group, or a Cognito identity id");
}

Result<void> Registry::attach_policy(std::string_view policy, std::string_view target) {
  auto name_is = check_policy_name(policy);
  if (!name_is) return name_is.error();
  Change change(*this);
  if (!policies_.contains(policy)) return policy_not_found(policy);
  auto valid = check_target(target);
  if (!valid) return valid.error();
  if (targets_of_policies_.has(policy, target)) return {};
  if (targets_of_policies_.left_of(target).size() >= limits::policies_of_target_max) {
    return limit_exceeded("The maximum number of policies per principal has been reached (" +
                          std::to_string(limits::policies_of_target_max) + ")");
  }
  targets_of_policies_.add(policy, target);
  change.batch.put(Family::registry, keys::of(keys::policy_target, policy, target), "");
  affect_target(target, change);
  change.commit();
  return {};
}

Result<void> Registry::detach_policy(std::string_view policy, std::string_view target) {
  auto name_is = check_policy_name(policy);
  if (!name_is) return name_is.error();
  Change change(*this);
  if (!policies_.contains(policy)) return policy_not_found(policy);
  if (!targets_of_policies_.remove(policy, target)) return {};
  change.batch.erase(Family::registry, keys::of(keys::policy_target, policy, target));
  affect_target(target, change);
  change.commit();
  return {};
}

Result<std::vector<std::string>> Registry::attached_policies(std::string_view target, bool recursive) const {
  std::shared_lock lock(mutex_);
  auto valid = check_target(target);
  if (!valid) return valid.error();
  std::set<std::string> names;
  const auto group = group_of_arn(target);
  for (const std::string& each : group&& recursive ? lineage(*group) : std::vector<std::string>()) {
    const auto& inherited = targets_of_policies_.left_of(thing_group_arn(each));
    names.insert(inherited.begin(), inherited.end());
  }
  const auto& own = targets_of_policies_.left_of(target);
  names.insert(own.begin(), own.end());
  return std::vector<std::string>(names.begin(), names.end());
}

Result<std::vector<std::string>> Registry::targets_of_policy(std::string_view policy) const {
  auto name_is = check_policy_name(policy);
  if (!name_is) return name_is.error();
  std::shared_lock lock(mutex_);
  if (!policies_.contains(policy)) return policy_not_found(policy);
  std::vector<std::string> targets;
  for (const auto& [target, mark] : targets_of_policies_.right_of(policy)) targets.push_back(target);
  return targets;
}

void Registry::affect_target(std::string_view target, Change& change) const {
  if (const auto id = certificate_id_of(target)) change.affect(*id);
  const auto group = group_of_arn(target);
  if (!group) return;
  for (const std::string& each : descendants(*group)) {
    for (const auto& [thing, mark] : members_of_groups_.right_of(each)) affect_thing(thing, change);
  }
}

void Registry::affect_policy(std::string_view policy, Change& change) const {
  for (const auto& [target, mark] : targets_of_policies_.right_of(policy)) affect_target(target, change);
}

}  // namespace croft::things
