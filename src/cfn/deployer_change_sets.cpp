// The part of Deployer that knows change sets.
#include <algorithm>

#include "cfn/deployer.h"
#include "cfn/errors.h"
#include "cfn/limits.h"
#include "text/digest.h"
#include "text/encoding.h"

namespace croft::cfn {
namespace {

Error no_change_set(std::string_view name_or_id) {
  return {"ChangeSetNotFound", "ChangeSet [" + text::printable(name_or_id) + "] does not exist", 404};
}

bool is_arn(std::string_view text) { return text.starts_with("arn:"); }

// A template whose roles are all made by its transform is asked for capabilities only after that.
bool has_written_iam(const Template& written) {
  return std::any_of(written.resources.begin(), written.resources.end(),
                     [](const Resource& r) { return r.type.starts_with("AWS::IAM::"); });
}

void set_failed(ChangeSet& change_set, std::string reason) {
  change_set.status = ChangeSetStatus::failed;
  change_set.status_reason = std::move(reason);
  change_set.execution = ExecutionStatus::unavailable;
}

}  // namespace

Task<Result<ChangeSet>> Deployer::create_change_set(ChangeSetRequest request) {
  auto named = check_name("changeSetName", request.name);
  if (!named) co_return named.error();
  std::optional<std::string> previous;
  const Stack* current = table_.find(request.stack.stack_name);
  if (current && !request.is_creation) previous = current->source.template_body;
  auto body = co_await cfn::template_text(api_, std::move(request.stack.choice), std::move(previous));
  if (!body) co_return body.error();

  auto target = change_set_target(request);
  if (!target) co_return target.error();
  auto proposal = propose(request.stack, std::move(*body), request.is_creation ? nullptr : *target);
  if (!proposal) co_return proposal.error();
  if (!text::is_utf8(request.description) || request.description.size() > description_bytes_max) {
    co_return validation_error("Description must be UTF-8 of at most 1024 bytes");
  }
  Stack fresh = new_stack(request.stack.stack_name);
  const Stack& stack = *target ? **target : fresh;
  ChangeSet change_set{.id = instance_.arn("cloudformation", "changeSet/" + request.name + "/" + text::random_uuid()),
                       .name = request.name,
                       .stack_id = stack.id,
                       .stack_name = stack.name,
                       .description = request.description,
                       .created = Timestamp::now(),
                       .is_creation = request.is_creation};
  change_set.on_failure = request.stack.on_failure;
  change_set.source = proposal->source;
  change_set.shown_parameters = shown_parameters(proposal->draft.written, proposal->source.parameters);
  auto planned = plan_change_set(change_set, *proposal, stack);
  if (!planned) co_return planned.error();
  auto room = make_room(stack);
  if (!room) co_return room.error();

  Batch batch;
  store_.put_change_set(batch, change_set);
  if (*target) {
    store_.write(std::move(batch));
  } else {
    Stack& added = table_.add(std::move(fresh));
    store_.put_sources(batch, added);
    journal_.note_stack(added, StackStatus::review_in_progress, "User Initiated", std::move(batch));
  }
  change_sets_.emplace(change_set.id, change_set);
  co_await store_.durable();
  co_return change_set;
}

// The stack that the change set is for; null for one that is to be made.
Result<Stack*> Deployer::change_set_target(const ChangeSetRequest& request) {
  Stack* stack = table_.find(request.stack.stack_name);
  if (stack && stack->status == StackStatus::delete_complete) stack = nullptr;
  if (request.is_creation) {
    if (stack && stack->status != StackStatus::review_in_progress) {
      return validation_error("Stack [" + stack->name + "] already exists and cannot be created again with the changeSet [" +
                              request.name + "].");
    }
    auto named = stack ? Result<void>() : check_name("stackName", request.stack.stack_name);
    if (!named) return named.error();
    if (!stack && table_.live_count() >= stacks_max) {
      return Error{"LimitExceededException", "Limit for stack has been exceeded", 400};
    }
  } else {
    if (!stack) {
      return validation_error("Stack [" + text::printable(request.stack.stack_name) + "] does not exist");
    }
    auto updatable = check_updatable(*stack);
    if (!updatable) return updatable.error();
  }
  if (stack && find_change_set(request.name, stack->id)) {
    return Error{"AlreadyExistsException", "ChangeSet [" + request.name + "] already exists", 400};
  }
  return stack;
}

// What CloudFormation answers at once is this function's error. What it finds out later, when it has run the transform
// and compared, makes the change set FAILED.
Result<void> Deployer::plan_change_set(ChangeSet& change_set, const Proposal& proposal, const Stack& stack) const {
  const Template& written = proposal.draft.written;
  const bool is_plain = written.transforms.empty();
  if (is_plain || has_written_iam(written)) {
    auto allowed = check_capabilities(required_capabilities(written), proposal.source.capabilities);
    if (!allowed) return allowed;
  }
  auto blueprint = drawn(proposal, stack.name, stack.id);
  if (!blueprint) {
    if (is_plain) return blueprint.error();
    set_failed(change_set, blueprint.error().message);
    return {};
  }
  auto allowed = check_capabilities(required_capabilities(blueprint->plan), proposal.source.capabilities);
  if (!allowed) {
    set_failed(change_set, allowed.error().message);
    return {};
  }
  auto changes = difference_from(change_set.is_creation ? nullptr : &stack, *blueprint);
  if (!changes) {
    set_failed(change_set, changes.error().message);
    return {};
  }
  change_set.changes = described(changes->changes, stack, providers_);
  const bool is_repair = stack.status == StackStatus::create_failed || stack.status == StackStatus::update_failed;
  if (changes->is_empty() && proposal.source.tags == stack.source.tags && !is_repair) {
    set_failed(change_set, std::string(no_changes));
  }
  return {};
}

// The oldest failed change set goes when a stack has as many as it may.
Result<void> Deployer::make_room(const Stack& stack) {
  const std::vector<const ChangeSet*> existing = change_sets(stack);
  if (existing.size() < change_sets_max) return {};
  auto oldest = std::find_if(existing.rbegin(), existing.rend(), [](const ChangeSet* change_set) {
    return change_set->execution != ExecutionStatus::available &&
           change_set->execution != ExecutionStatus::execute_in_progress;
  });
  if (oldest == existing.rend()) {
    return Error{"LimitExceededException", "Limit for change sets has been exceeded", 400};
  }
  Batch batch;
  store_.erase_change_set(batch, **oldest);
  store_.write(std::move(batch));
  const std::string id = (*oldest)->id;
  change_sets_.erase(id);
  return {};
}

Result<void> Deployer::check_executable(const ChangeSet& change_set, const Stack& stack) const {
  const std::string text = "ChangeSet [" + change_set.id + "] cannot be executed in its current ";
  if (change_set.status == ChangeSetStatus::failed) {
    return Error{"InvalidChangeSetStatus", text + "status of [FAILED]", 400};
  }
  if (change_set.execution != ExecutionStatus::available) {
    return Error{"InvalidChangeSetStatus",
                 text + "execution status of [" + std::string(to_text(change_set.execution)) + "]", 400};
  }
  if (change_set.is_creation) {
    if (stack.status == StackStatus::review_in_progress) return {};
    return validation_error("Stack:" + stack.id + " is in " + std::string(to_text(stack.status)) +
                            " state and can not be created.");
  }
  return check_updatable(stack);
}

Task<Result<void>> Deployer::execute_change_set(std::string name_or_id, std::string stack_name, bool is_kept_on_failure,
                                                std::string token) {
  auto found = find_change_set(name_or_id, stack_name);
  if (!found) co_return found.error();
  Stack* stack = table_.find((*found)->stack_id);
  if (!stack) co_return no_change_set(name_or_id);
  auto executable = check_executable(**found, *stack);
  if (!executable) co_return executable;
  if (!text::is_utf8(token)) co_return validation_error("ClientRequestToken must be UTF-8");

  ChangeSet& change_set = change_sets_.find((*found)->id)->second;
  const std::string stack_id = stack->id;
  const OnFailure on_failure = is_kept_on_failure ? OnFailure::keep : change_set.on_failure;
  drop_change_sets(*stack, change_set.id);
  change_set.execution = ExecutionStatus::execute_in_progress;
  Batch batch;
  store_.put_change_set(batch, change_set);
  store_.write(std::move(batch));
  stack->change_set_id = change_set.id;
  if (change_set.is_creation) {
    adopt(*stack, change_set.source, on_failure, std::move(token));
    Batch sources;
    store_.put_sources(sources, *stack);
    journal_.note_stack(*stack, StackStatus::create_in_progress, "User Initiated", std::move(sources));
  } else {
    begin_update(*stack, change_set.source, on_failure, std::move(token));
  }
  begin(*stack);
  co_await store_.durable();
  co_await settled(stack_id);
  co_return Result<void>();
}

Task<Result<void>> Deployer::delete_change_set(std::string name_or_id, std::string stack_name) {
  if (!is_arn(name_or_id)) {
    auto stack = find_stack(stack_name);
    if (!stack) co_return stack.error();
  }
  auto found = find_change_set(name_or_id, stack_name);
  if (!found) co_return Result<void>();
  if ((*found)->execution == ExecutionStatus::execute_in_progress) {
    co_return Error{"InvalidChangeSetStatus",
                    "ChangeSet [" + (*found)->id + "] cannot be deleted in its current execution status of "
                    "[EXECUTE_IN_PROGRESS]", 400};
  }
  Batch batch;
  store_.erase_change_set(batch, **found);
  store_.write(std::move(batch));
  const std::string id = (*found)->id;
  change_sets_.erase(id);
  co_await store_.durable();
  co_return Result<void>();
}

Result<const ChangeSet*> Deployer::find_change_set(std::string_view name_or_id, std::string_view stack_name) const {
  if (is_arn(name_or_id)) {
    auto it = change_sets_.find(name_or_id);
    if (it == change_sets_.end()) return no_change_set(name_or_id);
    return &it->second;
  }
  if (stack_name.empty()) {
    return validation_error("StackName must be specified if ChangeSetName is not specified as an ARN.");
  }
  const Stack* stack = table_.find(stack_name);
  if (!stack) return validation_error("Stack [" + text::printable(stack_name) + "] does not exist");
  for (const auto& [id, change_set] : change_sets_) {
    if (change_set.stack_id == stack->id && change_set.name == name_or_id) return &change_set;
  }
  return no_change_set(name_or_id);
}

std::vector<const ChangeSet*> Deployer::change_sets(const Stack& stack) const {
  std::vector<const ChangeSet*> found;
  for (const auto& [id, change_set] : change_sets_) {
    if (change_set.stack_id == stack.id) found.push_back(&change_set);
  }
  std::stable_sort(found.begin(), found.end(), [](auto* a, auto* b) { return a->created > b->created; });
  return found;
}

// How the execution of the stack's last change set ended.
void Deployer::note_execution(const Stack& stack) {
  auto it = change_sets_.find(stack.change_set_id);
  if (it == change_sets_.end() || it->second.execution != ExecutionStatus::execute_in_progress) return;
  const bool is_done = stack.status == StackStatus::create_complete || stack.status == StackStatus::update_complete;
  it->second.execution = is_done ? ExecutionStatus::execute_complete : ExecutionStatus::execute_failed;
  Batch batch;
  store_.put_change_set(batch, it->second);
  store_.write(std::move(batch));
}

// They were made for a stack that is no longer what it was.
void Deployer::drop_change_sets(const Stack& stack, std::string_view kept_id) {
  Batch batch;
  for (const ChangeSet* change_set : change_sets(stack)) {
    if (change_set->id == kept_id) continue;
    store_.erase_change_set(batch, *change_set);
    const std::string id = change_set->id;
    change_sets_.erase(id);
  }
  if (!batch.empty()) store_.write(std::move(batch));
}

}  // namespace croft::cfn
