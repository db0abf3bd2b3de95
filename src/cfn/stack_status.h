// The states of stacks and resources, in CloudFormation's words.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace croft::cfn {

enum class StackStatus : std::uint8_t {
  review_in_progress,
  create_in_progress,
  create_failed,
  create_complete,
  rollback_in_progress,
  rollback_failed,
  rollback_complete,
  update_in_progress,
  update_complete_cleanup_in_progress,
  update_complete,
  update_failed,
  update_rollback_in_progress,
  update_rollback_failed,
  update_rollback_complete_cleanup_in_progress,
  update_rollback_complete,
  delete_in_progress,
  delete_failed,
  delete_complete,
};

std::string_view to_text(StackStatus status);  // CREATE_IN_PROGRESS
std::optional<StackStatus> stack_status(std::string_view text);

// A runner is at work, or will be as soon as croft runs again. REVIEW_IN_PROGRESS is rest.
bool is_moving(StackStatus status);
// UpdateStack and an UPDATE change set may start from here.
bool is_updatable(StackStatus status);

enum class ResourceStatus : std::uint8_t {
  create_in_progress,
  create_failed,
  create_complete,
  update_in_progress,
  update_failed,
  update_complete,
  delete_in_progress,
  delete_failed,
  delete_complete,
  delete_skipped,
};

std::string_view to_text(ResourceStatus status);
std::optional<ResourceStatus> resource_status(std::string_view text);

// The resource is there as its row says.
inline bool is_complete(ResourceStatus status) {
  return status == ResourceStatus::create_complete || status == ResourceStatus::update_complete;
}
// There is nothing left of it that the stack owns.
inline bool is_gone(ResourceStatus status) {
  return status == ResourceStatus::delete_complete || status == ResourceStatus::delete_skipped;
}

}  // namespace croft::cfn
