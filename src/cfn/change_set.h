#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cfn/plan.h"
#include "cfn/provider_set.h"
#include "cfn/stack.h"

namespace croft::cfn {

enum class ChangeSetStatus : std::uint8_t { create_complete, failed };
enum class ExecutionStatus : std::uint8_t {
  unavailable,
  available,
  execute_in_progress,
  execute_complete,
  execute_failed,
  obsolete
};

std::string_view to_text(ChangeSetStatus status);
std::string_view to_text(ExecutionStatus status);

struct ChangeSet {
  std::string id;    // arn:aws:cloudformation:REGION:ACCOUNT:changeSet/NAME/UUID
  std::string name;
  std::string stack_id;
  std::string stack_name;
  std::string description;
  Timestamp created;
  bool is_creation = false;  // type CREATE
  ChangeSetStatus status = ChangeSetStatus::create_complete;
  std::string status_reason;
  ExecutionStatus execution = ExecutionStatus::available;
  OnFailure on_failure = OnFailure::roll_back;
  StackSource source;
  std::vector<ShownParameter> shown_parameters;
  json::array changes;  // as DescribeChangeSet lists them
};

// What CloudFormation says of a change set without changes; the tools look for this text.
inline constexpr std::string_view no_changes =
    "The submitted information didn't contain changes. Submit different information to create a change set.";

// `changes` in the shape of DescribeChangeSet's Changes.
json::array described(const std::vector<Change>& changes, const Stack& stack, const ProviderSet& providers);

json::object to_row(const ChangeSet& change_set);
// From a row that to_row() made.
ChangeSet change_set_of(const json::object& row);

}  // namespace croft::cfn
