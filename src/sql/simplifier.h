#pragma once

#include "sql/syntax.h"

namespace croft::sql {

// Makes a bound tree cheaper to compute without changing what it gives: constant parts become literals, `a.b` and
// `*.a.b` of the payload become a PayloadPath. Explanations work on trees that were left as they are.
void simplify(Statement& statement);
// One expression of a template.
void simplify(ExpressionPtr& expression, SqlVersion version);

}  // namespace croft::sql
