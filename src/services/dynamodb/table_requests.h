// The inputs of the operations on tables. Refusals are thrown as ApiError.
#pragma once

#include <string>
#include <vector>

#include "dynamo/requests.h"
#include "services/dynamodb/request_reader.h"

namespace croft::services::dynamodb {

dynamo::TableDefinition read_create_table(const json::object& input);

// One index at most is created or erased by a request, as AWS demands. `known` is the table as it is, for the
// attribute definitions that a new index may use.
dynamo::UpdateTable read_update_table(const json::object& input, const dynamo::TableDefinition& known);

// Key and Value of every tag.
dynamo::Tags read_tags(RequestReader& reader, std::string_view name);

// The table that ResourceArn names.
std::string table_of_arn(RequestReader& reader);

}  // namespace croft::services::dynamodb
