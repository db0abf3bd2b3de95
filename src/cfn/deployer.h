#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cfn/blueprint.h"
#include "cfn/change_set.h"
#include "cfn/intake.h"
#include "cfn/journal.h"
#include "cfn/provider_set.h"
#include "cfn/stack_runner.h"
#include "cfn/stack_store.h"
#include "cfn/stack_table.h"
#include "shard/shard.h"
#include "types/instance.h"

namespace croft::cfn {

struct ChangeSetRequest {
  StackRequest stack;
  std::string name;
  std::string description;
  bool is_creation = false;  // ChangeSetType CREATE
};

// Stacks and change sets: takes requests, keeps rows, runs one coroutine for each stack that is on the move.
//
// Operations that start such a coroutine answer when it is done or after answer_after_max. A restart of croft at any
// point loses nothing: start() goes on with every stack whose status says so.
//
// Threads: the shard that it was given.
class Deployer {
 public:
  // All outlive the deployer, and `shard` is stopped before it goes.
  Deployer(Shard& shard, Store& store, Api& api, Instance instance);
  Deployer(const Deployer&) = delete;

  // Reads the rows and goes on with what was cut off. Once, before anything else. Runs operations: the services that
  // they need have to be there.
  void start();

  // Errors are CloudFormation's: ValidationError, AlreadyExistsException, InsufficientCapabilitiesException,
  // LimitExceededException, ChangeSetNotFound, InvalidChangeSetStatus.
  Task<Result<std::string>> create_stack(StackRequest request);  // the stack's id
  Task<Result<std::string>> update_stack(StackRequest request);
  // Success for a stack that is not there.
  Task<Result<void>> delete_stack(std::string name_or_id, std::set<std::string> retained, std::string token);
  Task<Result<void>> continue_update_rollback(std::string name_or_id, std::string token);
  Task<Result<void>> set_termination_protection(std::string name_or_id, bool is_on);

  Task<Result<ChangeSet>> create_change_set(ChangeSetRequest request);
  // `name_or_id`; `stack` may be "" with an id. `is_kept_on_failure` is DisableRollback.
  Task<Result<void>> execute_change_set(std::string name_or_id, std::string stack, bool is_kept_on_failure,
                                        std::string token);
  // Success for one that is not there.
  Task<Result<void>> delete_change_set(std::string name_or_id, std::string stack);

  // "Stack with id X does not exist".
  Result<const Stack*> find_stack(std::string_view name_or_id) const;
  Result<const ChangeSet*> find_change_set(std::string_view name_or_id, std::string_view stack) const;
  std::vector<const ChangeSet*> change_sets(const Stack& stack) const;  // newest first
  const StackTable& stacks() const { return table_; }
  StackStore::EventPage events(const Stack& stack, std::uint64_t below) const;

  // For GetTemplateSummary and ValidateTemplate: the text that a TemplateBody or TemplateURL gives.
  Task<Result<std::string>> template_text(TemplateChoice choice);
  // The template after its transform, as JSON text.
  Result<std::string> processed(const StackSource& source) const;
  const Instance& instance() const { return instance_; }

 private:
  Result<Blueprint> drawn(const Proposal& proposal, const std::string& stack_name, const std::string& stack_id) const;
  Result<Difference> difference_from(const Stack* current, const Blueprint& wanted) const;
  Result<void> check_updatable(const Stack& stack) const;
  Result<Stack*> updatable_stack(const std::string& name_or_id);
  Stack new_stack(const std::string& name) const;
  void adopt(Stack& stack, StackSource source, OnFailure on_failure, std::string token);
  void begin_update(Stack& stack, StackSource source, OnFailure on_failure, std::string token);

  // deployer_change_sets.cpp
  Result<Stack*> change_set_target(const ChangeSetRequest& request);
  Result<void> plan_change_set(ChangeSet& change_set, const Proposal& proposal, const Stack& stack) const;
  Result<void> make_room(const Stack& stack);
  Result<void> check_executable(const ChangeSet& change_set, const Stack& stack) const;
  void note_execution(const Stack& stack);
  void drop_change_sets(const Stack& stack, std::string_view kept_id);

  void begin(const Stack& stack);
  Task<void> run(std::string stack_id);
  Task<void> settled(std::string stack_id);
  void forget_old_stacks();

  Shard& shard_;
  Api& api_;
  const Instance instance_;
  const ProviderSet providers_;
  const StackStore store_;
  const Journal journal_;
  StackTable table_;
  std::map<std::string, ChangeSet, std::less<>> change_sets_;  // by id
  std::set<std::string> running_;                              // ids of stacks
};

}  // namespace croft::cfn
