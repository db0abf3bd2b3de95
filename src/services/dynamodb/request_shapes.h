// The JSON types of the inputs of the operations on items. A document of wrong types is refused before anything else
// is looked at; croft looks only after it has refused a request for another reason, so that good ones cost nothing.
#pragma once

#include "text/json.h"
#include "types/result.h"

namespace croft::services::dynamodb {

struct Shape;

namespace shapes {
extern const Shape put_item, update_item, delete_item, get_item, query, scan, batch_get_item, batch_write_item,
    transact_write_items, transact_get_items;
}

// Throws AWS's SerializationException for the first member of a wrong type, in AWS's order of members.
// Source: messages as observed; null is as good as absent.
void check_types(const json::object& input, const Shape& shape);

// What `read` makes of the input; a refusal of it gives way to that of a wrong type.
template <class Read>
auto typed(const json::object& input, const Shape& shape, Read read) {
  try {
    return read(input);
  } catch (const ApiError& refusal) {
    if (refusal.error().code == "ValidationException" || refusal.error().code == "SerializationException") {
      check_types(input, shape);
    }
    throw;
  }
}

}  // namespace croft::services::dynamodb
