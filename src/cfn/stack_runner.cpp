#include "cfn/stack_runner.h"

#include <algorithm>

#include "cfn/errors.h"
#include "cfn/ordering.h"
#include "types/assert.h"

namespace croft::cfn {
namespace {

std::string bracketed(const std::vector<std::string>& names) {
  std::string out = "[";
  for (const std::string& name : names) out += (out.size() > 1 ? ", " : "") + name;
  return out + "]";
}

}  // namespace

Task<void> StackRunner::run() {
  while (is_moving(stack_.status) || stack_.is_unwanted) {
    if (stack_.is_unwanted && stack_.status != StackStatus::create_in_progress) {
      stack_.is_unwanted = false;
      journal_.note_stack(stack_, StackStatus::delete_in_progress, "User Initiated");
    }
    switch (stack_.status) {
      case StackStatus::create_in_progress:
      case StackStatus::update_in_progress: co_await make(); break;
      case StackStatus::update_rollback_in_progress: co_await restore(); break;
      case StackStatus::rollback_in_progress:
      case StackStatus::delete_in_progress: co_await remove(); break;
      default: co_await clean_up(); break;
    }
  }
  co_await ground_.store.durable();
}

Task<void> StackRunner::make() {
  imports_.clear();
  auto drawn = blueprint();
  if (!drawn) {
    fail_making(drawn.error().message);
    co_return;
  }
  const Scope scope = scope_of(*drawn);
  const std::vector<std::string> order = drawn->creation_order();
  for (const std::string& id : order) {
    if (stack_.is_unwanted) {
      stack_.is_unwanted = false;
      journal_.note_stack(stack_, StackStatus::delete_in_progress, "User Initiated");
      co_return;
    }
    if (is_out_of_time()) {
      fail_making("Stack creation timed out.");
      co_return;
    }
    const Resource* resource = drawn->plan.find_resource(id);
    auto brought = co_await bring(*drawn, scope, *resource);
    if (!brought) {
      const bool is_update = row(id).status == ResourceStatus::update_failed;
      fail_making("The following resource(s) failed to " + std::string(is_update ? "update" : "create") + ": [" + id +
                  "].");
      co_return;
    }
  }
  auto settled = settle_outputs(*drawn, scope);
  if (settled) finish_making(*drawn);
  else fail_making(settled.error().message);
}

// CreateStack's TimeoutInMinutes. No step of croft waits for long, so it is enough to look between them.
bool StackRunner::is_out_of_time() const {
  if (stack_.status != StackStatus::create_in_progress || stack_.timeout_minutes == 0) return false;
  return Timestamp::now().ms - stack_.created.ms > stack_.timeout_minutes * 60'000;
}

// What the update did is undone, the last step first: changed properties go back, replacements give way to what they
// replaced. New resources go when it is cleaned up.
Task<void> StackRunner::restore() {
  CROFT_ASSERT(stack_.previous);
  const std::vector<std::string> order = removal_order();
  for (const std::string& id : order) {
    auto restored = co_await restore_resource(id);
    if (!restored) {
      journal_.note_stack(stack_, StackStatus::update_rollback_failed,
                          "The following resource(s) failed to update: [" + id + "].");
      co_return;
    }
  }
  finish_restoring();
}

Task<void> StackRunner::clean_up() {
  const bool was_restored = stack_.status == StackStatus::update_rollback_complete_cleanup_in_progress;
  const std::vector<std::string> order = removal_order();
  for (const std::string& id : order) {
    // What cannot be removed is told in the events and left alone: the update itself has succeeded.
    if (row(id).is_replaced()) {
      const bool is_kept = !was_restored && row(id).before->update_replace_policy == "Retain";
      co_await erase_former(id, is_kept);
    }
    if (row(id).is_leaving) {
      co_await erase_resource(id);
      journal_.drop_resource(stack_, id);
    }
  }
  journal_.note_stack(stack_, was_restored ? StackStatus::update_rollback_complete : StackStatus::update_complete);
}

Task<void> StackRunner::remove() {
  const bool is_deletion = stack_.status == StackStatus::delete_in_progress;
  const std::vector<StackOutput> none;
  auto exports = is_deletion ? check_exports(none) : Result<void>();
  if (!exports) {
    journal_.note_stack(stack_, StackStatus::delete_failed, exports.error().message);
    co_return;
  }
  const std::vector<std::string> order = removal_order();
  std::vector<std::string> failed;
  std::set<std::string> held;  // by something that could not be removed
  for (const std::string& id : order) {
    const std::set<std::string> needs = row(id).needs;
    bool is_stuck = held.contains(id);
    if (!is_stuck) {
      if (row(id).is_replaced()) co_await erase_former(id, false);
      auto erased = co_await erase_resource(id);
      if (!erased) failed.push_back(id);
      is_stuck = !erased;
    }
    if (is_stuck) held.insert(needs.begin(), needs.end());
  }
  const std::string reason =
      failed.empty() ? "" : "The following resource(s) failed to delete: " + bracketed(failed) + ".";
  if (!is_deletion) {
    journal_.note_stack(stack_, failed.empty() ? StackStatus::rollback_complete : StackStatus::rollback_failed, reason);
    co_return;
  }
  if (failed.empty()) {
    stack_.deleted = Timestamp::now();
    ground_.table.note_deleted(stack_);
  }
  journal_.note_stack(stack_, failed.empty() ? StackStatus::delete_complete : StackStatus::delete_failed, reason);
}

Result<Blueprint> StackRunner::blueprint() const {
  auto draft = read_draft(stack_.source.template_body);
  if (!draft) return draft.error();
  const StackIdentity identity = {.instance = ground_.instance,
                                  .stack_name = stack_.name,
                                  .stack_id = stack_.id,
                                  .notification_arns = stack_.source.notification_arns};
  auto import_value = [this](std::string_view name) -> Result<json::value> {
    auto found = ground_.table.find_export(name);
    if (!found) return found.error();
    return json::value(json::string(found->output->value));
  };
  return draw(*draft, stack_.source.parameters, identity, import_value, ground_.providers);
}

// The blueprint's scope with what the resources that are there have to tell.
Scope StackRunner::scope_of(const Blueprint& blueprint) {
  Scope scope = blueprint.scope;
  scope.ref = [this](std::string_view id) -> Result<MaybeValue> {
    const StackResource* made = stack_.find_resource(id);
    if (!made || !is_complete(made->status)) return MaybeValue();
    return MaybeValue(json::string(made->now.physical_id));
  };
  scope.get_att = [this](std::string_view id, std::string_view attribute) -> Result<MaybeValue> {
    const StackResource* made = stack_.find_resource(id);
    if (!made || !is_complete(made->status)) return MaybeValue();
    if (const json::value* v = json::find(made->now.attributes, attribute)) return MaybeValue(*v);
    return validation_error("Template error: resource " + std::string(id) + " has no value for attribute " +
                            std::string(attribute) + " in Fn::GetAtt");
  };
  scope.import_value = [this](std::string_view name) -> Result<json::value> {
    auto found = ground_.table.find_export(name);
    if (!found) return found.error();
    imports_.emplace(name);
    stack_.imports.emplace(name);
    return json::value(json::string(found->output->value));
  };
  return scope;
}

Result<void> StackRunner::settle_outputs(const Blueprint& blueprint, const Scope& scope) {
  auto outputs = outputs_of(blueprint.plan, scope);
  if (!outputs) return outputs.error();
  auto exports = check_exports(*outputs);
  if (!exports) return exports;
  stack_.outputs = std::move(*outputs);
  stack_.imports = imports_;
  return {};
}

// Names are exported once, and what others import stays as it is.
Result<void> StackRunner::check_exports(const std::vector<StackOutput>& outputs) const {
  for (const StackOutput& output : outputs) {
    if (output.export_name.empty()) continue;
    auto existing = ground_.table.find_export(output.export_name);
    if (existing && existing->stack != &stack_) {
      return validation_error("Export with name " + output.export_name + " is already exported by stack " +
                              existing->stack->name + ".");
    }
  }
  for (const StackOutput& old : stack_.outputs) {
    if (old.export_name.empty()) continue;
    const std::vector<std::string> users = ground_.table.importers(old.export_name);
    if (users.empty()) continue;
    auto it = std::find_if(outputs.begin(), outputs.end(), [&](auto& o) { return o.export_name == old.export_name; });
    if (it != outputs.end() && it->value == old.value) continue;
    return validation_error("Export " + old.export_name + " cannot be " +
                            (it == outputs.end() ? "deleted" : "updated") + " as it is in use by " + users.front());
  }
  return {};
}

void StackRunner::finish_making(const Blueprint& blueprint) {
  if (stack_.status == StackStatus::create_in_progress) {
    journal_.note_stack(stack_, StackStatus::create_complete);
    return;
  }
  Batch batch;
  for (StackResource& made : stack_.resources) {
    if (!blueprint.graph.needs.contains(made.logical_id)) made.is_leaving = true;
    if (!made.is_replaced()) made.before.reset();
    made.is_new = false;
    ground_.store.put_resource(batch, stack_, made);
  }
  stack_.previous.reset();
  ground_.store.put_sources(batch, stack_);
  journal_.note_stack(stack_, StackStatus::update_complete_cleanup_in_progress, "", std::move(batch));
}

void StackRunner::finish_restoring() {
  Batch batch;
  for (StackResource& made : stack_.resources) {
    made.is_leaving = made.is_new;
    made.is_new = false;
    made.is_restored = false;
    if (!made.is_replaced()) made.before.reset();
    ground_.store.put_resource(batch, stack_, made);
  }
  stack_.source = std::move(*stack_.previous);
  stack_.previous.reset();
  if (auto draft = read_draft(stack_.source.template_body)) {
    stack_.description = draft->written.description;
    stack_.shown_parameters = shown_parameters(draft->written, stack_.source.parameters);
  }
  ground_.store.put_sources(batch, stack_);
  journal_.note_stack(stack_, StackStatus::update_rollback_complete_cleanup_in_progress, "", std::move(batch));
}

void StackRunner::fail_making(std::string reason) {
  const bool is_creation = stack_.status == StackStatus::create_in_progress;
  switch (stack_.on_failure) {
    case OnFailure::keep:
      journal_.note_stack(stack_, is_creation ? StackStatus::create_failed : StackStatus::update_failed, reason);
      return;
    case OnFailure::remove:
      if (is_creation) {
        journal_.note_stack(stack_, StackStatus::delete_in_progress, reason + " Delete requested by user.");
        return;
      }
      break;
    case OnFailure::roll_back: break;
  }
  if (is_creation) journal_.note_stack(stack_, StackStatus::rollback_in_progress, reason + " Rollback requested by user.");
  else journal_.note_stack(stack_, StackStatus::update_rollback_in_progress, reason);
}

// Dependents before what they need.
std::vector<std::string> StackRunner::removal_order() const {
  std::vector<std::string> names;
  Needs needs;
  for (const StackResource& made : stack_.resources) {
    names.push_back(made.logical_id);
    needs[made.logical_id] = made.needs;
  }
  const Ordering ordering = order_by_need(names, needs);
  std::vector<std::string> order;
  for (const auto& level : ordering.levels) order.insert(order.end(), level.begin(), level.end());
  // Rows of two templates may need each other in a circle; any order is as good then.
  order.insert(order.end(), ordering.cyclic.begin(), ordering.cyclic.end());
  std::reverse(order.begin(), order.end());
  return order;
}

}  // namespace croft::cfn
