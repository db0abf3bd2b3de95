#include "dynamo/expressions/key_condition.h"

#include "dynamo/errors.h"

namespace croft::dynamo {

namespace {

using Kind = Condition::Kind;

Error unsupported() { return validation_error("Query key condition not supported"); }

Kind mirrored(Kind kind) {
  switch (kind) {
    case Kind::less: return Kind::greater;
    case Kind::less_equal: return Kind::greater_equal;
    case Kind::greater: return Kind::less;
    case Kind::greater_equal: return Kind::less_equal;
    default: return kind;
  }
}

// `:v = name` as `name = :v`.
Condition path_first(Condition condition) {
  if (condition.operands.size() == 2 && condition.operands[0].value && !condition.operands[1].value &&
      condition.kind != Kind::begins_with) {
    std::swap(condition.operands[0], condition.operands[1]);
    condition.kind = mirrored(condition.kind);
  }
  return condition;
}

// The comparisons that AND joins, at any depth.
Result<void> flatten(const Condition& condition, std::vector<Condition>& out) {
  if (condition.kind == Kind::all) {
    for (const Condition& child : condition.children) {
      const Result<void> flat = flatten(child, out);
      if (!flat) return flat;
    }
    return {};
  }
  switch (condition.kind) {
    case Kind::equal: case Kind::less: case Kind::less_equal: case Kind::greater: case Kind::greater_equal:
    case Kind::between: case Kind::begins_with: out.push_back(path_first(condition)); return {};
    default:
      return validation_error("Invalid KeyConditionExpression: Invalid operator used in KeyConditionExpression: " +
                              std::string(operator_name(condition.kind)));
  }
}

Result<void> check_shape(const Condition& condition) {
  const Operand& first = condition.operands.front();
  if (first.value || first.size) return unsupported();
  if (first.path.steps.size() > 1) {
    return validation_error(
        "Invalid KeyConditionExpression: KeyConditionExpressions cannot have conditions on nested attributes");
  }
  for (std::size_t i = 1; i < condition.operands.size(); ++i) {
    if (!condition.operands[i].value || condition.operands[i].size) return unsupported();
  }
  return {};
}

Result<void> check_values(const KeyAttribute& attribute, const Condition& condition) {
  for (std::size_t i = 1; i < condition.operands.size(); ++i) {
    if (condition.operands[i].value->type() != attribute.type) {
      return invalid_parameter("Condition parameter type does not match schema type");
    }
  }
  return {};
}

}  // namespace

Result<KeyCondition> KeyCondition::from(const Condition& condition, const KeySchema& schema) {
  std::vector<Condition> parts;
  const Result<void> flat = flatten(condition, parts);
  if (!flat) return flat.error();
  const Condition* partition = nullptr;
  const Condition* sort = nullptr;
  const Condition* other = nullptr;
  for (const Condition& part : parts) {
    const Result<void> shape = check_shape(part);
    if (!shape) return shape.error();
    const std::string& name = part.operands[0].path.attribute();
    const Condition** place = name == schema.partition.name              ? &partition
                              : schema.sort && name == schema.sort->name ? &sort
                                                                         : &other;
    if (*place && place != &other) {
      return validation_error("KeyConditionExpressions must only contain one condition per key");
    }
    *place = &part;
  }
  if (!partition) return validation_error("Query condition missed key schema element: " + schema.partition.name);
  if (other && schema.sort && !sort) {
    return validation_error("Query condition missed key schema element: " + schema.sort->name);
  }
  if (other || partition->kind != Kind::equal) return unsupported();
  Result<void> checked = check_values(schema.partition, *partition);
  if (checked && sort) checked = check_values(*schema.sort, *sort);
  if (checked) checked = check_partition_value(schema.partition, *partition->operands[1].value);
  if (!checked) return checked.error();

  KeyCondition out{*partition->operands[1].value, Kind::all, {}};
  if (!sort) return out;
  out.sort_operator = sort->kind;
  for (std::size_t i = 1; i < sort->operands.size(); ++i) out.sort_values.push_back(*sort->operands[i].value);
  if (sort->kind == Kind::begins_with && schema.sort->type == Type::number) return unsupported();
  return out;
}

KeyCondition::Range KeyCondition::range(std::string prefix) const {
  append_partition(prefix, partition);
  const std::string end = end_of_prefix(prefix);
  const auto key = [&](std::size_t n) {
    std::string bytes = prefix;
    append_key_part(bytes, sort_values[n]);
    return bytes;
  };
  // An index may hold several rows for one sort key, each going on with the key of its item.
  switch (sort_operator) {
    case Kind::equal: return {key(0), end_of_prefix(key(0))};
    case Kind::less: return {prefix, key(0)};
    case Kind::less_equal: return {prefix, end_of_prefix(key(0))};
    case Kind::greater: return {end_of_prefix(key(0)), end};
    case Kind::greater_equal: return {key(0), end};
    case Kind::between: return {key(0), end_of_prefix(key(1))};
    case Kind::begins_with: {
      std::string from = prefix;
      append_key_prefix(from, sort_values[0]);
      std::string to = end_of_prefix(from);
      return {std::move(from), std::move(to)};
    }
    default: return {prefix, end};
  }
}

}  // namespace croft::dynamo
