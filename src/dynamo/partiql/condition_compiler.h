#pragma once

#include "dynamo/expressions/condition.h"
#include "dynamo/partiql/literal.h"
#include "dynamo/partiql/statement.h"
#include "types/result.h"

namespace croft::dynamo::partiql {

// A WHERE clause as a condition, which the evaluator of expressions knows. ValidationException with AWS's texts.
// Source: Developer Guide, "PartiQL functions for DynamoDB", "PartiQL arithmetic, comparison, and logical operators".
Result<Condition> condition_of(const Expression& where, const Parameters& parameters);

}  // namespace croft::dynamo::partiql
