#include "services/cloudformation/cloudformation.h"

#include "services/cloudformation/operations.h"

namespace croft::services::cloudformation {

gateway::Service cloudformation_service(Deployer& deployer) {
  auto to = [&deployer](Task<Reply> (*operation)(Deployer&, Call&)) {
    return [&deployer, operation](Call& call) { return operation(deployer, call); };
  };
  return {.name = "cloudformation",
          .signing_names = {"cloudformation"},
          .protocol = gateway::Protocol::query,
          .target_prefix = "2010-05-15",
          .xml_namespace = "http://cloudformation.amazonaws.com/doc/2010-05-15/",
          .operations = {{"ContinueUpdateRollback", "", to(continue_update_rollback)},
                         {"CreateChangeSet", "", to(create_change_set)},
                         {"CreateStack", "", to(create_stack)},
                         {"DeleteChangeSet", "", to(delete_change_set)},
                         {"DeleteStack", "", to(delete_stack)},
                         {"DescribeChangeSet", "", to(describe_change_set)},
                         {"DescribeStackEvents", "", to(describe_stack_events)},
                         {"DescribeStackResource", "", to(describe_stack_resource)},
                         {"DescribeStackResources", "", to(describe_stack_resources)},
                         {"DescribeStacks", "", to(describe_stacks)},
                         {"ExecuteChangeSet", "", to(execute_change_set)},
                         {"GetTemplate", "", to(get_template)},
                         {"GetTemplateSummary", "", to(get_template_summary)},
                         {"ListChangeSets", "", to(list_change_sets)},
                         {"ListExports", "", to(list_exports)},
                         {"ListImports", "", to(list_imports)},
                         {"ListStackResources", "", to(list_stack_resources)},
                         {"ListStacks", "", to(list_stacks)},
                         {"UpdateStack", "", to(update_stack)},
                         {"UpdateTerminationProtection", "", to(update_termination_protection)},
                         {"ValidateTemplate", "", to(validate_template)}}};
}

}  // namespace croft::services::cloudformation
