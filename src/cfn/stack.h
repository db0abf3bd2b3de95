// A stack, as it is kept and described.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cfn/stack_status.h"
#include "text/json.h"
#include "types/timestamp.h"

namespace croft::cfn {

struct Tag {
  std::string key;
  std::string value;
  friend bool operator==(const Tag&, const Tag&) = default;
};

// ParameterKey to ParameterValue.
using ParameterTexts = std::map<std::string, std::string, std::less<>>;

// What a stack is made from: enough to plan and to make it again.
struct StackSource {
  std::string template_body;  // as the user wrote it
  ParameterTexts parameters;  // a value for each declared parameter
  std::vector<std::string> capabilities;
  std::vector<Tag> tags;
  std::vector<std::string> notification_arns;
  std::string role_arn;
};

// One physical resource.
struct Made {
  std::string physical_id;  // "" when nothing was made
  json::object properties;  // resolved; those it has, or is about to have
  json::object attributes;  // of Fn::GetAtt
  std::string deletion_policy;
  std::string update_replace_policy;
};

struct StackResource {
  std::string logical_id;
  std::string type;
  ResourceStatus status = ResourceStatus::create_in_progress;
  std::string status_reason;
  Timestamp changed;
  Made now;
  std::optional<Made> before;  // while an update runs: what it was; afterwards, until cleaned up, what it is no longer
  std::set<std::string> needs;  // the logical ids that must be there while this one is
  json::object metadata;
  bool is_new = false;      // added by the update that runs
  bool is_leaving = false;  // to be removed when the update cleans up
  bool is_restored = false;  // the update is rolled back, and this one has its replaced resource again

  // An update gives (or gave) it another physical resource.
  bool is_replaced() const { return before && before->physical_id != now.physical_id; }
};

struct StackOutput {
  std::string key;
  std::string value;
  std::string description;
  std::string export_name;  // "" for none
};

enum class OnFailure { roll_back, keep, remove };  // ROLLBACK, DO_NOTHING, DELETE

struct ShownParameter {
  std::string key;
  std::string value;  // "****" for NoEcho
};

struct Stack {
  std::string id;    // arn:aws:cloudformation:REGION:ACCOUNT:stack/NAME/UUID
  std::string name;
  StackStatus status = StackStatus::review_in_progress;
  std::string status_reason;
  std::string description;
  Timestamp created;
  std::optional<Timestamp> updated;
  std::optional<Timestamp> deleted;
  OnFailure on_failure = OnFailure::roll_back;
  bool has_termination_protection = false;
  std::int64_t timeout_minutes = 0;
  std::string change_set_id;       // that made its last change
  std::string token;               // ClientRequestToken of the operation that runs
  bool is_unwanted = false;        // DeleteStack came while it was being created
  std::set<std::string> retained;  // DeleteStack's RetainResources
  std::vector<ShownParameter> shown_parameters;
  std::vector<StackOutput> outputs;
  std::set<std::string> imports;   // names of exports it uses
  std::uint64_t next_event = 0;

  StackSource source;
  std::optional<StackSource> previous;  // while an update runs: what to go back to

  std::vector<StackResource> resources;  // in no order: each knows its needs

  StackResource* find_resource(std::string_view logical_id);
  const StackResource* find_resource(std::string_view logical_id) const;
  std::string_view uuid() const;  // the last part of the id
};

// What DescribeStackEvents tells.
struct StackEvent {
  std::string id;
  Timestamp time;
  std::string logical_id;
  std::string physical_id;
  std::string type;
  std::string status;
  std::string reason;
  std::string properties;  // JSON text; "" for the stack itself
  std::string token;
};

}  // namespace croft::cfn
