#include "dynamo/expressions/update.h"

#include <algorithm>

#include "dynamo/errors.h"
#include "dynamo/limits.h"

namespace croft::dynamo {

namespace {

Error wrong_type() { return validation_error("An operand in the update expression has an incorrect data type"); }
// The same of AttributeUpdates.
Error type_mismatch() { return validation_error("Type mismatch for attribute to update"); }
Error invalid_path() {
  return validation_error("The document path provided in the update expression is invalid for update");
}
Error no_such_attribute() {
  return validation_error("The provided expression refers to an attribute that does not exist in the item");
}
Error too_large() { return validation_error("Item size to update has exceeded the maximum allowed size"); }

Result<AttributeValue> evaluate(const UpdateOperand& operand, const Item& item);

Result<AttributeValue> appended(const UpdateOperand& call, const Item& item) {
  Result<AttributeValue> first = evaluate(call.arguments[0], item);
  if (!first) return first;
  Result<AttributeValue> second = evaluate(call.arguments[1], item);
  if (!second) return second;
  List* front = first->get<List>();
  List* back = second->get<List>();
  if (!front || !back) return wrong_type();
  std::move(back->elements.begin(), back->elements.end(), std::back_inserter(front->elements));
  if (counted_bytes(*first) > limits::item_bytes_max) return too_large();
  return first;
}

Result<AttributeValue> evaluate(const UpdateOperand& operand, const Item& item) {
  switch (operand.kind) {
    case UpdateOperand::Kind::value: return *operand.value;
    case UpdateOperand::Kind::path: {
      const AttributeValue* value = find(item, operand.path);
      if (!value) return no_such_attribute();
      return *value;
    }
    case UpdateOperand::Kind::if_not_exists: {
      const AttributeValue* value = find(item, operand.arguments[0].path);
      if (value) return *value;
      return evaluate(operand.arguments[1], item);
    }
    case UpdateOperand::Kind::list_append: return appended(operand, item);
  }
  return wrong_type();
}

Result<AttributeValue> evaluate(const Update::Set& set, const Item& item) {
  Result<AttributeValue> left = evaluate(set.left, item);
  if (!left || set.arithmetic == Update::Arithmetic::none) return left;
  const Result<AttributeValue> right = evaluate(set.right, item);
  if (!right) return right;
  const Number* a = left->get<Number>();
  const Number* b = right->get<Number>();
  if (!a || !b) return wrong_type();
  const Result<Number> sum =
      set.arithmetic == Update::Arithmetic::plus ? Number::add(*a, *b) : Number::subtract(*a, *b);
  if (!sum) return sum.error();
  return AttributeValue{*sum};
}

// The map or list that holds the path's last step; nullptr when it is not there.
AttributeValue* parent_of(Item& item, const Path& path) {
  AttributeValue* value = item.find(path.attribute());
  for (std::size_t i = 1; value && i + 1 < path.steps.size(); ++i) {
    if (const std::string* name = std::get_if<std::string>(&path.steps[i])) {
      Map* map = value->get<Map>();
      value = map ? map->find(*name) : nullptr;
    } else {
      List* list = value->get<List>();
      const std::size_t index = std::get<std::size_t>(path.steps[i]);
      value = list && index < list->elements.size() ? &list->elements[index] : nullptr;
    }
  }
  return value;
}

Result<void> assign(Item& item, const Path& path, AttributeValue value) {
  if (path.steps.size() == 1) {
    item.set(path.attribute(), std::move(value));
    return {};
  }
  AttributeValue* parent = parent_of(item, path);
  if (!parent) return invalid_path();
  if (const std::string* name = std::get_if<std::string>(&path.steps.back())) {
    Map* map = parent->get<Map>();
    if (!map) return invalid_path();
    map->set(*name, std::move(value));
    return {};
  }
  List* list = parent->get<List>();
  if (!list) return invalid_path();
  const std::size_t index = std::get<std::size_t>(path.steps.back());
  if (index < list->elements.size()) list->elements[index] = std::move(value);
  else list->elements.push_back(std::move(value));
  return {};
}

// Nothing happens when the last step leads nowhere; the way to it must exist.
Result<void> remove(Item& item, const Path& path) {
  if (path.steps.size() == 1) {
    item.erase(path.attribute());
    return {};
  }
  AttributeValue* parent = parent_of(item, path);
  if (!parent) return invalid_path();
  if (const std::string* name = std::get_if<std::string>(&path.steps.back())) {
    Map* map = parent->get<Map>();
    if (!map) return invalid_path();
    map->erase(*name);
    return {};
  }
  List* list = parent->get<List>();
  if (!list) return invalid_path();
  const std::size_t index = std::get<std::size_t>(path.steps.back());
  if (index < list->elements.size())
    list->elements.erase(list->elements.begin() + static_cast<std::ptrdiff_t>(index));
  return {};
}

template <class Set>
AttributeValue united(const Set& a, const Set& b) {
  Set out;
  std::set_union(a.members.begin(), a.members.end(), b.members.begin(), b.members.end(),
                 std::back_inserter(out.members));
  return {std::move(out)};
}

template <class Set>
std::optional<AttributeValue> without(const Set& a, const Set& b) {
  Set out;
  std::set_difference(a.members.begin(), a.members.end(), b.members.begin(), b.members.end(),
                      std::back_inserter(out.members));
  if (out.members.empty()) return std::nullopt;
  return AttributeValue{std::move(out)};
}

Result<AttributeValue> added(const AttributeValue* old, const AttributeValue& value, bool legacy) {
  if (!old) return value;
  if (old->type() != value.type()) return legacy ? type_mismatch() : wrong_type();
  switch (value.type()) {
    case Type::number: {
      const Result<Number> sum = Number::add(*old->get<Number>(), *value.get<Number>());
      if (!sum) return sum.error();
      return AttributeValue{*sum};
    }
    case Type::string_set: return united(*old->get<StringSet>(), *value.get<StringSet>());
    case Type::number_set: return united(*old->get<NumberSet>(), *value.get<NumberSet>());
    case Type::binary_set: return united(*old->get<BinarySet>(), *value.get<BinarySet>());
    case Type::list: {
      if (!legacy) return wrong_type();
      List joined = *old->get<List>();
      const List& more = *value.get<List>();
      joined.elements.insert(joined.elements.end(), more.elements.begin(), more.elements.end());
      return AttributeValue{std::move(joined)};
    }
    default: return wrong_type();
  }
}

// Nothing when no member is left: there are no empty sets.
Result<std::optional<AttributeValue>> reduced(const AttributeValue& old, const AttributeValue& value, bool legacy) {
  if (old.type() != value.type()) return legacy ? type_mismatch() : wrong_type();
  switch (value.type()) {
    case Type::string_set: return without(*old.get<StringSet>(), *value.get<StringSet>());
    case Type::number_set: return without(*old.get<NumberSet>(), *value.get<NumberSet>());
    case Type::binary_set: return without(*old.get<BinarySet>(), *value.get<BinarySet>());
    default: return wrong_type();
  }
}

// A value on its way to its place, worked out before anything changes.
struct Assignment {
  const Path* path;
  std::optional<AttributeValue> value;  // nothing: remove
};

Result<std::vector<Assignment>> assignments(const Update& update, const Item& item) {
  std::vector<Assignment> out;
  std::size_t bytes = 0;  // all of it would be in the item, so it cannot exceed the item's limit
  const auto push = [&](const Path& path, std::optional<AttributeValue> value) {
    if (value) bytes += counted_bytes(*value);
    out.push_back({&path, std::move(value)});
    return bytes <= limits::item_bytes_max;
  };
  for (const Update::Set& set : update.sets) {
    Result<AttributeValue> value = evaluate(set, item);
    if (!value) return value.error();
    if (!push(set.path, *std::move(value))) return too_large();
  }
  for (const Update::Change& change : update.adds) {
    Result<AttributeValue> value = added(find(item, change.path), *change.value, update.legacy);
    if (!value) return value.error();
    if (!push(change.path, *std::move(value))) return too_large();
  }
  for (const Update::Change& change : update.deletes) {
    const AttributeValue* old = find(item, change.path);
    if (!old) continue;
    Result<std::optional<AttributeValue>> value = reduced(*old, *change.value, update.legacy);
    if (!value) return value.error();
    if (!push(change.path, *std::move(value))) return too_large();
  }
  return out;
}

}  // namespace

// Assignments go in the order of their paths, so that list elements beyond the end are appended in the order of their
// indexes; removals go last and from the back, so that no index moves before it is used.
Result<Item> Update::apply(const Item& item) const {
  Result<std::vector<Assignment>> steps = assignments(*this, item);
  if (!steps) return steps.error();
  std::stable_sort(steps->begin(), steps->end(),
                   [](const Assignment& a, const Assignment& b) { return a.path->steps < b.path->steps; });
  std::vector<const Path*> removals;
  for (const Path& path : removes) removals.push_back(&path);
  Item updated = item;
  for (Assignment& step : *steps) {
    if (!step.value) {
      removals.push_back(step.path);
      continue;
    }
    const Result<void> assigned = assign(updated, *step.path, *std::move(step.value));
    if (!assigned) return assigned.error();
  }
  std::sort(removals.begin(), removals.end(), [](const Path* a, const Path* b) { return a->steps > b->steps; });
  for (const Path* path : removals) {
    const Result<void> removed = remove(updated, *path);
    if (!removed) return removed.error();
  }
  return updated;
}

std::vector<const Path*> Update::paths() const {
  std::vector<const Path*> out;
  for (const Set& set : sets) out.push_back(&set.path);
  for (const Path& path : removes) out.push_back(&path);
  for (const Change& change : adds) out.push_back(&change.path);
  for (const Change& change : deletes) out.push_back(&change.path);
  return out;
}

static void add_paths(const UpdateOperand& operand, std::vector<const Path*>& out) {
  if (operand.kind == UpdateOperand::Kind::path) out.push_back(&operand.path);
  for (const UpdateOperand& argument : operand.arguments) add_paths(argument, out);
}

std::vector<const Path*> Update::operands() const {
  std::vector<const Path*> out;
  for (const Set& set : sets) {
    add_paths(set.left, out);
    if (set.arithmetic != Arithmetic::none) add_paths(set.right, out);
  }
  return out;
}

}  // namespace croft::dynamo
