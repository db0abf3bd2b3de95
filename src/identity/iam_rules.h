// What IAM demands of names, paths, documents and tags, the same for roles and policies.
#pragma once

#include <string>
#include <vector>

#include "identity/tag.h"
#include "types/result.h"

namespace croft::identity {

// "1 validation error detected: Value 'x' at 'member' failed to satisfy constraint: ..."
Error invalid_member(const std::string& value, const char* member, const std::string& constraint);

Result<void> check_name(const std::string& name, const char* member, std::size_t characters_max);
Result<void> check_path(const std::string& path);
// The form only: a JSON object with Statement. What it means is judged where policies are evaluated. White space does
// not count. Source: IAM User Guide, "IAM and AWS STS quotas".
Result<void> check_policy(const std::string& document, std::size_t characters_max);
Result<void> check_tags(const std::vector<Tag>& tags);

// A tag replaces the one of its key.
void set_tags(std::vector<Tag>& tags, const std::vector<Tag>& wanted);

}  // namespace croft::identity
