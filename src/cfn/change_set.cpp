#include "cfn/change_set.h"

#include <algorithm>
#include <array>

#include "cfn/json_view.h"
#include "cfn/stack_rows.h"
#include "types/assert.h"

namespace croft::cfn {
namespace {

constexpr std::array<std::string_view, 6> execution_texts = {"UNAVAILABLE",      "AVAILABLE",      "EXECUTE_IN_PROGRESS",
                                                             "EXECUTE_COMPLETE", "EXECUTE_FAILED", "OBSOLETE"};

std::string_view recreation(Replacement replacement) {
  if (replacement == Replacement::yes) return "Always";
  return replacement == Replacement::no ? "Never" : "Conditionally";
}

json::object detail(std::string_view attribute, std::string_view name, Replacement replacement) {
  json::object target{{"Attribute", attribute}};
  if (!name.empty()) target["Name"] = name;
  target["RequiresRecreation"] = recreation(replacement);
  return {{"Target", std::move(target)}, {"Evaluation", "Static"}, {"ChangeSource", "DirectModification"}};
}

json::array details(const Change& change, const ProviderSet& providers) {
  json::array out;
  for (const std::string& property : change.properties) {
    const std::string_view attribute = property == "Tags" ? "Tags" : "Properties";
    out.push_back(detail(attribute, attribute == "Tags" ? "" : property,
                         providers.replacement(change.resource_type, property)));
  }
  for (const std::string& scope : change.scope) {
    if (scope != "Properties" && scope != "Tags") out.push_back(detail(scope, "", Replacement::no));
  }
  return out;
}

std::string text(const json::object& row, std::string_view name) { return std::string(json::string_or(row, name, "")); }

}  // namespace

std::string_view to_text(ChangeSetStatus status) {
  return status == ChangeSetStatus::failed ? "FAILED" : "CREATE_COMPLETE";
}

std::string_view to_text(ExecutionStatus status) { return execution_texts[static_cast<std::size_t>(status)]; }

json::array described(const std::vector<Change>& changes, const Stack& stack, const ProviderSet& providers) {
  json::array out;
  for (const Change& change : changes) {
    json::object resource{{"Action", to_text(change.action)}, {"LogicalResourceId", change.logical_id}};
    const StackResource* existing = stack.find_resource(change.logical_id);
    if (existing && change.action != ChangeAction::add && !existing->now.physical_id.empty()) {
      resource["PhysicalResourceId"] = existing->now.physical_id;
    }
    resource["ResourceType"] = change.resource_type;
    if (change.action == ChangeAction::modify) resource["Replacement"] = to_text(change.replacement);
    resource["Scope"] = to_json(change.scope);
    resource["Details"] = details(change, providers);
    out.push_back(json::object{{"Type", "Resource"}, {"ResourceChange", std::move(resource)}});
  }
  return out;
}

json::object to_row(const ChangeSet& change_set) {
  return {{"id", change_set.id},
          {"name", change_set.name},
          {"stack_id", change_set.stack_id},
          {"stack_name", change_set.stack_name},
          {"description", change_set.description},
          {"created", change_set.created.ms},
          {"creation", change_set.is_creation},
          {"failed", change_set.status == ChangeSetStatus::failed},
          {"reason", change_set.status_reason},
          {"execution", to_text(change_set.execution)},
          {"on_failure", to_text(change_set.on_failure)},
          {"source", to_row(change_set.source)},
          {"parameters", to_json(change_set.shown_parameters)},
          {"changes", change_set.changes}};
}

ChangeSet change_set_of(const json::object& row) {
  ChangeSet change_set;
  change_set.id = text(row, "id");
  change_set.name = text(row, "name");
  change_set.stack_id = text(row, "stack_id");
  change_set.stack_name = text(row, "stack_name");
  change_set.description = text(row, "description");
  change_set.created = {json::int_or(row, "created", 0)};
  change_set.is_creation = json::bool_or(row, "creation", false);
  const bool is_failed = json::bool_or(row, "failed", false);
  change_set.status = is_failed ? ChangeSetStatus::failed : ChangeSetStatus::create_complete;
  change_set.status_reason = text(row, "reason");
  const std::string execution = text(row, "execution");
  auto it = std::find(execution_texts.begin(), execution_texts.end(), execution);
  CROFT_ASSERT(it != execution_texts.end() && !change_set.id.empty());
  change_set.execution = static_cast<ExecutionStatus>(it - execution_texts.begin());
  change_set.on_failure = on_failure_of(text(row, "on_failure"));
  change_set.source = source_of(row.at("source").as_object());
  change_set.shown_parameters = shown_parameters_of(row);
  change_set.changes = row.at("changes").as_array();
  return change_set;
}

}  // namespace croft::cfn
