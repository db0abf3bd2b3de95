// DynamoDB JSON: {"S": "text"}, {"N": "12"}, {"L": [...]}.
#pragma once

#include "dynamo/attribute_value.h"
#include "text/json.h"
#include "types/result.h"

namespace croft::dynamo {

// One typed value. ValidationException for an empty set, a duplicate in a set, no or several types, a malformed
// number, too deep nesting; SerializationException when the JSON types themselves are wrong.
Result<AttributeValue> attribute_value(const json::value& document);

// The attributes of an item or key, or of a value of type M.
Result<Item> item(const json::value& document);

// A flag that came as a text; nothing when AWS takes no such word for one.
std::optional<bool> truth_of(std::string_view word);

// Appends the JSON text. Hot path of replies: no json::value in between.
void append_json(std::string& out, const AttributeValue& value);
void append_json(std::string& out, const Item& item);

json::object to_json(const Item& item);

}  // namespace croft::dynamo
