#include "dynamo/expressions/projection.h"

#include "dynamo/expressions/parser.h"

namespace croft::dynamo {

namespace {

class ProjectionParser : Parser {
 public:
  ProjectionParser(std::string_view text, Placeholders& placeholders)
      : Parser("ProjectionExpression", text, {}, placeholders) {}

  Result<std::vector<Path>> parse() {
    std::vector<Path> paths;
    do paths.push_back(path());
    while (accept(","));
    std::vector<const Path*> all;
    for (const Path& path : paths) all.push_back(&path);
    check_clashes(all);
    const Result<void> finished = finish();
    if (!finished) return finished.error();
    return paths;
  }
};

}  // namespace

Result<Projection> Projection::parse(std::string_view text, Placeholders& placeholders) {
  Result<std::vector<Path>> paths = ProjectionParser(text, placeholders).parse();
  if (!paths) return paths.error();
  return Projection(*paths);
}

Projection::Projection(const std::vector<Path>& paths) {
  for (const Path& path : paths) {
    Node* node = &root_;
    for (const Path::Step& step : path.steps) {
      if (const std::string* name = std::get_if<std::string>(&step)) node = &node->members[*name];
      else node = &node->elements[std::get<std::size_t>(step)];
    }
    node->whole = true;
  }
}

Projection Projection::of_attributes(const std::vector<std::string>& names) {
  Projection projection((std::vector<Path>()));
  for (const std::string& name : names) projection.root_.members[name].whole = true;
  return projection;
}

std::vector<std::string> Projection::attributes() const {
  std::vector<std::string> names;
  for (const auto& [name, node] : root_.members) names.push_back(name);
  return names;
}

std::vector<std::string> Projection::entered_attributes() const {
  std::vector<std::string> names;
  for (const auto& [name, node] : root_.members) {
    if (!node.whole) names.push_back(name);
  }
  return names;
}

Map Projection::choose(const Node& node, const Map& from) {
  Map chosen;
  for (const auto& [name, child] : node.members) {
    const AttributeValue* value = from.find(name);
    if (!value) continue;
    AttributeValue part;
    if (choose(child, *value, part)) chosen.append(name) = std::move(part);
  }
  return chosen;
}

bool Projection::choose(const Node& node, const AttributeValue& from, AttributeValue& out) {
  if (node.whole) {
    out = from;
    return true;
  }
  if (const Map* map = from.get<Map>()) {
    Map chosen = choose(node, *map);
    const bool any = !chosen.empty();
    out.data = std::move(chosen);
    return any;
  }
  const List* list = from.get<List>();
  if (!list) return false;
  List chosen;
  for (const auto& [index, child] : node.elements) {
    AttributeValue part;
    if (index < list->elements.size() && choose(child, list->elements[index], part)) {
      chosen.elements.push_back(std::move(part));
    }
  }
  const bool any = !chosen.elements.empty();
  out.data = std::move(chosen);
  return any;
}

Item Projection::apply(const Item& item) const { return choose(root_, item); }

}  // namespace croft::dynamo
