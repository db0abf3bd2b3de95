#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "identity/managed_policy.h"
#include "identity/tag.h"
#include "store/store.h"
#include "types/instance.h"
#include "types/result.h"
#include "types/timestamp.h"

namespace croft::identity {

struct Role {
  std::string name;
  std::string path = "/";
  std::string id;            // AROA…
  std::string trust_policy;  // AssumeRolePolicyDocument as it was given
  std::string description;
  std::int64_t max_session_duration_s = 3600;
  Timestamp created;
  std::vector<Tag> tags;
  std::map<std::string, std::string> inline_policies;  // name -> document
  std::vector<std::string> attached_policies;          // ARNs, in the order of attaching
  std::string arn;                                     // made from name and path; not stored
};

struct NewRole {
  std::string name;
  std::string path = "/";
  std::string trust_policy;
  std::string description{};
  std::int64_t max_session_duration_s = 3600;
  std::vector<Tag> tags{};
};

// IAM's roles and managed policies, kept in Family::registry ("role/NAME", "managed-policy/NAME" -> JSON). Policies
// are stored, not yet evaluated.
//
// Threads: any. Writes are visible at once; whoever answers a client awaits Store::durable() first.
// Errors (IAM's): NoSuchEntity, EntityAlreadyExists, DeleteConflict, MalformedPolicyDocument, ValidationError,
// LimitExceeded.
class Roles {
 public:
  Roles(Store& store, Instance instance) : store_(store), instance_(std::move(instance)) {}

  Result<Role> create(const NewRole& role, Timestamp now);
  Result<Role> find(std::string_view name) const;
  // By arn:aws:iam::ACCOUNT:role/…; the account and path must fit.
  Result<Role> find_by_arn(std::string_view arn) const;
  // In the order of their names, after `after`, below the path prefix.
  std::vector<Role> list(std::string_view path_prefix, std::string_view after, std::size_t limit) const;
  // DeleteConflict while policies are there.
  Result<void> erase(std::string_view name);
  Result<void> set_trust_policy(std::string_view name, const std::string& document);
  Result<void> describe(std::string_view name, std::optional<std::string> description,
                        std::optional<std::int64_t> max_session_duration_s);
  // A tag replaces the one of its key.
  Result<void> tag(std::string_view name, const std::vector<Tag>& tags);
  Result<void> untag(std::string_view name, const std::vector<std::string>& keys);

  Result<void> put_policy(std::string_view role, const std::string& policy, const std::string& document);
  Result<std::string> policy(std::string_view role, std::string_view policy) const;
  Result<void> erase_policy(std::string_view role, std::string_view policy);
  // Attaching twice is no error. Managed policies of AWS are taken by their ARN's form; others must exist.
  Result<void> attach_policy(std::string_view role, const std::string& policy_arn);
  Result<void> detach_policy(std::string_view role, std::string_view policy_arn);

  // Managed policies of the account (roles_managed_policies.cpp), by their ARN. One that a role has, or that has more
  // than its default version, is not erased (DeleteConflict).
  Result<ManagedPolicy> create_managed(const NewManagedPolicy& policy, Timestamp now);
  Result<ManagedPolicy> find_managed(std::string_view arn) const;
  // In the order of their names. Cost: reads every role.
  std::vector<ManagedPolicy> list_managed(std::string_view path_prefix) const;
  Result<void> erase_managed(std::string_view arn);
  Result<PolicyVersion> add_version(std::string_view arn, const std::string& document, bool is_default,
                                    Timestamp now);
  Result<PolicyVersion> find_version(std::string_view arn, std::string_view version_id) const;
  // DeleteConflict for the default version.
  Result<void> erase_version(std::string_view arn, std::string_view version_id);
  Result<void> set_default_version(std::string_view arn, std::string_view version_id);

 private:
  void save(const Role& role);
  std::optional<Role> load(std::string_view name) const;
  void save(const ManagedPolicy& policy);
  std::optional<ManagedPolicy> load_managed(std::string_view arn) const;
  std::map<std::string, std::size_t> attachment_counts() const;  // of policies that some role has, by ARN

  Store& store_;
  const Instance instance_;
  mutable std::mutex mutex_;  // makes read-modify-write of a row one step
};

}  // namespace croft::identity
