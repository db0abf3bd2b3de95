// The inputs of the operations on tables. Refusals are thrown as ApiError.
#pragma once

#include <string>
#include <vector>

#include "dynamo/requests.h"
#include "dynamo/restores.h"
#include "services/dynamodb/request_reader.h"
#include "types/instance.h"

namespace croft::services::dynamodb {

dynamo::TableDefinition read_create_table(const json::object& input, const Instance& instance);

// One index at most is created or erased by a request, as AWS demands. `known` is the table as it is, for the
// attribute definitions that a new index may use.
dynamo::UpdateTable read_update_table(const json::object& input, const dynamo::TableDefinition& known,
                                      const Instance& instance);

// TargetTableName and the overrides of a restore; `attributes` are those that the source defines.
dynamo::NewTable read_new_table(const json::object& input, const std::vector<dynamo::KeyAttribute>& attributes,
                                const Instance& instance);

// Key and Value of every tag.
dynamo::Tags read_tags(RequestReader& reader, std::string_view name);

// The table that ResourceArn names.
std::string table_of_arn(RequestReader& reader);

}  // namespace croft::services::dynamodb
