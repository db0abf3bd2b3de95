#pragma once

#include <string>
#include <string_view>

#include "dynamo/definition.h"
#include "services/dynamodb/request_reader.h"
#include "types/instance.h"

namespace croft::services::dynamodb {

// A policy that was checked: JSON with statements that name an effect, a principal, actions and resources. Refusals are
// thrown as ApiError.
dynamo::ResourcePolicy new_policy(std::string_view document, Timestamp now);

// Whether both documents say the same: spaces and the order of members do not count.
bool same_policy(std::string_view a, std::string_view b);

// What a policy is of: a table, or its latest stream.
struct PolicyHolder {
  std::string arn;
  std::string table;
  std::string stream_label;  // "" = the table itself

  // ResourceNotFoundException for a stream that is not the table's latest.
  Result<void> check(const dynamo::TableDefinition& definition) const;
  const std::optional<dynamo::ResourcePolicy>& policy(const dynamo::TableDefinition& definition) const;
  std::optional<dynamo::ResourcePolicy>& policy(dynamo::TableDefinition& definition) const;
  std::string text() const;  // as refusals name it: "table T"
};

// ResourceArn, which has to be of this account and region.
PolicyHolder policy_holder(RequestReader& reader, const Instance& instance);

}  // namespace croft::services::dynamodb
