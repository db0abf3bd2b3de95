#pragma once

#include "dynamo/expressions/update.h"
#include "dynamo/partiql/literal.h"
#include "dynamo/partiql/statement.h"
#include "types/result.h"

namespace croft::dynamo::partiql {

// SET and REMOVE of a statement as an update, which the evaluator of expressions knows; set_add() and set_delete() are its
// ADD and DELETE. ValidationException with AWS's texts.
// Source: Developer Guide, "PartiQL update statements for DynamoDB".
Result<Update> update_of(const UpdateStatement& statement, const Parameters& parameters);

}  // namespace croft::dynamo::partiql
