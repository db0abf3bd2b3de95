#include "cfn/stack_status.h"

#include <algorithm>
#include <array>

namespace croft::cfn {
namespace {

// In the order of the enumerators.
constexpr std::array<std::string_view, 18> stack_texts = {"REVIEW_IN_PROGRESS",
                                                          "CREATE_IN_PROGRESS",
                                                          "CREATE_FAILED",
                                                          "CREATE_COMPLETE",
                                                          "ROLLBACK_IN_PROGRESS",
                                                          "ROLLBACK_FAILED",
                                                          "ROLLBACK_COMPLETE",
                                                          "UPDATE_IN_PROGRESS",
                                                          "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
                                                          "UPDATE_COMPLETE",
                                                          "UPDATE_FAILED",
                                                          "UPDATE_ROLLBACK_IN_PROGRESS",
                                                          "UPDATE_ROLLBACK_FAILED",
                                                          "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
                                                          "UPDATE_ROLLBACK_COMPLETE",
                                                          "DELETE_IN_PROGRESS",
                                                          "DELETE_FAILED",
                                                          "DELETE_COMPLETE"};

constexpr std::array<std::string_view, 10> resource_texts = {
    "CREATE_IN_PROGRESS", "CREATE_FAILED",      "CREATE_COMPLETE", "UPDATE_IN_PROGRESS", "UPDATE_FAILED",
    "UPDATE_COMPLETE",    "DELETE_IN_PROGRESS", "DELETE_FAILED",   "DELETE_COMPLETE",    "DELETE_SKIPPED"};

template <class Status, std::size_t Count>
std::optional<Status> of_text(const std::array<std::string_view, Count>& texts, std::string_view text) {
  auto it = std::find(texts.begin(), texts.end(), text);
  if (it == texts.end()) return std::nullopt;
  return static_cast<Status>(it - texts.begin());
}

}  // namespace

std::string_view to_text(StackStatus status) { return stack_texts[static_cast<std::size_t>(status)]; }
std::string_view to_text(ResourceStatus status) { return resource_texts[static_cast<std::size_t>(status)]; }

std::optional<StackStatus> stack_status(std::string_view text) { return of_text<StackStatus>(stack_texts, text); }
std::optional<ResourceStatus> resource_status(std::string_view text) {
  return of_text<ResourceStatus>(resource_texts, text);
}

bool is_moving(StackStatus status) {
  return status != StackStatus::review_in_progress && to_text(status).ends_with("_IN_PROGRESS");
}

bool is_updatable(StackStatus status) {
  switch (status) {
    case StackStatus::create_complete:
    case StackStatus::create_failed:  // with DisableRollback: what failed may be repaired
    case StackStatus::update_complete:
    case StackStatus::update_failed:
    case StackStatus::update_rollback_complete: return true;
    default: return false;
  }
}

}  // namespace croft::cfn
