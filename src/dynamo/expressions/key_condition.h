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
  // Of a key of several attributes: the partition's after the first, and what the sort key's have to equal that stand
  // before the one that `sort_operator` is for.
  std::vector<AttributeValue> more_partition{}, leading_sort{};

  // What AWS refuses of a KeyConditionExpression whatever the table's keys are. Legacy KeyConditions are not held
  // against it.
  static Result<void> check(const Condition& condition);

  // Takes a key condition apart. ValidationException with AWS's texts for all that a Query cannot answer.
  static Result<KeyCondition> from(const Condition& condition, const KeySchema& schema);

  // What every row of the partition begins with, under `prefix`.
  std::string partition_prefix(std::string prefix) const;
  // The rows of the partition that fit: [from, to) under `prefix`.
  struct Range {
    std::string from, to;
  };
  Range range(std::string prefix) const;

 private:
  Result<void> take_partition(const std::vector<Condition>& parts, const KeySchema& schema);
  Result<void> take_sort(const std::vector<Condition>& parts, const std::vector<const KeyAttribute*>& sort);
  Result<void> check_partition_values(const KeySchema& schema) const;
};

}  // namespace croft::dynamo
