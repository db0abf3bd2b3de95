#include "dynamo/expressions/condition.h"

#include <algorithm>

namespace croft::dynamo {

namespace {

// Nothing for what has no size. Source: Developer Guide, function size().
std::optional<std::int64_t> size_of(const AttributeValue& value) {
  const auto signed_size = [](std::size_t n) { return static_cast<std::int64_t>(n); };
  switch (value.type()) {
    case Type::string: return signed_size(utf16_length(*value.get<std::string>()));
    case Type::binary: return signed_size(value.get<Binary>()->bytes.size());
    case Type::map: return signed_size(value.get<Map>()->size());
    case Type::list: return signed_size(value.get<List>()->elements.size());
    case Type::string_set: return signed_size(value.get<StringSet>()->members.size());
    case Type::number_set: return signed_size(value.get<NumberSet>()->members.size());
    case Type::binary_set: return signed_size(value.get<BinarySet>()->members.size());
    default: return std::nullopt;
  }
}

// The operand's value; `computed` gives a place to one that is not in the item. nullptr when there is none.
const AttributeValue* evaluate(const Operand& operand, const Item& item, AttributeValue& computed) {
  const AttributeValue* value = operand.value ? operand.value.get() : find(item, operand.path);
  if (!operand.size || !value) return value;
  const std::optional<std::int64_t> size = size_of(*value);
  if (!size) return nullptr;
  computed.data = Number(*size);
  return &computed;
}

bool ordered(Condition::Kind kind, const AttributeValue& a, const AttributeValue& b) {
  const std::optional<std::strong_ordering> order = compare(a, b);
  if (!order) return false;
  switch (kind) {
    case Condition::Kind::less: return *order < 0;
    case Condition::Kind::less_equal: return *order <= 0;
    case Condition::Kind::greater: return *order > 0;
    default: return *order >= 0;
  }
}

bool begins_with(const AttributeValue& value, const AttributeValue& prefix) {
  if (value.type() != prefix.type()) return false;
  if (const std::string* text = value.get<std::string>()) return text->starts_with(*prefix.get<std::string>());
  if (const Binary* binary = value.get<Binary>()) return binary->bytes.starts_with(prefix.get<Binary>()->bytes);
  return false;
}

template <class T>
bool is_member(const std::vector<T>& members, const T& member) {
  return std::binary_search(members.begin(), members.end(), member);
}

bool contains(const AttributeValue& value, const AttributeValue& part) {
  if (const List* list = value.get<List>()) {
    return std::find(list->elements.begin(), list->elements.end(), part) != list->elements.end();
  }
  if (const std::string* text = part.get<std::string>()) {
    if (const StringSet* set = value.get<StringSet>()) return is_member(set->members, *text);
    const std::string* whole = value.get<std::string>();
    return whole && whole->find(*text) != std::string::npos;
  }
  if (const Number* number = part.get<Number>()) {
    const NumberSet* set = value.get<NumberSet>();
    return set && is_member(set->members, *number);
  }
  if (const Binary* binary = part.get<Binary>()) {
    if (const BinarySet* set = value.get<BinarySet>()) return is_member(set->members, binary->bytes);
    const Binary* whole = value.get<Binary>();
    return whole && whole->bytes.find(binary->bytes) != std::string::npos;
  }
  return false;
}

void collect(const Condition& condition, std::vector<const Path*>& out) {
  for (const Condition& child : condition.children) collect(child, out);
  for (const Operand& operand : condition.operands) {
    if (!operand.value) out.push_back(&operand.path);
  }
}

}  // namespace

bool Condition::matches(const Item& item) const {
  const auto holds = [&](const Condition& child) { return child.matches(item); };
  if (kind == Kind::all) return std::all_of(children.begin(), children.end(), holds);
  if (kind == Kind::any) return std::any_of(children.begin(), children.end(), holds);
  if (kind == Kind::none) return std::none_of(children.begin(), children.end(), holds);

  AttributeValue first_computed, second_computed;
  const AttributeValue* first = evaluate(operands[0], item, first_computed);
  const auto operand = [&](std::size_t n) { return evaluate(operands[n], item, second_computed); };
  const auto test = [&](std::size_t n, auto&& holds_for) {
    const AttributeValue* other = operand(n);
    return first && other && holds_for(*first, *other);
  };
  switch (kind) {
    case Kind::attribute_exists: return first != nullptr;
    case Kind::attribute_not_exists: return first == nullptr;
    case Kind::attribute_type: return first && type_name(first->type()) == *operand(1)->get<std::string>();
    case Kind::equal: return test(1, [](auto& a, auto& b) { return a == b; });
    case Kind::not_equal: return !test(1, [](auto& a, auto& b) { return a == b; });
    case Kind::begins_with: return test(1, begins_with);
    case Kind::contains: return test(1, contains);
    case Kind::between:
      return test(1, [](auto& a, auto& b) { return ordered(Kind::greater_equal, a, b); }) &&
             test(2, [](auto& a, auto& b) { return ordered(Kind::less_equal, a, b); });
    case Kind::in:
      for (std::size_t n = 1; n < operands.size(); ++n) {
        if (test(n, [](auto& a, auto& b) { return a == b; })) return true;
      }
      return false;
    default: return test(1, [this](auto& a, auto& b) { return ordered(kind, a, b); });
  }
}

std::vector<const Path*> Condition::paths() const {
  std::vector<const Path*> out;
  collect(*this, out);
  return out;
}

std::string_view operator_name(Condition::Kind kind) {
  switch (kind) {
    case Condition::Kind::all: return "AND";
    case Condition::Kind::any: return "OR";
    case Condition::Kind::none: return "NOT";
    case Condition::Kind::equal: return "=";
    case Condition::Kind::not_equal: return "<>";
    case Condition::Kind::less: return "<";
    case Condition::Kind::less_equal: return "<=";
    case Condition::Kind::greater: return ">";
    case Condition::Kind::greater_equal: return ">=";
    case Condition::Kind::between: return "BETWEEN";
    case Condition::Kind::in: return "IN";
    case Condition::Kind::attribute_exists: return "attribute_exists";
    case Condition::Kind::attribute_not_exists: return "attribute_not_exists";
    case Condition::Kind::attribute_type: return "attribute_type";
    case Condition::Kind::begins_with: return "begins_with";
    case Condition::Kind::contains: return "contains";
  }
  return {};
}

}  // namespace croft::dynamo
