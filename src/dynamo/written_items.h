#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dynamo/attribute_value.h"

namespace croft::dynamo {

// What a write did to one item, for who asks to be told: a request points to a list of them, which outlives it.
struct WrittenItem {
  std::string table;
  Item key;
  std::optional<Item> before, after;
};
using WrittenItems = std::vector<WrittenItem>;

// The members of a trace's step: "items":[{"table":…,"key":…,"before":…,"after":…}], items in DynamoDB's JSON. Those that
// are not there are null, long ones are cut, and only the first of many are told.
std::string detail_of(const WrittenItems& items);

}  // namespace croft::dynamo
