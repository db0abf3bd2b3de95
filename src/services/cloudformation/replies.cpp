#include "services/cloudformation/replies.h"

#include "cfn/json_view.h"
#include "cfn/stack_rows.h"
#include "text/time.h"

namespace croft::services::cloudformation {
namespace {

void add(json::object& out, std::string_view name, const std::string& text) {
  if (!text.empty()) out[name] = text;
}

json::object not_checked(std::string_view member) { return cfn::single(member, "NOT_CHECKED"); }

json::array outputs(const cfn::Stack& stack, const QueueUrls& urls) {
  json::array out;
  for (const cfn::StackOutput& output : stack.outputs) {
    json::object described{{"OutputKey", output.key}, {"OutputValue", urls.told(output.value)}};
    add(described, "Description", output.description);
    add(described, "ExportName", output.export_name);
    out.push_back(std::move(described));
  }
  return out;
}

void add_times(const cfn::Stack& stack, json::object& out) {
  out["CreationTime"] = text::iso8601(stack.created);
  if (stack.updated) out["LastUpdatedTime"] = text::iso8601(*stack.updated);
  if (stack.deleted) out["DeletionTime"] = text::iso8601(*stack.deleted);
}

}  // namespace

json::object stack_description(const cfn::Stack& stack, const QueueUrls& urls) {
  json::object out{{"StackId", stack.id}, {"StackName", stack.name}};
  add(out, "ChangeSetId", stack.change_set_id);
  add(out, "Description", stack.description);
  if (!stack.shown_parameters.empty()) out["Parameters"] = cfn::to_json(stack.shown_parameters);
  add_times(stack, out);
  out["RollbackConfiguration"] = json::object();
  out["StackStatus"] = cfn::to_text(stack.status);
  add(out, "StackStatusReason", stack.status_reason);
  out["DisableRollback"] = stack.on_failure == cfn::OnFailure::keep;
  out["NotificationARNs"] = cfn::to_json(stack.source.notification_arns);
  if (stack.timeout_minutes > 0) out["TimeoutInMinutes"] = stack.timeout_minutes;
  if (!stack.source.capabilities.empty()) out["Capabilities"] = cfn::to_json(stack.source.capabilities);
  if (!stack.outputs.empty()) out["Outputs"] = outputs(stack, urls);
  add(out, "RoleARN", stack.source.role_arn);
  out["Tags"] = cfn::to_json(stack.source.tags);
  out["EnableTerminationProtection"] = stack.has_termination_protection;
  out["DriftInformation"] = not_checked("StackDriftStatus");
  return out;
}

json::object stack_summary(const cfn::Stack& stack) {
  json::object out{{"StackId", stack.id}, {"StackName", stack.name}};
  add(out, "TemplateDescription", stack.description);
  add_times(stack, out);
  out["StackStatus"] = cfn::to_text(stack.status);
  add(out, "StackStatusReason", stack.status_reason);
  out["DriftInformation"] = not_checked("StackDriftStatus");
  return out;
}

json::object event_description(const cfn::Stack& stack, const cfn::StackEvent& event, const QueueUrls& urls) {
  json::object out{{"StackId", stack.id},
                   {"EventId", event.id},
                   {"StackName", stack.name},
                   {"LogicalResourceId", event.logical_id},
                   {"PhysicalResourceId", urls.told(event.physical_id)},
                   {"ResourceType", event.type},
                   {"Timestamp", text::iso8601(event.time)},
                   {"ResourceStatus", event.status}};
  add(out, "ResourceStatusReason", event.reason);
  add(out, "ResourceProperties", event.properties);
  add(out, "ClientRequestToken", event.token);
  return out;
}

json::object resource_summary(const cfn::StackResource& resource, const QueueUrls& urls) {
  json::object out{{"LogicalResourceId", resource.logical_id}};
  add(out, "PhysicalResourceId", urls.told(resource.now.physical_id));
  out["ResourceType"] = resource.type;
  out["LastUpdatedTimestamp"] = text::iso8601(resource.changed);
  out["ResourceStatus"] = cfn::to_text(resource.status);
  add(out, "ResourceStatusReason", resource.status_reason);
  out["DriftInformation"] = not_checked("StackResourceDriftStatus");
  return out;
}

json::object resource_description(const cfn::Stack& stack, const cfn::StackResource& resource,
                                  std::string_view time_member, const QueueUrls& urls) {
  json::object out{{"StackName", stack.name}, {"StackId", stack.id}, {"LogicalResourceId", resource.logical_id}};
  add(out, "PhysicalResourceId", urls.told(resource.now.physical_id));
  out["ResourceType"] = resource.type;
  out[time_member] = text::iso8601(resource.changed);
  out["ResourceStatus"] = cfn::to_text(resource.status);
  add(out, "ResourceStatusReason", resource.status_reason);
  if (!resource.metadata.empty()) out["Metadata"] = json::dump(resource.metadata);
  out["DriftInformation"] = not_checked("StackResourceDriftStatus");
  return out;
}

json::object change_set_summary(const cfn::ChangeSet& change_set) {
  json::object out{{"StackId", change_set.stack_id},
                   {"StackName", change_set.stack_name},
                   {"ChangeSetId", change_set.id},
                   {"ChangeSetName", change_set.name},
                   {"ExecutionStatus", cfn::to_text(change_set.execution)},
                   {"Status", cfn::to_text(change_set.status)}};
  add(out, "StatusReason", change_set.status_reason);
  out["CreationTime"] = text::iso8601(change_set.created);
  add(out, "Description", change_set.description);
  out["IncludeNestedStacks"] = false;
  return out;
}

json::object change_set_description(const cfn::Stack& stack, const cfn::ChangeSet& change_set) {
  json::object out = change_set_summary(change_set);
  out["StackName"] = stack.name;
  if (!change_set.shown_parameters.empty()) out["Parameters"] = cfn::to_json(change_set.shown_parameters);
  out["NotificationARNs"] = cfn::to_json(change_set.source.notification_arns);
  out["RollbackConfiguration"] = json::object();
  if (!change_set.source.capabilities.empty()) out["Capabilities"] = cfn::to_json(change_set.source.capabilities);
  if (!change_set.source.tags.empty()) out["Tags"] = cfn::to_json(change_set.source.tags);
  if (change_set.on_failure != cfn::OnFailure::roll_back) out["OnStackFailure"] = cfn::to_text(change_set.on_failure);
  return out;
}

json::value told_change(json::value change, const QueueUrls& urls) {
  boost::system::error_code missing;
  json::value* id = change.find_pointer("/ResourceChange/PhysicalResourceId", missing);
  if (id && id->is_string()) *id = urls.told(cfn::str(id->get_string()));
  return change;
}

json::array parameter_declarations(const cfn::Template& t, bool is_summary) {
  json::array out;
  for (const cfn::Parameter& parameter : t.parameters) {
    json::object declared{{"ParameterKey", parameter.name}};
    if (parameter.default_value) declared["DefaultValue"] = *parameter.default_value;
    if (is_summary) declared["ParameterType"] = parameter.type;
    declared["NoEcho"] = parameter.no_echo;
    add(declared, "Description", parameter.description);
    if (is_summary && !parameter.allowed_values.empty()) {
      declared["ParameterConstraints"] = cfn::single("AllowedValues", cfn::to_json(parameter.allowed_values));
    } else if (is_summary) {
      declared["ParameterConstraints"] = json::object();
    }
    out.push_back(std::move(declared));
  }
  return out;
}

void add_requirements(const cfn::Template& t, json::object& out) {
  std::vector<std::string> capabilities = cfn::required_capabilities(t);
  const std::vector<std::string> types = cfn::iam_resource_types(t);
  std::string reason;
  if (!capabilities.empty()) {
    for (const std::string& type : types) reason += (reason.empty() ? "" : ", ") + type;
    reason = "The following resource(s) require capabilities: [" + reason + "]";
  }
  if (!t.transforms.empty()) capabilities.emplace_back("CAPABILITY_AUTO_EXPAND");
  if (!capabilities.empty()) out["Capabilities"] = cfn::to_json(capabilities);
  add(out, "CapabilitiesReason", reason);
  if (!t.transforms.empty()) out["DeclaredTransforms"] = cfn::to_json(t.transforms);
}

}  // namespace croft::services::cloudformation
