#include "cfn/plan.h"

#include <algorithm>
#include <map>
#include <set>

#include "cfn/errors.h"
#include "cfn/evaluator.h"
#include "cfn/json_view.h"
#include "cfn/ordering.h"
#include "cfn/references.h"

namespace croft::cfn {
namespace {

using ById = std::map<std::string_view, const Resource*>;

ById by_id(const std::vector<Resource>& resources) {
  ById found;
  for (const Resource& r : resources) found.emplace(r.logical_id, &r);
  return found;
}

std::set<std::string> mentioned(const json::value& v) {
  References found;
  if (!collect_references(v, nullptr, found)) return {};  // planned properties were read once before
  found.names.merge(found.resources);
  return std::move(found.names);
}

// Those that will have another physical id after the update, or may have.
using Replaced = std::set<std::string, std::less<>>;

void add_scope(Change& change, std::string_view scope) {
  if (std::find(change.scope.begin(), change.scope.end(), scope) == change.scope.end())
    change.scope.emplace_back(scope);
}

void compare_property(const Resource& before, const Resource& after, const std::string& name,
                      const Replaced& replaced, const ReplacementRule& rule, Change& change) {
  const json::value* old_value = json::find(before.properties, name);
  const json::value* new_value = json::find(after.properties, name);
  const bool differs = !old_value || !new_value || !(*old_value == *new_value);
  bool may_differ = false;
  if (!differs) {
    const std::set<std::string> names = mentioned(*new_value);
    may_differ = std::any_of(names.begin(), names.end(), [&](auto& n) { return replaced.contains(n); });
  }
  if (!differs && !may_differ) return;
  change.properties.push_back(name);
  add_scope(change, name == "Tags" ? "Tags" : "Properties");
  Replacement replacement = rule(after.type, name);
  if (may_differ && replacement == Replacement::yes) replacement = Replacement::conditional;
  const bool is_stronger = replacement == Replacement::yes || change.replacement == Replacement::no;
  if (is_stronger) change.replacement = replacement;
}

Change compare(const Resource& before, const Resource& after, const Replaced& replaced, const ReplacementRule& rule) {
  Change change{ChangeAction::modify, after.logical_id, after.type};
  std::set<std::string> names;
  for (const auto& [name, v] : before.properties) names.insert(str(name));
  for (const auto& [name, v] : after.properties) names.insert(str(name));
  for (const std::string& name : names) compare_property(before, after, name, replaced, rule, change);
  if (before.metadata != after.metadata) add_scope(change, "Metadata");
  if (before.deletion_policy != after.deletion_policy) add_scope(change, "DeletionPolicy");
  if (before.update_replace_policy != after.update_replace_policy) add_scope(change, "UpdateReplacePolicy");
  return change;
}

// The wanted resources, those that others mention first, so that a replacement is known before it is met.
std::vector<std::string> mentioned_first(const std::vector<Resource>& wanted) {
  std::vector<std::string> names;
  Needs needs;
  for (const Resource& r : wanted) {
    names.push_back(r.logical_id);
    needs[r.logical_id] = mentioned(json::value(r.properties));
  }
  Ordering ordering = order_by_need(names, needs);
  std::vector<std::string> sorted;
  for (auto& level : ordering.levels) sorted.insert(sorted.end(), level.begin(), level.end());
  return sorted;
}

}  // namespace

std::string_view to_text(ChangeAction action) {
  if (action == ChangeAction::add) return "Add";
  return action == ChangeAction::modify ? "Modify" : "Remove";
}

std::string_view to_text(Replacement replacement) {
  if (replacement == Replacement::yes) return "True";
  return replacement == Replacement::no ? "False" : "Conditional";
}

Result<std::vector<Resource>> planned_resources(const Template& t, const Scope& scope) {
  Scope plan = scope;
  plan.ref = nullptr;
  plan.get_att = nullptr;
  Evaluator evaluator(plan);
  std::vector<Resource> planned;
  for (const Resource& r : t.resources) {
    if (!holds(scope.conditions, r.condition)) continue;
    auto properties = evaluator.evaluate_members(r.properties);
    if (!properties) return properties.error();
    planned.push_back(r);
    planned.back().properties = std::move(*properties);
  }
  return planned;
}

Result<std::vector<Change>> plan_changes(const std::vector<Resource>& current, const std::vector<Resource>& wanted,
                                         const ReplacementRule& rule) {
  const ById before = by_id(current);
  const ById after = by_id(wanted);
  std::string retyped;
  for (const Resource& r : wanted) {
    auto old = before.find(r.logical_id);
    if (old != before.end() && old->second->type != r.type) retyped += (retyped.empty() ? "" : ", ") + r.logical_id;
  }
  if (!retyped.empty()) {
    return validation_error(
        "Update of resource type is not permitted. The new template modifies resource type of the following "
        "resources: [" +
        retyped + "]");
  }

  Replaced replaced;
  std::map<std::string, Change, std::less<>> modified;
  for (const std::string& id : mentioned_first(wanted)) {
    auto old = before.find(id);
    if (old == before.end()) continue;
    Change change = compare(*old->second, *after.at(id), replaced, rule);
    if (change.replacement != Replacement::no) replaced.insert(id);
    if (!change.scope.empty()) modified.emplace(id, std::move(change));
  }

  std::vector<Change> changes;
  for (const Resource& r : wanted) {
    if (!before.contains(r.logical_id))
      changes.push_back({ChangeAction::add, r.logical_id, r.type});
    else if (auto it = modified.find(r.logical_id); it != modified.end())
      changes.push_back(std::move(it->second));
  }
  for (const Resource& r : current) {
    if (!after.contains(r.logical_id)) changes.push_back({ChangeAction::remove, r.logical_id, r.type});
  }
  return changes;
}

}  // namespace croft::cfn
