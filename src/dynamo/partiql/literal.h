#pragma once

#include <vector>

#include "dynamo/attribute_value.h"
#include "dynamo/partiql/statement.h"
#include "types/result.h"

namespace croft::dynamo::partiql {

// What stands for each `?`, in their order.
using Parameters = std::vector<AttributeValue>;

// Whether it is a value by itself: a literal or a parameter.
bool is_value(const Expression& expression);

// The value of a literal or parameter. A parameter stands alone, not inside a list, map or set. ValidationException with
// AWS's texts, which name the place in the value: "... under root.x[1]".
Result<AttributeValue> value_of(const Expression& expression, const Parameters& parameters);

// The item of an INSERT: a tuple whose values are literals or parameters, or one parameter of type M.
Result<Item> item_of(const Expression& expression, const Parameters& parameters);

}  // namespace croft::dynamo::partiql
