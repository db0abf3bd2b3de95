// Items as people write them ("plain" JSON: {"id": "a", "n": 1.5}) and as DynamoDB does ({"id": {"S": "a"}, ...}).
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "text/json.h"
#include "types/result.h"

namespace croft::cli {

// Attribute name -> S, N or B, for every key of a table and its indexes.
using KeyTypes = std::map<std::string, std::string, std::less<>>;

// Whether it is {"TYPE": value} with a value of that type's form.
bool is_attribute(const json::value& value);

// The digits of a JSON number. DynamoDB's are decimal with 38 digits, so they are never read as binary ones.
bool is_number_text(std::string_view text);

// One value as DynamoDB JSON. Text is read as JSON where it is JSON, otherwise it is a string: 5, true, {"a": 1}, red.
json::value attribute_of_text(std::string_view text);

// One document of either form as an item of DynamoDB JSON; {"Item": {...}} is taken out, as AWS's exports have it. Which
// form it has is seen at the keys, which are texts or numbers. Keys of type B are base64 in plain JSON. Errors:
// InvalidItem, with a sentence.
Result<json::object> read_item(std::string_view text, const KeyTypes& keys, std::string_view partition_key);

// A value of a key given as text: abc, 5, base64. Error: InvalidKey when it is no number and has to be.
Result<json::value> key_value(std::string_view name, std::string_view type, std::string_view text);

// Plain JSON on one line; numbers digit for digit, binary as base64, sets as arrays.
std::string plain_json(const json::object& item);
std::string plain_json(const json::value& attribute);

}  // namespace croft::cli
