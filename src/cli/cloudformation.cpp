#include "cli/cloudformation.h"

#include <algorithm>
#include <thread>

#include "cli/terminal.h"
#include "text/time.h"

namespace croft::cli {

namespace {

constexpr std::string_view api_version = "2010-05-15";
constexpr std::string_view stack_type = "AWS::CloudFormation::Stack";

StackView read_stack(const XmlElement& member) {
  StackView stack{member.at("StackName"),
                  member.at("StackId"),
                  member.at("StackStatus"),
                  member.at("StackStatusReason"),
                  member.at("CreationTime"),
                  member.at("LastUpdatedTime"),
                  {}};
  for (const XmlElement* output : member.members("Outputs")) {
    stack.outputs.push_back({output->at("OutputKey"), output->at("OutputValue"), output->at("Description")});
  }
  return stack;
}

StackEvent read_event(const XmlElement& member) {
  return {member.at("EventId"),
          member.at("Timestamp"),
          member.at("ResourceStatus"),
          member.at("ResourceType"),
          member.at("LogicalResourceId"),
          member.at("PhysicalResourceId"),
          member.at("ResourceStatusReason")};
}

bool is_missing(const Error& error) {
  return error.code == "ValidationError" && error.message.find("does not exist") != std::string::npos;
}

Colour colour_of(const std::string& status) {
  if (status.find("FAILED") != std::string::npos || status.find("ROLLBACK") != std::string::npos) return Colour::red;
  return status.ends_with("IN_PROGRESS") ? Colour::yellow : Colour::green;
}

}  // namespace

Result<XmlElement> cloudformation(const AwsApi& api, std::string_view action, const Parameters& parameters) {
  return api.query("cloudformation", api_version, action, parameters);
}

Result<std::vector<StackView>> describe_stacks(const AwsApi& api, const std::string& name) {
  std::vector<StackView> stacks;
  Parameters parameters;
  if (!name.empty()) parameters.emplace_back("StackName", name);
  for (std::size_t page = 0; page < limits::pages_max; ++page) {
    auto answer = cloudformation(api, "DescribeStacks", parameters);
    if (!answer && !name.empty() && is_missing(answer.error())) return stacks;
    if (!answer) return answer.error();
    for (const XmlElement* member : answer->members("Stacks")) stacks.push_back(read_stack(*member));
    const std::string next = answer->at("NextToken");
    if (next.empty()) break;
    parameters = {{"NextToken", next}};
    if (!name.empty()) parameters.emplace_back("StackName", name);
  }
  return stacks;
}

Result<std::vector<StackEvent>> stack_events(const AwsApi& api, const std::string& stack,
                                             const std::set<std::string>& known) {
  std::vector<StackEvent> events;
  Parameters parameters{{"StackName", stack}};
  bool reached_known = false;
  for (std::size_t page = 0; page < limits::pages_max && !reached_known; ++page) {
    auto answer = cloudformation(api, "DescribeStackEvents", parameters);
    if (!answer) return answer.error();
    for (const XmlElement* member : answer->members("StackEvents")) {
      StackEvent event = read_event(*member);
      reached_known = known.contains(event.id);
      if (reached_known) break;
      events.push_back(std::move(event));
    }
    const std::string next = answer->at("NextToken");
    if (next.empty()) break;
    parameters = {{"StackName", stack}, {"NextToken", next}};
  }
  std::reverse(events.begin(), events.end());
  return events;
}

std::string event_line(const StackEvent& event) {
  constexpr std::size_t status_columns = 28;
  const auto time = text::from_iso8601(event.time);
  std::string status = shown(event.status);
  const std::string padding(status.size() < status_columns ? status_columns - status.size() : 1, ' ');
  std::string line = painted(Colour::dim, time ? text::local_clock(*time) : shown(event.time)) + "  " +
                     painted(colour_of(status), status) + padding + shown(event.type) + "  " +
                     painted(Colour::bold, shown(event.logical_id));
  if (!event.reason.empty()) line += "  " + shown(event.reason);
  return line;
}

void StackProgress::skip_past() {
  auto events = stack_events(api_, stack_, known_);
  if (!events) return;
  for (const StackEvent& event : *events) known_.insert(event.id);
}

std::optional<std::string> StackProgress::show(const StackEvent& event) {
  print_line(event_line(event));
  const bool is_failure = event.status.find("FAILED") != std::string::npos;
  if (is_failure && failure_.empty()) failure_ = event.logical_id + ": " + event.reason;
  const bool is_stack = event.type == stack_type && (event.physical_id == stack_ || event.logical_id == stack_);
  if (!is_stack || event.status.ends_with("IN_PROGRESS")) return std::nullopt;
  return event.status;
}

Result<std::string> StackProgress::follow() {
  const MonoTime began = MonoTime::now();
  while (MonoTime::now().ms - began.ms < std::chrono::milliseconds(limits::deployment_max).count()) {
    auto events = stack_events(api_, stack_, known_);
    if (!events) return events.error();
    for (const StackEvent& event : *events) {
      known_.insert(event.id);
      if (auto rest = show(event)) return *rest;
    }
    std::this_thread::sleep_for(limits::poll_interval);
  }
  return Error{"DeploymentTimeout", "the stack is still at work; see `croft stacks events`"};
}

}  // namespace croft::cli
