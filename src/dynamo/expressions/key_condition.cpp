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

Error invalid_operator(Kind kind) {
  return validation_error("Invalid operator used in KeyConditionExpression: " + std::string(operator_name(kind)));
}

// The comparisons that AND joins, at any depth.
Result<void> flatten(const Condition& condition, std::vector<const Condition*>& out) {
  if (condition.kind == Kind::all) {
    for (const Condition& child : condition.children) {
      const Result<void> flat = flatten(child, out);
      if (!flat) return flat;
    }
    return {};
  }
  switch (condition.kind) {
    case Kind::equal: case Kind::less: case Kind::less_equal: case Kind::greater: case Kind::greater_equal:
    case Kind::between: case Kind::begins_with: case Kind::not_equal: out.push_back(&condition); return {};
    default: return invalid_operator(condition.kind);
  }
}

// Source: messages of AWS, in the order in which it looks for them.
Result<void> check_operands(const Condition& condition) {
  const auto is_path = [](const Operand& operand) { return !operand.value && !operand.size; };
  if (condition.kind == Kind::not_equal) return invalid_operator(condition.kind);
  for (const Operand& operand : condition.operands) {
    if (operand.size) return validation_error("KeyConditionExpressions cannot contain nested operations");
  }
  const bool named_first = condition.kind == Kind::between || condition.kind == Kind::begins_with;
  if (named_first && !is_path(condition.operands[0])) {
    return validation_error("Invalid condition in KeyConditionExpression: " +
                            std::string(operator_name(condition.kind)) +
                            " operator must have the key attribute as its first operand");
  }
  const Path* named = nullptr;
  for (const Operand& operand : condition.operands) {
    if (!is_path(operand)) continue;
    if (named) {
      return validation_error(
          "Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition");
    }
    named = &operand.path;
    if (named->steps.size() > 1) {
      return validation_error(
          "Invalid KeyConditionExpression: KeyConditionExpressions cannot have conditions on nested attributes");
    }
  }
  if (named) return {};
  return validation_error("Invalid condition in KeyConditionExpression: No key attribute specified");
}

// Whether rows can be looked up by this comparison of a key attribute.
Result<void> check_key_part(const KeyAttribute& attribute, const Condition& condition) {
  if (condition.kind == Kind::not_equal) {
    return validation_error("Attempted conditional constraint is not an indexable operation");
  }
  for (std::size_t i = 1; i < condition.operands.size(); ++i) {
    if (condition.operands[i].value->type() != attribute.type) {
      return invalid_parameter("Condition parameter type does not match schema type");
    }
  }
  return {};
}

// The comparisons with the path first, each of another attribute.
Result<std::vector<Condition>> parts_of(const Condition& condition) {
  std::vector<const Condition*> flat;
  const Result<void> flattened = flatten(condition, flat);
  if (!flattened) return flattened.error();
  std::vector<Condition> parts;
  for (const Condition* part : flat) {
    if (part->kind != Kind::not_equal) {
      const Result<void> checked = check_operands(*part);
      if (!checked) return checked.error();
    }
    parts.push_back(path_first(*part));
    for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
      if (parts[i].operands[0].path.attribute() != parts.back().operands[0].path.attribute()) continue;
      return validation_error("KeyConditionExpressions must only contain one condition per key");
    }
  }
  return parts;
}

}  // namespace

Result<void> KeyCondition::check(const Condition& condition) {
  std::vector<const Condition*> flat;
  Result<void> checked = flatten(condition, flat);
  for (const Condition* part : flat) {
    if (checked) checked = check_operands(*part);
  }
  if (!checked) return checked;
  const Result<std::vector<Condition>> parts = parts_of(condition);
  if (!parts) return parts.error();
  if (parts->empty() || parts->size() > 2) return validation_error("Conditions can be of length 1 or 2 only");
  return {};
}

// Source: order of AWS's checks: the partition key's first, each of presence, operator and type.
Result<KeyCondition> KeyCondition::from(const Condition& condition, const KeySchema& schema) {
  const Result<std::vector<Condition>> parts = parts_of(condition);
  if (!parts) return parts.error();
  const auto part_of = [&](const KeyAttribute& attribute) -> const Condition* {
    for (const Condition& part : *parts) {
      if (part.operands[0].path.attribute() == attribute.name) return &part;
    }
    return nullptr;
  };
  if (!schema.sort && parts->size() > 1) return unsupported();
  const Condition* partition = part_of(schema.partition);
  if (!partition) return validation_error("Query condition missed key schema element: " + schema.partition.name);
  Result<void> checked = check_key_part(schema.partition, *partition);
  if (!checked) return checked.error();
  if (partition->kind != Kind::equal) return unsupported();
  const Condition* sort = schema.sort ? part_of(*schema.sort) : nullptr;
  if (!sort && parts->size() > 1) {
    return validation_error("Query condition missed key schema element: " + schema.sort->name);
  }
  if (parts->size() > 2) return unsupported();
  if (sort) checked = check_key_part(*schema.sort, *sort);
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
