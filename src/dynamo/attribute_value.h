#pragma once

#include <compare>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "dynamo/number.h"
#include "types/result.h"

namespace croft::dynamo {

struct Attribute;
struct AttributeValue;

// Attributes by name, in the order of their names' bytes. An item, a key and a value of type M are all Maps.
class Map {
 public:
  Map();
  Map(std::initializer_list<Attribute> attributes);
  // In any order; of two with one name the later stays.
  explicit Map(std::vector<Attribute> attributes);
  Map(const Map&);
  Map(Map&&) noexcept;
  Map& operator=(const Map&);
  Map& operator=(Map&&) noexcept;
  ~Map();

  const AttributeValue* find(std::string_view name) const;
  AttributeValue* find(std::string_view name);
  void set(std::string_view name, AttributeValue value);
  // False when there was none.
  bool erase(std::string_view name);
  void reserve(std::size_t count);
  // For a decoder that has them in order: `name` is above every name so far.
  AttributeValue& append(std::string_view name);

  std::size_t size() const;
  bool empty() const { return size() == 0; }
  const Attribute* begin() const;
  const Attribute* end() const;

 private:
  std::vector<Attribute> attributes_;
};

using Item = Map;

struct Null {
  friend bool operator==(Null, Null) { return true; }
};
struct Binary {
  std::string bytes;
  friend auto operator<=>(const Binary&, const Binary&) = default;
};
struct List {
  std::vector<AttributeValue> elements;
};
// Members of sets are in ascending order, each once.
struct StringSet {
  std::vector<std::string> members;
  friend bool operator==(const StringSet&, const StringSet&) = default;
};
struct NumberSet {
  std::vector<Number> members;
  friend bool operator==(const NumberSet&, const NumberSet&) = default;
};
struct BinarySet {
  std::vector<std::string> members;
  friend bool operator==(const BinarySet&, const BinarySet&) = default;
};

// In the order of AttributeValue's alternatives.
enum class Type : std::uint8_t {
  string,
  number,
  binary,
  boolean,
  null,
  map,
  list,
  string_set,
  number_set,
  binary_set
};

// "S", "N", ..., as on the wire.
std::string_view type_name(Type type);
std::optional<Type> type_named(std::string_view name);

// One value of a DynamoDB attribute. A plain value.
struct AttributeValue {
  std::variant<std::string, Number, Binary, bool, Null, Map, List, StringSet, NumberSet, BinarySet> data;

  Type type() const { return static_cast<Type>(data.index()); }
  template <class T>
  const T* get() const {
    return std::get_if<T>(&data);
  }
  template <class T>
  T* get() {
    return std::get_if<T>(&data);
  }
};

struct Attribute {
  std::string name;
  AttributeValue value;
};

inline void Map::reserve(std::size_t count) { attributes_.reserve(count); }
inline std::size_t Map::size() const { return attributes_.size(); }
inline const Attribute* Map::begin() const { return attributes_.data(); }
inline const Attribute* Map::end() const { return attributes_.data() + attributes_.size(); }

bool operator==(const AttributeValue& a, const AttributeValue& b);
bool operator==(const Map& a, const Map& b);

// Order of two values of one type S, N or B; nothing for any other pair.
std::optional<std::strong_ordering> compare(const AttributeValue& a, const AttributeValue& b);

// Bytes as AWS counts them. Source: Developer Guide, "DynamoDB Item sizes and formats".
std::size_t counted_bytes(const AttributeValue& value);
std::size_t counted_bytes(const Map& item);

// Whether an attribute may be called so: not "", not too long. ValidationException.
Result<void> check_attribute_name(std::string_view name);
// The same for every name in it, those of maps inside, too.
Result<void> check_attribute_names(const Map& item);

// Levels of lists and maps: 0 for a scalar, 1 for a list of scalars.
std::size_t nesting(const AttributeValue& value);

// The length of a string as size() counts it: UTF-16 code units.
std::size_t utf16_length(std::string_view utf8);

}  // namespace croft::dynamo
