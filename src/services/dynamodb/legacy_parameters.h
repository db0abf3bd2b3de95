// The parameters that expressions replaced, which older SDK code still sends: read into the same trees as expressions,
// so that there is one evaluation. Refusals are thrown as ApiError.
// Source: API Reference, "Legacy conditional parameters"; messages and their order as observed.
#pragma once

#include <optional>
#include <string_view>

#include "dynamo/expressions/condition.h"
#include "dynamo/expressions/projection.h"
#include "dynamo/expressions/update.h"
#include "services/dynamodb/request_reader.h"

namespace croft::services::dynamodb {

// What the members are by themselves; before RequestReader::finish().
void note_conditional_operator(RequestReader& reader);
// Expected, KeyConditions, QueryFilter, ScanFilter; only Expected may leave out a ComparisonOperator.
void note_conditions(RequestReader& reader, std::string_view member);
void note_attribute_updates(RequestReader& reader);
void note_attributes_to_get(RequestReader& reader);

// ConditionalOperator stands beside at least two of Expected's, QueryFilter's or ScanFilter's conditions.
void check_conditional_operator(RequestReader& reader);

// What they mean; nothing when they are absent or empty.
std::optional<dynamo::Condition> expected(RequestReader& reader);
std::optional<dynamo::Condition> legacy_filter(RequestReader& reader, std::string_view member);
std::optional<dynamo::Update> attribute_updates(RequestReader& reader);
std::optional<dynamo::Projection> attributes_to_get(RequestReader& reader);
// Only whether its values are right.
void check_attributes_to_get(RequestReader& reader);

// KeyConditions, which must be there, for KeyCondition::from().
dynamo::Condition key_conditions(RequestReader& reader);

}  // namespace croft::services::dynamodb
