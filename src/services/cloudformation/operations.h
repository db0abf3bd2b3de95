// The operations by the file that has them. Each refuses by throwing ApiError.
#pragma once

#include "cfn/deployer.h"
#include "gateway/service.h"

namespace croft::services::cloudformation {

using cfn::Deployer;
using gateway::Call;
using gateway::Reply;

// stack_operations.cpp
Task<Reply> create_stack(Deployer& deployer, Call& call);
Task<Reply> update_stack(Deployer& deployer, Call& call);
Task<Reply> delete_stack(Deployer& deployer, Call& call);
Task<Reply> continue_update_rollback(Deployer& deployer, Call& call);
Task<Reply> update_termination_protection(Deployer& deployer, Call& call);

// describe_operations.cpp
Task<Reply> describe_stacks(Deployer& deployer, Call& call);
Task<Reply> list_stacks(Deployer& deployer, Call& call);
Task<Reply> describe_stack_events(Deployer& deployer, Call& call);
Task<Reply> describe_stack_resource(Deployer& deployer, Call& call);
Task<Reply> describe_stack_resources(Deployer& deployer, Call& call);
Task<Reply> list_stack_resources(Deployer& deployer, Call& call);
Task<Reply> list_exports(Deployer& deployer, Call& call);
Task<Reply> list_imports(Deployer& deployer, Call& call);

// change_set_operations.cpp
Task<Reply> create_change_set(Deployer& deployer, Call& call);
Task<Reply> describe_change_set(Deployer& deployer, Call& call);
Task<Reply> execute_change_set(Deployer& deployer, Call& call);
Task<Reply> delete_change_set(Deployer& deployer, Call& call);
Task<Reply> list_change_sets(Deployer& deployer, Call& call);

// template_operations.cpp
Task<Reply> get_template(Deployer& deployer, Call& call);
Task<Reply> get_template_summary(Deployer& deployer, Call& call);
Task<Reply> validate_template(Deployer& deployer, Call& call);

}  // namespace croft::services::cloudformation
