#include "sql/value.h"

#include <algorithm>

namespace croft::sql {
namespace {

// Positions of the members sorted by name, equal names in order of position.
std::vector<std::uint32_t> sorted_by_name(const std::vector<Object::Member>& members) {
  std::vector<std::uint32_t> order(members.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return members[a].first < members[b].first; });
  return order;
}

bool same_members(const Object& a, const Object& b) {
  if (a.size() != b.size()) return false;
  const std::vector<std::uint32_t> left = sorted_by_name(a.members()), right = sorted_by_name(b.members());
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (a.members()[left[i]].first != b.members()[right[i]].first) return false;
    if (!(a.members()[left[i]].second == b.members()[right[i]].second)) return false;
  }
  return true;
}

}  // namespace

const Value* Object::find(std::string_view name) const {
  for (const Member& member : members_) {
    if (member.first == name) return &member.second;
  }
  return nullptr;
}

void Object::set(std::string name, Value value) {
  if (value.is_undefined()) return;
  for (Member& member : members_) {
    if (member.first == name) {
      member.second = std::move(value);
      return;
    }
  }
  members_.emplace_back(std::move(name), std::move(value));
}

void Object::append(std::string name, Value value) {
  if (!value.is_undefined()) members_.emplace_back(std::move(name), std::move(value));
}

// Comparing each with each is quickest for the few members that most objects have.
static bool has_repeated(const std::vector<Object::Member>& members) {
  constexpr std::size_t few = 24;
  if (members.size() > few) return true;  // perhaps
  for (std::size_t i = 1; i < members.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      if (members[i].first == members[k].first) return true;
    }
  }
  return false;
}

void Object::drop_repeated() {
  if (!has_repeated(members_)) return;
  const std::vector<std::uint32_t> order = sorted_by_name(members_);
  std::vector<bool> dropped(members_.size());
  bool any = false;
  for (std::size_t i = 0; i + 1 < order.size(); ++i) {
    if (members_[order[i]].first != members_[order[i + 1]].first) continue;
    dropped[order[i]] = true;
    any = true;
  }
  if (!any) return;
  std::vector<Member> kept;
  for (std::size_t i = 0; i < members_.size(); ++i) {
    if (!dropped[i]) kept.push_back(std::move(members_[i]));
  }
  members_ = std::move(kept);
}

void Value::share(const Value& other) {
  switch (kind_) {
    case Kind::string:
      std::construct_at(&string_, other.string_);
      break;
    case Kind::array:
      std::construct_at(&array_, other.array_);
      break;
    case Kind::object:
      std::construct_at(&object_, other.object_);
      break;
    default:
      break;
  }
}

void Value::release() noexcept {
  switch (kind_) {
    case Kind::string:
      std::destroy_at(&string_);
      break;
    case Kind::array:
      std::destroy_at(&array_);
      break;
    case Kind::object:
      std::destroy_at(&object_);
      break;
    default:
      break;
  }
}

Value Value::array(Array elements) {
  std::erase_if(elements, [](const Value& element) { return element.is_undefined(); });
  return Value(std::make_shared<const Array>(std::move(elements)));
}

Value Value::object(Object members) { return Value(std::make_shared<const Object>(std::move(members))); }

bool operator==(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Value::Kind::undefined:
    case Value::Kind::null: return true;
    case Value::Kind::boolean: return a.as_boolean() == b.as_boolean();
    case Value::Kind::number: return a.as_number() == b.as_number();
    case Value::Kind::string: return a.as_string() == b.as_string();
    case Value::Kind::array: return &a.as_array() == &b.as_array() || a.as_array() == b.as_array();
    case Value::Kind::object: return &a.as_object() == &b.as_object() || same_members(a.as_object(), b.as_object());
  }
  return false;
}

}  // namespace croft::sql
