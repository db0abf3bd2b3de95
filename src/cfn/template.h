// A template whose structure has been checked.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cfn/parameters.h"
#include "cfn/references.h"
#include "text/json.h"
#include "types/result.h"

namespace croft::cfn {

inline constexpr std::string_view sam_transform = "AWS::Serverless-2016-10-31";

struct Resource {
  std::string logical_id;
  std::string type;
  json::object properties;  // intrinsics in long form, not resolved
  std::vector<std::string> depends_on;
  std::string condition;              // "" for none
  std::string deletion_policy;        // "" when not written: Delete, Retain, RetainExceptOnCreate or Snapshot
  std::string update_replace_policy;  // "" when not written: Delete, Retain or Snapshot
  json::object metadata;
};

struct Output {
  std::string name;
  std::string description;
  json::value value;        // not resolved
  json::value export_name;  // not resolved; null for none
  std::string condition;
};

struct Template {
  std::string description;
  std::vector<std::string> transforms;
  std::vector<Parameter> parameters;
  json::object mappings;
  json::object conditions;
  json::object globals;
  json::object metadata;
  std::vector<Resource> resources;  // in their written order
  std::vector<Output> outputs;

  const Resource* find_resource(std::string_view logical_id) const;
  const Parameter* find_parameter(std::string_view name) const;
};

// The template of a document from read_template() or expand_sam(). ValidationError, in CloudFormation's words, for
// unknown sections, missing Resources, null values, malformed members, and numbers over limits.h. References are not
// followed: a document that still awaits its transform may name resources that only the transform makes.
Result<Template> parse_template(const json::object& document);

// For a template without transforms left to run: every Ref, Fn::GetAtt, Fn::Sub, DependsOn, Condition and Fn::If
// names something that exists. "Template format error: Unresolved resource dependencies [X] in the Resources block of
// the template", and its like. Dynamic references are refused.
Result<void> check_references(const Template& t);

// What check_references() cannot know before the conditions do: no resource or output that exists mentions, in a
// branch that is taken, a resource that does not. (DependsOn may.)
Result<void> check_live_references(const Template& t, const Conditions& conditions);

// True if the condition named (or none, "") holds. An unknown name does not.
bool holds(const Conditions& conditions, std::string_view name);

// CAPABILITY_IAM, CAPABILITY_NAMED_IAM or nothing: what the caller must have acknowledged to deploy `t`.
// Source: CloudFormation API Reference, CreateStack, Capabilities.
std::vector<std::string> required_capabilities(const Template& t);
// The IAM resource types behind that answer, for GetTemplateSummary's CapabilitiesReason.
std::vector<std::string> iam_resource_types(const Template& t);

}  // namespace croft::cfn
