#include "cli/cloudformation.h"
#include "cli/commands.h"
#include "cli/text_table.h"
#include "text/time.h"

namespace croft::cli {

namespace {

std::string local_time(const std::string& iso8601) {
  const auto time = text::from_iso8601(iso8601);
  return time ? local_date_time(*time) : shown(iso8601);
}

}  // namespace

int stacks_list(const StacksOptions& options) {
  auto place = find_place(options.place);
  if (!place) return fail(place.error());
  auto stacks = describe_stacks(AwsApi(*place), "");
  if (!stacks) return fail(stacks.error());
  TextTable view({"STACK", "STATUS", "CHANGED", "REASON"});
  for (const StackView& stack : *stacks) {
    const std::string changed = stack.updated.empty() ? stack.created : stack.updated;
    if (options.json) {
      print_line(json_line(json::object{{"StackName", stack.name},
                                        {"StackId", stack.id},
                                        {"StackStatus", stack.status},
                                        {"StackStatusReason", stack.reason},
                                        {"LastChange", changed}}));
    }
    const bool bad =
        stack.status.find("FAILED") != std::string::npos || stack.status.find("ROLLBACK") != std::string::npos;
    view.add({{shown(stack.name), false, Colour::bold},
              {shown(stack.status), false, bad ? Colour::red : Colour::green},
              {local_time(changed)},
              {shown(stack.reason)}});
  }
  if (!options.json) print_line(view.is_empty() ? "There are no stacks." : view.text());
  return 0;
}

int stacks_events(const StacksOptions& options) {
  auto place = find_place(options.place);
  if (!place) return fail(place.error());
  auto events = stack_events(AwsApi(*place), options.name, {});
  if (!events) return fail(events.error());
  for (const StackEvent& event : *events) {
    if (!options.json) {
      print_line(event_line(event));
      continue;
    }
    print_line(json_line(json::object{{"Timestamp", event.time},
                                      {"ResourceStatus", event.status},
                                      {"ResourceType", event.type},
                                      {"LogicalResourceId", event.logical_id},
                                      {"PhysicalResourceId", event.physical_id},
                                      {"ResourceStatusReason", event.reason}}));
  }
  return 0;
}

int stacks_delete(const StacksOptions& options) {
  auto place = find_place(options.place);
  if (!place) return fail(place.error());
  const AwsApi api(*place);
  auto stacks = describe_stacks(api, options.name);
  if (!stacks) return fail(stacks.error());
  if (stacks->empty()) {
    print_line("There is no stack " + shown(options.name) + ".");
    return 0;
  }
  StackProgress progress(api, stacks->front().id);
  progress.skip_past();
  auto deleted = cloudformation(api, "DeleteStack", {{"StackName", stacks->front().id}});
  if (!deleted) return fail(deleted.error());
  auto status = progress.follow();
  if (!status) return fail(status.error());
  if (*status == "DELETE_COMPLETE") return 0;
  return fail({"DeleteFailed", options.name + " is " + *status + ". " + progress.failure()});
}

}  // namespace croft::cli
