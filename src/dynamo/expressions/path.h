#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "dynamo/attribute_value.h"

namespace croft::dynamo {

// The place of a value in an item: an attribute's name, then names of map members and indexes of lists.
struct Path {
  using Step = std::variant<std::string, std::size_t>;
  std::vector<Step> steps;  // never empty; the first is a name

  const std::string& attribute() const { return std::get<std::string>(steps.front()); }
  // As AWS's messages print it: [a, b, [0]]
  std::string text() const;
  friend bool operator==(const Path&, const Path&) = default;
};

// The value there; nullptr when any step leads nowhere.
const AttributeValue* find(const Item& item, const Path& path);

// The attributes that paths lead into, by a name or an index behind theirs.
std::vector<std::string> entered_attributes(const std::vector<const Path*>& paths);

// Two paths that cannot be changed or projected together: one holds the other (they overlap), or one takes a value for
// a map and the other for a list (they conflict).
struct PathClash {
  bool overlap = false;
  std::string message;  // in AWS's words
};
// The first overlap, otherwise the first conflict.
std::optional<PathClash> clash(const std::vector<const Path*>& paths);

}  // namespace croft::dynamo
