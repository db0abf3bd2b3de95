// The pieces of the SAM transform, one a file. Internal to expand_sam().
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "text/json.h"
#include "types/instance.h"
#include "types/result.h"

namespace croft::cfn {

// One entry of the Resources section.
struct NamedResource {
  std::string logical_id;
  json::object resource;
};

// "Resource with id [X] is invalid. ...", the sentence that expand_sam() lists.
Error invalid_resource(std::string_view logical_id, std::string_view why);

// sam_globals.cpp

// The document's resources with Globals merged into each Properties: maps member by member, lists one after the other
// (Globals first), anything else (intrinsics too) replaced. Honours the attribute IgnoreGlobals, and removes it.
Result<json::object> merge_globals(const json::object& document);

// sam_function.cpp

// AWS::Serverless::Function: the function first, then its role, then a permission and a rule for each event.
Result<std::vector<NamedResource>> expand_function(const std::string& logical_id, const json::object& resource,
                                                   const Instance& instance);

// sam_policies.cpp

// The Policies of a function, sorted into the two properties that a role has for them.
struct RolePolicies {
  json::array managed;  // ManagedPolicyArns
  json::array inline_;  // Policies
};
Result<RolePolicies> read_policies(const std::string& function_id, const json::value& policies,
                                   const Instance& instance);

// The ARN of one of Amazon's policies; the ones for services live under /service-role/.
std::string managed_policy_arn(std::string_view name, const Instance& instance);

// The policy document that a SAM policy template makes, for example {"DynamoDBCrudPolicy": {"TableName": x}}.
bool is_policy_template(std::string_view name);
Result<json::object> policy_from_template(const std::string& function_id, std::string_view name,
                                          const json::value& parameters);

// sam_table.cpp

// AWS::Serverless::SimpleTable.
Result<std::vector<NamedResource>> expand_simple_table(const std::string& logical_id, const json::object& resource);

// sam.cpp

// The resource's attributes besides Type and Properties, those that SAM gives to what it generates too.
json::object shared_attributes(const json::object& resource);
// {"a": "b"} as [{"Key": "a", "Value": "b"}].
json::array tag_list(const json::object& tags);

}  // namespace croft::cfn
