// A policy of its own, attached to roles by its ARN, and its stored form: one JSON row.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "identity/tag.h"
#include "types/timestamp.h"

namespace croft::identity {

struct PolicyVersion {
  std::string id;  // v1
  std::string document;
  Timestamp created;
};

struct ManagedPolicy {
  std::string name;
  std::string path = "/";
  std::string id;  // ANPA…
  std::string description;
  Timestamp created;
  Timestamp updated;  // when a version came to be
  std::vector<Tag> tags;
  std::vector<PolicyVersion> versions;  // the oldest first; at least one
  std::string default_version = "v1";
  std::int64_t last_version = 1;  // numbers are not used again
  std::string arn;                // made from name and path; not stored
  std::size_t attachments = 0;    // roles that have it; not stored

  const PolicyVersion* version(std::string_view version_id) const;
};

struct NewManagedPolicy {
  std::string name;
  std::string path = "/";
  std::string document;
  std::string description{};
  std::vector<Tag> tags{};
};

std::string managed_policy_row(const ManagedPolicy& policy);
// Without arn and attachments; nothing when the row is not of the form that managed_policy_row() writes.
std::optional<ManagedPolicy> managed_policy_from_row(std::string_view row);

}  // namespace croft::identity
