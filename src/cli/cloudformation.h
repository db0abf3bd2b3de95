#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cli/aws_api.h"

namespace croft::cli {

struct StackOutput {
  std::string key, value, description;
};

struct StackView {
  std::string name, id, status, reason, created, updated;
  std::vector<StackOutput> outputs;
};

struct StackEvent {
  std::string id, time, status, type, logical_id, physical_id, reason;
};

// The stacks that exist; with `name` only that one (nothing when it does not exist).
Result<std::vector<StackView>> describe_stacks(const AwsApi& api, const std::string& name);

// Oldest first. `known` holds ids of events that were seen: reading stops there.
Result<std::vector<StackEvent>> stack_events(const AwsApi& api, const std::string& stack,
                                             const std::set<std::string>& known);

Result<XmlElement> cloudformation(const AwsApi& api, std::string_view action, const Parameters& parameters);

// One line of a deployment's progress: time, status in its colour, type, name and the reason of a failure.
std::string event_line(const StackEvent& event);

// Follows a stack's events as they happen.
class StackProgress {
 public:
  StackProgress(const AwsApi& api, std::string stack) : api_(api), stack_(std::move(stack)) {}

  // What happened until now is not shown. Harmless for a stack that does not exist.
  void skip_past();
  // Prints every event until the stack itself is at rest; its last status. Errors: the service's, DeploymentTimeout.
  Result<std::string> follow();
  // The reason of the first failure that follow() saw; "" for none.
  const std::string& failure() const { return failure_; }

 private:
  // The stack's resting status once it has one.
  std::optional<std::string> show(const StackEvent& event);

  const AwsApi& api_;
  std::string stack_;
  std::set<std::string> known_;
  std::string failure_;
};

}  // namespace croft::cli
