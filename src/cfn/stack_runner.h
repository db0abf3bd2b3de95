#pragma once

#include <set>
#include <string>
#include <vector>

#include "cfn/blueprint.h"
#include "cfn/journal.h"
#include "cfn/provider_set.h"
#include "cfn/stack_store.h"
#include "cfn/stack_table.h"

namespace croft::cfn {

// What a runner works with. All of it outlives the runner.
struct DeploymentGround {
  Api& api;
  const Instance& instance;
  const ProviderSet& providers;
  const StackStore& store;
  StackTable& table;
};

// Moves one stack from an ..._IN_PROGRESS status to rest. Every phase is a function of the rows, and every step is in
// the rows before it is done, so a runner that was cut off anywhere is gone on from by a new one.
//
// Phases: make (create, update), restore (an update that failed), clean_up (after either), remove (delete, and a
// creation that failed). Resources are worked on one after the other, in the order of their needs.
//
// Threads: the API shard. At most one runner for a stack.
class StackRunner {
 public:
  StackRunner(DeploymentGround ground, Stack& stack) : ground_(ground), journal_(ground.store), stack_(stack) {}

  // Returns when the stack is at rest and that is on disk.
  Task<void> run();

 private:
  // A resource of the template, ready to be made.
  struct Wanted {
    const Resource& resource;
    const ResourceProvider& provider;
    json::object properties;  // resolved
    std::set<std::string> needs;
  };

  // stack_runner.cpp: the phases.
  Task<void> make();
  bool is_out_of_time() const;
  Task<void> restore();
  Task<void> clean_up();
  Task<void> remove();
  Result<Blueprint> blueprint() const;
  Scope scope_of(const Blueprint& blueprint);
  Result<void> settle_outputs(const Blueprint& blueprint, const Scope& scope);
  Result<void> check_exports(const std::vector<StackOutput>& outputs) const;
  void finish_making(const Blueprint& blueprint);
  void finish_restoring();
  void fail_making(std::string reason);
  std::vector<std::string> removal_order() const;

  // resource_steps.cpp: one resource each.
  Task<Result<void>> bring(const Blueprint& blueprint, const Scope& scope, const Resource& resource);
  Task<Result<void>> create(const Wanted& wanted);
  Task<Result<void>> replace(const Wanted& wanted);
  Task<Result<void>> change(const Wanted& wanted);
  Task<Result<void>> make_physical(const Wanted& wanted, ResourceStatus working, ResourceStatus done,
                                   ResourceStatus failed);
  Task<void> discard_partial(const ResourceProvider& provider, const std::string& logical_id);
  Task<Result<void>> restore_resource(const std::string& logical_id);
  Task<Result<void>> erase_resource(const std::string& logical_id);
  Task<Result<void>> erase_former(const std::string& logical_id, bool is_kept);
  bool is_retained(const StackResource& row) const;
  Result<void> note_failure(const std::string& logical_id, ResourceStatus failed, const Error& error);
  StackResource& row(const std::string& logical_id);
  ResourceStep step_for(const Made& made) const;

  DeploymentGround ground_;
  Journal journal_;
  Stack& stack_;
  std::set<std::string> imports_;  // names that Fn::ImportValue asked for in this run
};

}  // namespace croft::cfn
