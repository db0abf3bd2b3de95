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
      return validation_error("Invalid KeyConditionExpression: KeyConditionExpressions must only contain one condition per key");
    }
  }
  return parts;
}

const Condition* part_of(const std::vector<Condition>& parts, const KeyAttribute& attribute) {
  for (const Condition& part : parts) {
    if (part.operands[0].path.attribute() == attribute.name) return &part;
  }
  return nullptr;
}

Error missed(const KeyAttribute& attribute) {
  return validation_error("Query condition missed key schema element: " + attribute.name);
}

// When some condition is of no key attribute, told is the first attribute of the sort key that none is of.
Result<void> check_sort_parts(const std::vector<Condition>& parts, const KeySchema& schema,
                              const std::vector<const KeyAttribute*>& sort) {
  std::size_t known = 1 + schema.more_partition.size();
  const KeyAttribute* without = nullptr;
  for (const KeyAttribute* attribute : sort) {
    if (part_of(parts, *attribute)) ++known;
    else if (!without) without = attribute;
  }
  if (known < parts.size()) return without ? missed(*without) : unsupported();
  Result<void> checked;
  for (const KeyAttribute* attribute : sort) {
    const Condition* part = part_of(parts, *attribute);
    if (checked && part) checked = check_key_part(*attribute, *part);
  }
  return checked;
}

// Also of what no key could equal: `sk > ''` is refused. Source: observed.
Result<void> check_sort_values(const std::vector<Condition>& parts, const std::vector<const KeyAttribute*>& sort) {
  Result<void> checked;
  for (const KeyAttribute* attribute : sort) {
    const Condition* part = part_of(parts, *attribute);
    for (std::size_t i = 1; part && checked && i < part->operands.size(); ++i) {
      checked = check_sort_value(*attribute, *part->operands[i].value);
    }
  }
  return checked;
}

Error too_many(std::size_t conditions, std::size_t attributes) {
  return validation_error("The number of query conditions (" + std::to_string(conditions) +
                          ") exceeds the number of key attributes defined in the schema (" +
                          std::to_string(attributes) + ")");
}

Error unequal(const std::string& attributes, const KeyAttribute& last) {
  return validation_error("RANGE key attributes " + attributes +
                          " must have equality conditions specified in the query because a condition is present on "
                          "key attribute " +
                          last.name);
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
  return parts ? Result<void>() : parts.error();
}

// Source: order of AWS's checks: how many there are, then the partition key's, each of presence, operator and type.
Result<KeyCondition> KeyCondition::from(const Condition& condition, const KeySchema& schema) {
  const Result<std::vector<Condition>> parts = parts_of(condition);
  if (!parts) return parts.error();
  if (parts->size() > schema.size()) return too_many(parts->size(), schema.size());
  std::vector<const KeyAttribute*> sort;
  schema.each_sort([&](const KeyAttribute& attribute) { sort.push_back(&attribute); });
  KeyCondition out;
  Result<void> checked = out.take_partition(*parts, schema);
  if (checked) checked = check_sort_parts(*parts, schema, sort);
  if (checked) checked = out.check_partition_values(schema);
  if (checked) checked = check_sort_values(*parts, sort);
  if (checked) checked = out.take_sort(*parts, sort);
  if (!checked) return checked.error();
  return out;
}

Result<void> KeyCondition::take_partition(const std::vector<Condition>& parts, const KeySchema& schema) {
  Result<void> checked;
  bool is_first = true;
  schema.each_partition([&](const KeyAttribute& attribute) {
    if (!checked) return;
    const Condition* part = part_of(parts, attribute);
    if (!part) {
      checked = missed(attribute);
      return;
    }
    checked = check_key_part(attribute, *part);
    if (checked && part->kind != Kind::equal) checked = unsupported();
    if (!checked) return;
    if (is_first) partition = *part->operands[1].value;
    else more_partition.push_back(*part->operands[1].value);
    is_first = false;
  });
  return checked;
}

// Every attribute of the sort key but the last that is named has to be equal to one value. Source: Developer Guide,
// "Multi-attribute keys pattern".
Result<void> KeyCondition::take_sort(const std::vector<Condition>& parts, const std::vector<const KeyAttribute*>& sort) {
  std::size_t named = sort.size();
  while (named > 0 && !part_of(parts, *sort[named - 1])) --named;
  if (named == 0) return {};
  std::string open;
  for (std::size_t i = 0; i + 1 < named; ++i) {
    const Condition* part = part_of(parts, *sort[i]);
    if (part && part->kind == Kind::equal) leading_sort.push_back(*part->operands[1].value);
    else open += (open.empty() ? "" : ", ") + sort[i]->name;
  }
  const KeyAttribute& last = *sort[named - 1];
  if (!open.empty()) return unequal(open, last);
  const Condition& part = *part_of(parts, last);
  sort_operator = part.kind;
  for (std::size_t i = 1; i < part.operands.size(); ++i) sort_values.push_back(*part.operands[i].value);
  if (part.kind == Kind::begins_with && last.type == Type::number) return unsupported();
  return {};
}

Result<void> KeyCondition::check_partition_values(const KeySchema& schema) const {
  Result<void> checked = check_partition_value(schema.partition, partition);
  for (std::size_t i = 0; i < more_partition.size() && checked; ++i) {
    checked = check_partition_value(schema.more_partition[i], more_partition[i]);
  }
  return checked;
}

std::string KeyCondition::partition_prefix(std::string prefix) const {
  append_partition(prefix, partition, more_partition);
  return prefix;
}

KeyCondition::Range KeyCondition::range(std::string prefix) const {
  prefix = partition_prefix(std::move(prefix));
  for (const AttributeValue& value : leading_sort) append_key_part(prefix, value);
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
