// What an update would do: the content of a change set.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cfn/intrinsics.h"
#include "cfn/template.h"
#include "types/result.h"

namespace croft::cfn {

enum class ChangeAction { add, modify, remove };
enum class Replacement { no, yes, conditional };

std::string_view to_text(ChangeAction action);      // Add, Modify, Remove
std::string_view to_text(Replacement replacement);  // False, True, Conditional

struct Change {
  ChangeAction action;
  std::string logical_id;
  std::string resource_type;
  Replacement replacement = Replacement::no;  // told by the API for modify only
  std::vector<std::string> scope;             // Properties, Metadata, Tags, DeletionPolicy, UpdateReplacePolicy
  std::vector<std::string> properties;        // names of the top-level properties that change
};

// Whether changing `property` of a resource of `type` replaces it.
using ReplacementRule = std::function<Replacement(std::string_view type, std::string_view property)>;

// The resources whose condition holds, with properties resolved as far as a plan can (no resource is known).
Result<std::vector<Resource>> planned_resources(const Template& t, const Scope& scope);

// From the resources of the running stack to those wanted, both from planned_resources(). Adds and modifications in
// the order of `wanted`, then removals in the order of `current`. A resource that mentions one which is or may be
// replaced is modified too: that reference will have a new value. Empty: nothing to do. ValidationError for a
// resource whose type changes, which CloudFormation does not permit.
Result<std::vector<Change>> plan_changes(const std::vector<Resource>& current, const std::vector<Resource>& wanted,
                                         const ReplacementRule& rule);

}  // namespace croft::cfn
