// Form members as values. Each function throws CloudFormation's ValidationError for what is missing or malformed.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cfn/intake.h"
#include "gateway/service.h"

namespace croft::services::cloudformation {

std::string text(const gateway::Call& call, std::string_view member);  // "" when it is missing
std::string required_text(const gateway::Call& call, std::string_view member);
std::optional<std::string> maybe_text(const gateway::Call& call, std::string_view member);
bool flag(const gateway::Call& call, std::string_view member);
std::optional<std::vector<std::string>> maybe_texts(const gateway::Call& call, std::string_view member);

// TemplateBody, TemplateURL, UsePreviousTemplate.
cfn::TemplateChoice template_choice(const gateway::Call& call);
// What CreateStack, UpdateStack and CreateChangeSet have in common.
cfn::StackRequest stack_request(const gateway::Call& call);
// ValidationError for members that croft does not act on: stack policies, ResourceTypes, ResourcesToSkip, and a
// RollbackConfiguration that watches anything.
void refuse_unsupported(const gateway::Call& call);
// TimeoutInMinutes, 0 when it is missing.
std::int64_t timeout_minutes(const gateway::Call& call);
// From DisableRollback and `member` (OnFailure, or OnStackFailure of a change set).
cfn::OnFailure on_failure(const gateway::Call& call, std::string_view member);

// One page of a list: the offset that NextToken says, and where the page ends.
struct PageBounds {
  std::size_t begin;
  std::size_t end;
  std::string next_token;  // "" on the last page
};
PageBounds page_bounds(const gateway::Call& call, std::size_t count);

}  // namespace croft::services::cloudformation
