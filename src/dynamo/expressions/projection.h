#pragma once

#include <map>
#include <string_view>
#include <vector>

#include "dynamo/expressions/path.h"
#include "dynamo/expressions/placeholders.h"
#include "types/result.h"

namespace croft::dynamo {

// A choice of parts of an item.
class Projection {
 public:
  static Result<Projection> parse(std::string_view text, Placeholders& placeholders);
  // Paths that do not clash.
  explicit Projection(const std::vector<Path>& paths);
  static Projection of_attributes(const std::vector<std::string>& names);

  // The chosen parts that exist. Elements chosen from a list close up, in their order.
  Item apply(const Item& item) const;

  // The attributes in which the parts lie.
  std::vector<std::string> attributes() const;
  // Those of them of which only parts are chosen.
  std::vector<std::string> entered_attributes() const;

 private:
  struct Node {
    bool whole = false;
    std::map<std::string, Node, std::less<>> members;
    std::map<std::size_t, Node> elements;
  };
  static bool choose(const Node& node, const AttributeValue& from, AttributeValue& out);
  static Map choose(const Node& node, const Map& from);

  Node root_;
};

}  // namespace croft::dynamo
