#include "dynamo/attribute_value.h"

#include <algorithm>
#include <array>

#include "dynamo/errors.h"
#include "dynamo/limits.h"

namespace croft::dynamo {

namespace {

constexpr std::array<std::string_view, 10> type_names = {"S", "N", "B", "BOOL", "NULL", "M", "L", "SS", "NS", "BS"};

bool name_below(const Attribute& attribute, std::string_view name) { return attribute.name < name; }

std::size_t total(const std::vector<std::string>& members) {
  std::size_t bytes = 0;
  for (const std::string& member : members) bytes += member.size();
  return bytes;
}

Result<void> check_names_inside(const AttributeValue& value) {
  if (const Map* map = value.get<Map>()) return check_attribute_names(*map);
  const List* list = value.get<List>();
  for (std::size_t i = 0; list && i < list->elements.size(); ++i) {
    const Result<void> checked = check_names_inside(list->elements[i]);
    if (!checked) return checked;
  }
  return {};
}

}  // namespace

std::string_view type_name(Type type) { return type_names[static_cast<std::size_t>(type)]; }

std::optional<Type> type_named(std::string_view name) {
  const auto found = std::find(type_names.begin(), type_names.end(), name);
  if (found == type_names.end()) return std::nullopt;
  return static_cast<Type>(found - type_names.begin());
}

Map::Map() = default;
Map::Map(const Map&) = default;
Map::Map(Map&&) noexcept = default;
Map& Map::operator=(const Map&) = default;
Map& Map::operator=(Map&&) noexcept = default;
Map::~Map() = default;

Map::Map(std::initializer_list<Attribute> attributes) : Map(std::vector<Attribute>(attributes)) {}

Map::Map(std::vector<Attribute> attributes) : attributes_(std::move(attributes)) {
  const auto below = [](const Attribute& a, const Attribute& b) { return a.name < b.name; };
  if (std::is_sorted(attributes_.begin(), attributes_.end(), [](auto& a, auto& b) { return a.name <= b.name; }))
    return;
  std::stable_sort(attributes_.begin(), attributes_.end(), below);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < attributes_.size(); ++i) {
    if (i + 1 < attributes_.size() && attributes_[i].name == attributes_[i + 1].name) continue;
    if (kept != i) attributes_[kept] = std::move(attributes_[i]);
    ++kept;
  }
  attributes_.resize(kept);
}

const AttributeValue* Map::find(std::string_view name) const {
  const auto at = std::lower_bound(attributes_.begin(), attributes_.end(), name, name_below);
  return at != attributes_.end() && at->name == name ? &at->value : nullptr;
}

AttributeValue* Map::find(std::string_view name) {
  return const_cast<AttributeValue*>(static_cast<const Map*>(this)->find(name));
}

void Map::set(std::string_view name, AttributeValue value) {
  const auto at = std::lower_bound(attributes_.begin(), attributes_.end(), name, name_below);
  if (at != attributes_.end() && at->name == name) at->value = std::move(value);
  else attributes_.insert(at, Attribute{std::string(name), std::move(value)});
}

bool Map::erase(std::string_view name) {
  const auto at = std::lower_bound(attributes_.begin(), attributes_.end(), name, name_below);
  if (at == attributes_.end() || at->name != name) return false;
  attributes_.erase(at);
  return true;
}

AttributeValue& Map::append(std::string_view name) {
  attributes_.push_back({std::string(name), {}});
  return attributes_.back().value;
}

bool operator==(const Map& a, const Map& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Attribute& x, const Attribute& y) {
    return x.name == y.name && x.value == y.value;
  });
}

bool operator==(const AttributeValue& a, const AttributeValue& b) {
  if (const List* list = a.get<List>()) {
    const List* other = b.get<List>();
    return other && list->elements == other->elements;
  }
  if (const Map* map = a.get<Map>()) {
    const Map* other = b.get<Map>();
    return other && *map == *other;
  }
  if (a.type() != b.type()) return false;
  switch (a.type()) {
    case Type::string: return *a.get<std::string>() == *b.get<std::string>();
    case Type::number: return *a.get<Number>() == *b.get<Number>();
    case Type::binary: return *a.get<Binary>() == *b.get<Binary>();
    case Type::boolean: return *a.get<bool>() == *b.get<bool>();
    case Type::string_set: return *a.get<StringSet>() == *b.get<StringSet>();
    case Type::number_set: return *a.get<NumberSet>() == *b.get<NumberSet>();
    case Type::binary_set: return *a.get<BinarySet>() == *b.get<BinarySet>();
    default: return true;
  }
}

std::optional<std::strong_ordering> compare(const AttributeValue& a, const AttributeValue& b) {
  if (a.type() != b.type()) return std::nullopt;
  switch (a.type()) {
    case Type::string: return *a.get<std::string>() <=> *b.get<std::string>();
    case Type::number: return *a.get<Number>() <=> *b.get<Number>();
    case Type::binary: return *a.get<Binary>() <=> *b.get<Binary>();
    default: return std::nullopt;
  }
}

// A list or map costs three bytes and one for each thing in it.
std::size_t counted_bytes(const AttributeValue& value) {
  switch (value.type()) {
    case Type::string: return value.get<std::string>()->size();
    case Type::number: return value.get<Number>()->counted_bytes();
    case Type::binary: return value.get<Binary>()->bytes.size();
    case Type::boolean:
    case Type::null: return 1;
    case Type::string_set: return total(value.get<StringSet>()->members);
    case Type::binary_set: return total(value.get<BinarySet>()->members);
    case Type::number_set: {
      std::size_t bytes = 0;
      for (const Number& member : value.get<NumberSet>()->members) bytes += member.counted_bytes();
      return bytes;
    }
    case Type::map: return 3 + value.get<Map>()->size() + counted_bytes(*value.get<Map>());
    case Type::list: {
      std::size_t bytes = 3;
      for (const AttributeValue& element : value.get<List>()->elements) bytes += 1 + counted_bytes(element);
      return bytes;
    }
  }
  return 0;
}

std::size_t counted_bytes(const Map& item) {
  std::size_t bytes = 0;
  for (const Attribute& attribute : item) bytes += attribute.name.size() + counted_bytes(attribute.value);
  return bytes;
}

Result<void> check_attribute_name(std::string_view name) {
  if (name.empty()) return validation_error("Empty attribute name");
  if (name.size() <= limits::attribute_name_bytes_max) return {};
  return validation_error("Attribute name is too large, must be less than 65536 bytes");
}

Result<void> check_attribute_names(const Map& item) {
  for (const Attribute& attribute : item) {
    Result<void> checked = check_attribute_name(attribute.name);
    if (checked) checked = check_names_inside(attribute.value);
    if (!checked) return checked;
  }
  return {};
}

std::size_t nesting(const AttributeValue& value) {
  std::size_t deepest = 0;
  if (const List* list = value.get<List>()) {
    for (const AttributeValue& element : list->elements) deepest = std::max(deepest, nesting(element));
    return deepest + 1;
  }
  if (const Map* map = value.get<Map>()) {
    for (const Attribute& attribute : *map) deepest = std::max(deepest, nesting(attribute.value));
    return deepest + 1;
  }
  return 0;
}

std::size_t utf16_length(std::string_view utf8) {
  std::size_t units = 0;
  for (char c : utf8) {
    const unsigned char byte = static_cast<unsigned char>(c);
    if ((byte & 0xc0) != 0x80) units += byte >= 0xf0 ? 2 : 1;
  }
  return units;
}

}  // namespace croft::dynamo
