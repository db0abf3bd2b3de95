#include "dynamo/expressions/path.h"

#include <algorithm>

namespace croft::dynamo {

namespace {

const AttributeValue* step_into(const AttributeValue& value, const Path::Step& step) {
  if (const std::string* name = std::get_if<std::string>(&step)) {
    const Map* map = value.get<Map>();
    return map ? map->find(*name) : nullptr;
  }
  const List* list = value.get<List>();
  const std::size_t index = std::get<std::size_t>(step);
  return list && index < list->elements.size() ? &list->elements[index] : nullptr;
}

std::optional<PathClash> clash(const Path& one, const Path& two) {
  const auto found = [&](bool overlap) {
    return PathClash{overlap, "Two document paths " + std::string(overlap ? "overlap" : "conflict") +
                                  " with each other; must remove or rewrite one of these paths; path one: " +
                                  one.text() + ", path two: " + two.text()};
  };
  const std::size_t shared = std::min(one.steps.size(), two.steps.size());
  for (std::size_t i = 0; i < shared; ++i) {
    if (one.steps[i].index() != two.steps[i].index()) return found(false);
    if (one.steps[i] != two.steps[i]) return std::nullopt;
  }
  return found(true);
}

}  // namespace

std::string Path::text() const {
  std::string out = "[";
  for (const Step& step : steps) {
    if (out.size() > 1) out += ", ";
    if (const std::string* name = std::get_if<std::string>(&step)) out += *name;
    else out.append("[").append(std::to_string(std::get<std::size_t>(step))).append("]");
  }
  return out + "]";
}

const AttributeValue* find(const Item& item, const Path& path) {
  const AttributeValue* value = item.find(path.attribute());
  for (std::size_t i = 1; value && i < path.steps.size(); ++i) value = step_into(*value, path.steps[i]);
  return value;
}

std::vector<std::string> entered_attributes(const std::vector<const Path*>& paths) {
  std::vector<std::string> names;
  for (const Path* path : paths) {
    if (path->steps.size() > 1) names.push_back(path->attribute());
  }
  return names;
}

// An expression holds at most a few hundred paths, so every pair is looked at.
std::optional<PathClash> clash(const std::vector<const Path*>& paths) {
  std::optional<PathClash> conflict;
  for (std::size_t j = 1; j < paths.size(); ++j) {
    for (std::size_t i = 0; i < j; ++i) {
      if (paths[i]->attribute() != paths[j]->attribute()) continue;
      std::optional<PathClash> found = clash(*paths[i], *paths[j]);
      if (found && found->overlap) return found;
      if (found && !conflict) conflict = std::move(found);
    }
  }
  return conflict;
}

}  // namespace croft::dynamo
