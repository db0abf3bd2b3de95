// Stacks and what belongs to them in the shapes of the API.
#pragma once

#include "cfn/change_set.h"
#include "cfn/stack.h"
#include "cfn/template.h"
#include "services/cloudformation/queue_urls.h"
#include "text/json.h"

namespace croft::services::cloudformation {

json::object stack_description(const cfn::Stack& stack, const QueueUrls& urls);           // DescribeStacks
json::object stack_summary(const cfn::Stack& stack);                                      // ListStacks
json::object event_description(const cfn::Stack& stack, const cfn::StackEvent& event, const QueueUrls& urls);
json::object resource_summary(const cfn::StackResource& resource, const QueueUrls& urls);  // ListStackResources
// DescribeStackResources with "Timestamp", DescribeStackResource with "LastUpdatedTimestamp".
json::object resource_description(const cfn::Stack& stack, const cfn::StackResource& resource,
                                  std::string_view time_member, const QueueUrls& urls);
json::object change_set_summary(const cfn::ChangeSet& change_set);                        // ListChangeSets
json::object change_set_description(const cfn::Stack& stack, const cfn::ChangeSet& change_set);  // without Changes
json::value told_change(json::value change, const QueueUrls& urls);                       // one of DescribeChangeSet's Changes
json::array parameter_declarations(const cfn::Template& t, bool is_summary);              // GetTemplateSummary, ValidateTemplate
// Adds Capabilities, CapabilitiesReason and DeclaredTransforms.
void add_requirements(const cfn::Template& t, json::object& out);

}  // namespace croft::services::cloudformation
