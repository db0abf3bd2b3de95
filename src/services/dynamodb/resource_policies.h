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

// ResourceArn: the name of the table, which has to be of this account and region.
std::string table_of_policy(RequestReader& reader, const Instance& instance);

}  // namespace croft::services::dynamodb
