#pragma once

#include <string>

#include "text/json.h"

namespace croft::cli {

// {"S": "x"}, {"N": "1.5"}, {"M": {…}} as the value that people mean: "x", 1.5, {…}. Numbers that JSON's own cannot
// hold exactly become strings; binary stays base64; sets become arrays.
json::value plain_value(const json::value& attribute);

// The same for every attribute of an item.
json::object plain_item(const json::object& item);

// One value in a table: strings without quotes, documents as compact JSON.
std::string cell_text(const json::value& attribute);

// Whether it stands at the right of its column.
bool is_number(const json::value& attribute);

}  // namespace croft::cli
