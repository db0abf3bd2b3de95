#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dynamo/expressions/condition.h"
#include "dynamo/key.h"

namespace croft::dynamo {

// What a Query asks of a key: one partition, and maybe a range of its sort keys.
struct KeyCondition {
  AttributeValue partition;
  Condition::Kind sort_operator = Condition::Kind::all;  // all: any sort key
  std::vector<AttributeValue> sort_values;

  // What AWS refuses of a KeyConditionExpression whatever the table's keys are. Legacy KeyConditions are not held
  // against it.
  static Result<void> check(const Condition& condition);

  // Takes a key condition apart. ValidationException with AWS's texts for all that a Query cannot answer.
  static Result<KeyCondition> from(const Condition& condition, const KeySchema& schema);

  // The rows of the partition that fit: [from, to) under `prefix`.
  struct Range {
    std::string from, to;
  };
  Range range(std::string prefix) const;
};

}  // namespace croft::dynamo
