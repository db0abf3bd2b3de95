#include "identity/roles.h"

#include <algorithm>

#include "identity/access_keys.h"
#include "identity/iam_rules.h"
#include "identity/limits.h"
#include "identity/role_row.h"
#include "observe/log.h"
#include "text/digest.h"
#include "text/json.h"

namespace croft::identity {

namespace {

constexpr std::string_view row_prefix = "role/";
constexpr std::string_view row_end = "role0";  // the key after every "role/…"

std::string row_key(std::string_view name) {
  return std::string(row_prefix) + std::string(name);
}

Error no_such_role(std::string_view name) {
  return {"NoSuchEntity", "The role with name " + std::string(name) + " cannot be found.", 404};
}

Result<void> check_session_duration(std::int64_t seconds) {
  if (seconds >= 3600 && seconds <= session_duration_s_max) return {};
  return invalid_member(std::to_string(seconds), "maxSessionDuration",
                        seconds < 3600 ? "Member must have value greater than or equal to 3600"
                                       : "Member must have value less than or equal to 43200");
}

Result<void> check_new(const NewRole& role) {
  if (auto named = check_name(role.name, "roleName", role_name_characters_max); !named) return named.error();
  if (auto path = check_path(role.path); !path) return path.error();
  if (auto policy = check_policy(role.trust_policy, trust_policy_characters_max); !policy) return policy.error();
  if (auto duration = check_session_duration(role.max_session_duration_s); !duration) return duration.error();
  if (role.description.size() > role_description_characters_max) {
    return invalid_member(role.description, "description", "Member must have length less than or equal to 1000");
  }
  return check_tags(role.tags);
}

}  // namespace

void Roles::save(const Role& role) {
  Batch batch;
  batch.put(Family::registry, row_key(role.name), role_row(role));
  store_.write(std::move(batch));
}

std::optional<Role> Roles::load(std::string_view name) const {
  const auto row = store_.get(Family::registry, row_key(name));
  if (!row) return std::nullopt;
  auto role = role_from_row(*row);
  if (!role) {
    log::error("identity", "the row of a role cannot be read: " + std::string(name));
    return std::nullopt;
  }
  role->arn = instance_.iam_arn("role" + role->path + role->name);
  return role;
}

Result<Role> Roles::create(const NewRole& wanted, Timestamp now) {
  if (auto valid = check_new(wanted); !valid) return valid.error();
  std::lock_guard lock(mutex_);
  if (load(wanted.name)) {
    return Error{"EntityAlreadyExists", "Role with name " + wanted.name + " already exists.", 409};
  }
  if (store_.scan(Family::registry, row_prefix, row_end, roles_max).size() >= roles_max) {
    return Error{"LimitExceeded", "Cannot exceed quota for RolesPerAccount: " + std::to_string(roles_max), 409};
  }
  Role role;
  role.name = wanted.name;
  role.path = wanted.path;
  role.id = unique_id("AROA", text::random_bytes(10));
  role.trust_policy = wanted.trust_policy;
  role.description = wanted.description;
  role.max_session_duration_s = wanted.max_session_duration_s;
  role.created = now;
  set_tags(role.tags, wanted.tags);
  role.arn = instance_.iam_arn("role" + role.path + role.name);
  save(role);
  return role;
}

Result<Role> Roles::find(std::string_view name) const {
  auto role = load(name);
  if (!role) return no_such_role(name);
  return std::move(*role);
}

Result<Role> Roles::find_by_arn(std::string_view arn) const {
  const std::string_view name = arn.substr(arn.rfind('/') + 1);  // the whole text when there is no slash
  auto role = load(name);
  if (!role || role->arn != arn) return no_such_role(name);
  return std::move(*role);
}

std::vector<Role> Roles::list(std::string_view path_prefix, std::string_view after, std::size_t limit) const {
  std::vector<Role> roles;
  const std::string from = after.empty() ? std::string(row_prefix) : row_key(after) + '\0';
  store_.visit(Family::registry, from, row_end, false, [&](std::string_view, std::string_view row) {
    auto role = role_from_row(row);
    if (!role || !role->path.starts_with(path_prefix)) return true;
    role->arn = instance_.iam_arn("role" + role->path + role->name);
    roles.push_back(std::move(*role));
    return roles.size() < limit;
  });
  return roles;
}

Result<void> Roles::erase(std::string_view name) {
  std::lock_guard lock(mutex_);
  const auto role = load(name);
  if (!role) return no_such_role(name);
  if (!role->attached_policies.empty()) {
    return Error{"DeleteConflict", "Cannot delete entity, must detach all policies first.", 409};
  }
  if (!role->inline_policies.empty()) {
    return Error{"DeleteConflict", "Cannot delete entity, must delete policies first.", 409};
  }
  Batch batch;
  batch.erase(Family::registry, row_key(name));
  store_.write(std::move(batch));
  return {};
}

Result<void> Roles::set_trust_policy(std::string_view name, const std::string& document) {
  if (auto valid = check_policy(document, trust_policy_characters_max); !valid) return valid.error();
  std::lock_guard lock(mutex_);
  auto role = load(name);
  if (!role) return no_such_role(name);
  role->trust_policy = document;
  save(*role);
  return {};
}

Result<void> Roles::describe(std::string_view name, std::optional<std::string> description,
                             std::optional<std::int64_t> max_session_duration_s) {
  if (max_session_duration_s) {
    if (auto valid = check_session_duration(*max_session_duration_s); !valid) return valid.error();
  }
  if (description && description->size() > role_description_characters_max) {
    return invalid_member(*description, "description", "Member must have length less than or equal to 1000");
  }
  std::lock_guard lock(mutex_);
  auto role = load(name);
  if (!role) return no_such_role(name);
  if (description) role->description = std::move(*description);
  if (max_session_duration_s) role->max_session_duration_s = *max_session_duration_s;
  save(*role);
  return {};
}

Result<void> Roles::tag(std::string_view name, const std::vector<Tag>& tags) {
  std::lock_guard lock(mutex_);
  auto role = load(name);
  if (!role) return no_such_role(name);
  set_tags(role->tags, tags);
  if (auto valid = check_tags(role->tags); !valid) return valid.error();
  save(*role);
  return {};
}

Result<void> Roles::untag(std::string_view name, const std::vector<std::string>& keys) {
  std::lock_guard lock(mutex_);
  auto role = load(name);
  if (!role) return no_such_role(name);
  std::erase_if(role->tags,
                [&](const Tag& tag) { return std::find(keys.begin(), keys.end(), tag.key) != keys.end(); });
  save(*role);
  return {};
}

Result<void> Roles::put_policy(std::string_view name, const std::string& policy, const std::string& document) {
  if (auto named = check_name(policy, "policyName", policy_name_characters_max); !named) return named.error();
  if (auto valid = check_policy(document, inline_policy_characters_max); !valid) return valid.error();
  std::lock_guard lock(mutex_);
  auto role = load(name);
  if (!role) return no_such_role(name);
  role->inline_policies[policy] = document;
  std::size_t characters = 0;
  for (const auto& [other, text] : role->inline_policies) characters += text.size();
  if (characters > inline_policy_characters_max) {
    return Error{"LimitExceeded", "Maximum policy size of 10240 bytes exceeded for role " + role->name, 409};
  }
  save(*role);
  return {};
}

Result<std::string> Roles::policy(std::string_view name, std::string_view policy) const {
  const auto role = load(name);
  if (!role) return no_such_role(name);
  const auto found = role->inline_policies.find(std::string(policy));
  if (found == role->inline_policies.end()) {
    return Error{"NoSuchEntity", "The role policy with name " + std::string(policy) + " cannot be found.", 404};
  }
  return {boost::system::in_place_value, found->second};
}

Result<void> Roles::erase_policy(std::string_view name, std::string_view policy) {
  std::lock_guard lock(mutex_);
  auto role = load(name);
  if (!role) return no_such_role(name);
  if (role->inline_policies.erase(std::string(policy)) == 0) {
    return Error{"NoSuchEntity", "The role policy with name " + std::string(policy) + " cannot be found.", 404};
  }
  save(*role);
  return {};
}

Result<void> Roles::attach_policy(std::string_view name, const std::string& policy_arn) {
  const std::string managed = "arn:" + instance_.partition + ":iam::aws:policy/";
  if (!policy_arn.starts_with("arn:")) {
    return Error{"InvalidInput", "ARN " + policy_arn + " is not valid.", 400};
  }
  const bool is_of_aws = policy_arn.starts_with(managed) && policy_arn.size() > managed.size();
  std::lock_guard lock(mutex_);
  if (!is_of_aws && !load_managed(policy_arn)) {
    return Error{"NoSuchEntity", "Policy " + policy_arn + " does not exist or is not attachable.", 404};
  }
  auto role = load(name);
  if (!role) return no_such_role(name);
  auto& attached = role->attached_policies;
  if (std::find(attached.begin(), attached.end(), policy_arn) != attached.end()) return {};
  if (attached.size() >= attached_policies_max) {
    return Error{"LimitExceeded", "Cannot exceed quota for PoliciesPerRole: " + std::to_string(attached_policies_max),
                 409};
  }
  attached.push_back(policy_arn);
  save(*role);
  return {};
}

Result<void> Roles::detach_policy(std::string_view name, std::string_view policy_arn) {
  std::lock_guard lock(mutex_);
  auto role = load(name);
  if (!role) return no_such_role(name);
  if (std::erase(role->attached_policies, policy_arn) == 0) {
    return Error{"NoSuchEntity", "Policy " + std::string(policy_arn) + " was not found.", 404};
  }
  save(*role);
  return {};
}

}  // namespace croft::identity
