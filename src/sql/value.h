#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "sql/number.h"

namespace croft::sql {

class Value;
using Array = std::vector<Value>;

class Object;

// A value of IoT SQL. Undefined is "no value": a missing member, a failed conversion, bad arguments; it is never a
// member of an Object or an element of an Array. Strings are UTF-8.
//
// Immutable once built; copies share arrays and objects. Threads: any, as for shared_ptr<const T>.
class Value {
 public:
  enum class Kind : std::uint8_t { undefined, null, boolean, number, string, array, object };

  Value() noexcept {}  // Undefined
  Value(const Value& other) : kind_(other.kind_) { copy(other); }
  Value(Value&& other) noexcept : kind_(other.kind_) { take(other); }
  Value& operator=(const Value& other) {
    if (this != &other) *this = Value(other);
    return *this;
  }
  Value& operator=(Value&& other) noexcept {
    if (this == &other) return *this;
    if (owns()) release();
    kind_ = other.kind_;
    take(other);
    return *this;
  }
  ~Value() {
    if (owns()) release();
  }

  static Value null() {
    Value value;
    value.kind_ = Kind::null;
    return value;
  }
  static Value boolean(bool value) { return Value(value); }
  static Value number(const Number& value) { return Value(value); }
  // Undefined for nothing.
  static Value number(const std::optional<Number>& value) { return value ? Value(*value) : Value(); }
  static Value integer(std::int64_t value) { return Value(Number::integer(value)); }
  static Value string(std::string value) { return Value(std::move(value)); }
  // Undefined elements are dropped.
  static Value array(Array elements);
  static Value object(Object members);

  Kind kind() const { return kind_; }
  bool is_undefined() const { return kind() == Kind::undefined; }
  bool is_null() const { return kind() == Kind::null; }
  bool is_boolean() const { return kind() == Kind::boolean; }
  bool is_number() const { return kind() == Kind::number; }
  bool is_string() const { return kind() == Kind::string; }
  bool is_array() const { return kind() == Kind::array; }
  bool is_object() const { return kind() == Kind::object; }

  // Only for a value of that kind.
  bool as_boolean() const { return of(Kind::boolean).boolean_; }
  const Number& as_number() const { return of(Kind::number).number_; }
  const std::string& as_string() const { return of(Kind::string).string_; }
  const Array& as_array() const { return *of(Kind::array).array_; }
  const Object& as_object() const { return *of(Kind::object).object_; }

  // The member of an object; null for a missing member and for any other kind.
  const Value* find(std::string_view name) const;

  // Same kind and content; numbers by value, members in any order. Not the SQL operator: that is operators.h.
  friend bool operator==(const Value& a, const Value& b);

 private:
  using ArrayPtr = std::shared_ptr<const Array>;
  using ObjectPtr = std::shared_ptr<const Object>;

  explicit Value(bool value) : kind_(Kind::boolean), boolean_(value) {}
  explicit Value(const Number& value) : kind_(Kind::number), number_(value) {}
  explicit Value(std::string value) : kind_(Kind::string), string_(std::move(value)) {}
  explicit Value(ArrayPtr value) : kind_(Kind::array), array_(std::move(value)) {}
  explicit Value(ObjectPtr value) : kind_(Kind::object), object_(std::move(value)) {}

  // A wrong kind is a bug, which must not cost the process.
  const Value& of(Kind kind) const {
    if (kind_ != kind) throw std::bad_variant_access();
    return *this;
  }
  // Most values own nothing, so that copying and ending them takes no call.
  bool owns() const { return kind_ >= Kind::string; }
  void copy(const Value& other) {
    if (kind_ == Kind::number)
      std::construct_at(&number_, other.number_);
    else if (kind_ == Kind::boolean)
      boolean_ = other.boolean_;
    else if (owns())
      share(other);
  }
  void take(Value& other) noexcept {
    if (kind_ == Kind::number)
      std::construct_at(&number_, other.number_);
    else if (kind_ == Kind::string)
      std::construct_at(&string_, std::move(other.string_));
    else if (kind_ == Kind::boolean)
      boolean_ = other.boolean_;
    else if (kind_ == Kind::array)
      std::construct_at(&array_, std::move(other.array_));
    else if (kind_ == Kind::object)
      std::construct_at(&object_, std::move(other.object_));
  }
  void share(const Value& other);
  void release() noexcept;

  Kind kind_ = Kind::undefined;
  union {
    bool boolean_;
    Number number_;
    std::string string_;
    ArrayPtr array_;
    ObjectPtr object_;
  };
};

// Members in the order they were added. Meant to be filled once and read often; a lookup walks the members.
class Object {
 public:
  using Member = std::pair<std::string, Value>;

  const std::vector<Member>& members() const { return members_; }
  bool empty() const { return members_.empty(); }
  std::size_t size() const { return members_.size(); }
  const Value* find(std::string_view name) const;

  // Replaces the member of that name, or adds it at the end. Undefined is not stored.
  void set(std::string name, Value value);
  void reserve(std::size_t members) { members_.reserve(members); }
  // Adds without looking for the name; call drop_repeated() when done.
  void append(std::string name, Value value);
  // Of members with one name only the last stays.
  void drop_repeated();

 private:
  std::vector<Member> members_;
};

inline const Value* Value::find(std::string_view name) const {
  return is_object() ? as_object().find(name) : nullptr;
}

// The document, with integers exact to 34 digits and fractions as a double reads them. Nothing for text that is not
// JSON (RFC 8259), not UTF-8, or nested deeper than limits::json_depth_max. Of repeated names the last one counts.
std::optional<Value> read_json(std::string_view text);

// Compact JSON text; Undefined gives "". Nothing when it would be longer than `bytes_max`.
std::optional<std::string> write_json(const Value& value, SqlVersion version, std::size_t bytes_max);

}  // namespace croft::sql
