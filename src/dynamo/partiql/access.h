// How a WHERE clause reaches its items: which keys it names.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dynamo/definition.h"
#include "dynamo/expressions/condition.h"
#include "dynamo/expressions/key_condition.h"
#include "types/result.h"

namespace croft::dynamo::partiql {

// The reads that answer a SELECT: one for each partition, or range of sort keys of one, that the clause names. None at all:
// it names no partition, or not in each of its alternatives, and the whole table or index is scanned.
//
// ValidationException for values of a wrong type, for alternatives of one partition that overlap, and for too many.
// Source: Developer Guide, "PartiQL select statements for DynamoDB"; refusals as observed.
Result<std::vector<KeyCondition>> reads_of(const Condition& where, const KeySchema& keys);

// What AND joins, taken apart: the key attributes that are equal to one value, and the rest.
struct KeyMatch {
  Item key;                     // as far as it is named
  std::vector<Condition> rest;  // to hold beside
  std::string conflict{};       // a key attribute that shall have two values; the first one is in `key`

  bool whole(const KeySchema& keys) const { return key.size() == (keys.sort ? 2u : 1u); }
  std::optional<Condition> condition() const;
};
// `one_of_one`: an IN with one value counts as equality.
KeyMatch match_key(const Condition& where, const KeySchema& keys, bool one_of_one);

}  // namespace croft::dynamo::partiql
