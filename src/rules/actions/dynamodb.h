#pragma once

#include "dynamo/table_backend.h"
#include "rules/actions/action_types.h"

namespace croft::rules {

// dynamoDB: one column holds the outgoing payload. Source: AWS IoT developer guide, "DynamoDB".
// dynamoDBv2: every top-level member of it is a column. Source: the same, "DynamoDBv2".
// `tables` outlives the types.
void add_dynamodb_actions(ActionTypes& types, dynamo::TableBackend& tables);

// IoT SQL's values as DynamoDB's: strings, numbers, Booleans, null, maps and lists. ValidationException for a number
// that DynamoDB cannot hold.
Result<dynamo::AttributeValue> attribute_from(const sql::Value& value);

}  // namespace croft::rules
