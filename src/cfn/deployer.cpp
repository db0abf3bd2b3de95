#include "cfn/deployer.h"

#include <algorithm>

#include "cfn/errors.h"
#include "cfn/limits.h"
#include "cfn/sam.h"
#include "text/digest.h"
#include "text/encoding.h"

namespace croft::cfn {
namespace {

Error no_stack(std::string_view name_or_id) {
  return validation_error("Stack with id " + text::printable(name_or_id) + " does not exist");
}

Result<void> check_protection(const Stack& stack) {
  if (!stack.has_termination_protection) return {};
  return validation_error("Stack [" + stack.name + "] cannot be deleted while TerminationProtection is enabled");
}

// What deploying without a change set asks the caller to have acknowledged.
std::vector<std::string> direct_capabilities(const Draft& draft, const Blueprint& blueprint) {
  std::vector<std::string> required = required_capabilities(blueprint.plan);
  if (!draft.written.transforms.empty()) required.emplace_back("CAPABILITY_AUTO_EXPAND");
  return required;
}

}  // namespace

Deployer::Deployer(Shard& shard, Store& store, Api& api, Instance instance)
    : shard_(shard), api_(api), instance_(std::move(instance)), store_(store), journal_(store_) {}

void Deployer::start() {
  for (Stack& stack : store_.stacks()) table_.add(std::move(stack));
  for (ChangeSet& change_set : store_.change_sets()) {
    std::string id = change_set.id;
    change_sets_.emplace(std::move(id), std::move(change_set));
  }
  for (const Stack* stack : table_.list(true)) {
    if (is_moving(stack->status) || stack->is_unwanted) begin(*stack);
    else note_execution(*stack);
  }
}

Task<Result<std::string>> Deployer::create_stack(StackRequest request) {
  auto named = check_name("stackName", request.stack_name);
  if (!named) co_return named.error();
  auto body = co_await cfn::template_text(api_, std::move(request.choice), std::nullopt);
  if (!body) co_return body.error();
  if (table_.find(request.stack_name)) {
    co_return Error{"AlreadyExistsException", "Stack [" + request.stack_name + "] already exists", 400};
  }
  if (table_.live_count() >= stacks_max) {
    co_return Error{"LimitExceededException", "Limit for stack has been exceeded", 400};
  }
  auto proposal = propose(request, std::move(*body), nullptr);
  if (!proposal) co_return proposal.error();
  Stack stack = new_stack(request.stack_name);
  auto blueprint = drawn(*proposal, stack.name, stack.id);
  if (!blueprint) co_return blueprint.error();
  auto allowed = check_capabilities(direct_capabilities(proposal->draft, *blueprint), request.capabilities);
  if (!allowed) co_return allowed.error();

  stack.has_termination_protection = request.has_termination_protection;
  stack.timeout_minutes = request.timeout_minutes;
  adopt(stack, std::move(proposal->source), request.on_failure, request.token);
  Stack& added = table_.add(std::move(stack));
  const std::string id = added.id;
  Batch batch;
  store_.put_sources(batch, added);
  journal_.note_stack(added, StackStatus::create_in_progress, "User Initiated", std::move(batch));
  co_await store_.durable();
  begin(added);
  co_await settled(id);
  co_return id;
}

Task<Result<std::string>> Deployer::update_stack(StackRequest request) {
  const Stack* current = table_.find(request.stack_name);
  if (!current || current->status == StackStatus::delete_complete) {
    co_return validation_error("Stack [" + text::printable(request.stack_name) + "] does not exist");
  }
  std::optional<std::string> previous = current->source.template_body;
  auto body = co_await cfn::template_text(api_, std::move(request.choice), std::move(previous));
  if (!body) co_return body.error();
  auto found = updatable_stack(request.stack_name);
  if (!found) co_return found.error();
  Stack& stack = **found;
  auto proposal = propose(request, std::move(*body), &stack);
  if (!proposal) co_return proposal.error();
  auto blueprint = drawn(*proposal, stack.name, stack.id);
  if (!blueprint) co_return blueprint.error();
  auto allowed = check_capabilities(direct_capabilities(proposal->draft, *blueprint), request.capabilities);
  if (!allowed) co_return allowed.error();
  auto changes = difference_from(&stack, *blueprint);
  if (!changes) co_return changes.error();
  const bool is_repair = stack.status == StackStatus::create_failed || stack.status == StackStatus::update_failed;
  if (changes->is_empty() && proposal->source.tags == stack.source.tags && !is_repair) {
    co_return validation_error("No updates are to be performed.");
  }

  const std::string id = stack.id;
  stack.change_set_id.clear();
  begin_update(stack, std::move(proposal->source), request.on_failure, request.token);
  co_await store_.durable();
  begin(stack);
  co_await settled(id);
  co_return id;
}

Task<Result<void>> Deployer::delete_stack(std::string name_or_id, std::set<std::string> retained, std::string token) {
  Stack* stack = table_.find(name_or_id);
  if (!stack || stack->status == StackStatus::delete_complete) co_return Result<void>();
  auto allowed = check_protection(*stack);
  if (!allowed) co_return allowed;
  if (!retained.empty() && stack->status != StackStatus::delete_failed) {
    co_return validation_error("Invalid operation on stack [" + stack->id +
                               "]. Operation on resources is only allowed when the stack is in DELETE_FAILED state");
  }
  const std::string id = stack->id;
  if (stack->status == StackStatus::create_in_progress) {
    stack->is_unwanted = true;
    Batch batch;
    store_.put_stack(batch, *stack);
    store_.write(std::move(batch));
  } else if (is_moving(stack->status)) {
    if (stack->status == StackStatus::delete_in_progress) co_return Result<void>();
    co_return validation_error("Stack [" + stack->id + "] cannot be deleted while in status " +
                               std::string(to_text(stack->status)));
  } else {
    stack->token = std::move(token);
    stack->retained = std::move(retained);
    journal_.note_stack(*stack, StackStatus::delete_in_progress, "User Initiated");
    begin(*stack);
  }
  co_await store_.durable();
  co_await settled(id);
  co_return Result<void>();
}

Task<Result<void>> Deployer::continue_update_rollback(std::string name_or_id, std::string token) {
  Stack* stack = table_.find(name_or_id);
  if (!stack) co_return no_stack(name_or_id);
  if (stack->status != StackStatus::update_rollback_failed) {
    co_return validation_error("Stack:" + stack->id + " is in " + std::string(to_text(stack->status)) +
                               " state and can not continue rollback.");
  }
  const std::string id = stack->id;
  stack->token = std::move(token);
  journal_.note_stack(*stack, StackStatus::update_rollback_in_progress, "User Initiated");
  begin(*stack);
  co_await settled(id);
  co_return Result<void>();
}

Task<Result<void>> Deployer::set_termination_protection(std::string name_or_id, bool is_on) {
  Stack* stack = table_.find(name_or_id);
  if (!stack || stack->status == StackStatus::delete_complete) {
    co_return validation_error("Stack [" + text::printable(name_or_id) + "] does not exist");
  }
  stack->has_termination_protection = is_on;
  Batch batch;
  store_.put_stack(batch, *stack);
  store_.write(std::move(batch));
  co_await store_.durable();
  co_return Result<void>();
}

Result<const Stack*> Deployer::find_stack(std::string_view name_or_id) const {
  const Stack* stack = table_.find(name_or_id);
  if (!stack) return no_stack(name_or_id);
  return stack;
}

StackStore::EventPage Deployer::events(const Stack& stack, std::uint64_t below) const {
  return store_.events(stack, below, page_items);
}

Task<Result<std::string>> Deployer::template_text(TemplateChoice choice) {
  auto body = co_await cfn::template_text(api_, std::move(choice), std::nullopt);
  co_return body;
}

Result<std::string> Deployer::processed(const StackSource& source) const {
  auto draft = read_draft(source.template_body);
  if (!draft) return draft.error();
  auto document = expand_sam(draft->document, instance_);
  if (!document) return document.error();
  return json::dump(*document);
}

Result<Blueprint> Deployer::drawn(const Proposal& proposal, const std::string& stack_name,
                                  const std::string& stack_id) const {
  const StackIdentity identity = {.instance = instance_,
                                  .stack_name = stack_name,
                                  .stack_id = stack_id,
                                  .notification_arns = proposal.source.notification_arns};
  auto import_value = [this](std::string_view name) -> Result<json::value> {
    auto found = table_.find_export(name);
    if (!found) return found.error();
    return json::value(json::string(found->output->value));
  };
  return draw(proposal.draft, proposal.source.parameters, identity, import_value, providers_);
}

Result<Difference> Deployer::difference_from(const Stack* current, const Blueprint& wanted) const {
  if (!current) return difference(nullptr, wanted, providers_);
  auto draft = read_draft(current->source.template_body);
  if (!draft) return draft.error();
  const Proposal now{.source = current->source, .draft = std::move(*draft)};
  auto blueprint = drawn(now, current->name, current->id);
  if (!blueprint) return blueprint.error();
  return difference(&*blueprint, wanted, providers_);
}

Result<void> Deployer::check_updatable(const Stack& stack) const {
  if (is_updatable(stack.status)) return {};
  return validation_error("Stack:" + stack.id + " is in " + std::string(to_text(stack.status)) +
                          " state and can not be updated.");
}

Result<Stack*> Deployer::updatable_stack(const std::string& name_or_id) {
  Stack* stack = table_.find(name_or_id);
  if (!stack || stack->status == StackStatus::delete_complete) {
    return validation_error("Stack [" + text::printable(name_or_id) + "] does not exist");
  }
  auto updatable = check_updatable(*stack);
  if (!updatable) return updatable.error();
  return stack;
}

Stack Deployer::new_stack(const std::string& name) const {
  Stack stack;
  stack.name = name;
  stack.id = instance_.arn("cloudformation", "stack/" + name + "/" + text::random_uuid());
  stack.created = Timestamp::now();
  return stack;
}

void Deployer::adopt(Stack& stack, StackSource source, OnFailure on_failure, std::string token) {
  if (auto draft = read_draft(source.template_body)) {
    stack.description = draft->written.description;
    stack.shown_parameters = shown_parameters(draft->written, source.parameters);
  }
  stack.source = std::move(source);
  stack.on_failure = on_failure;
  stack.token = std::move(token);
}

void Deployer::begin_update(Stack& stack, StackSource source, OnFailure on_failure, std::string token) {
  // A creation that failed has no state worth going back to; an update that failed goes back to where that one began.
  if (stack.status == StackStatus::create_failed) on_failure = OnFailure::keep;
  if (!stack.previous) stack.previous = stack.source;
  adopt(stack, std::move(source), on_failure, std::move(token));
  stack.updated = Timestamp::now();
  Batch batch;
  store_.put_sources(batch, stack);
  journal_.note_stack(stack, StackStatus::update_in_progress, "User Initiated", std::move(batch));
}

void Deployer::begin(const Stack& stack) {
  if (running_.insert(stack.id).second) shard_.spawn(run(stack.id));
}

Task<void> Deployer::run(std::string stack_id) {
  Stack* stack = table_.find(stack_id);
  const DeploymentGround ground = {api_, instance_, providers_, store_, table_};
  StackRunner runner(ground, *stack);
  co_await runner.run();
  running_.erase(stack_id);
  note_execution(*stack);
  if (stack->status == StackStatus::delete_complete) {
    drop_change_sets(*stack, "");
    forget_old_stacks();
  }
}

Task<void> Deployer::settled(std::string stack_id) {
  const std::int64_t latest = MonoTime::now().ms + answer_after_max.count();
  while (running_.contains(stack_id) && MonoTime::now().ms < latest) {
    co_await sleep_for(std::chrono::milliseconds(1));
  }
}

void Deployer::forget_old_stacks() {
  std::vector<const Stack*> deleted;
  for (const Stack* stack : table_.list(true)) {
    if (stack->status == StackStatus::delete_complete && !running_.contains(stack->id)) deleted.push_back(stack);
  }
  for (std::size_t i = deleted_stacks_max; i < deleted.size(); ++i) {
    Batch batch;
    store_.erase_stack(batch, *deleted[i]);
    store_.write(std::move(batch));
    const std::string id = deleted[i]->id;
    table_.erase(id);
  }
}

}  // namespace croft::cfn
