#include "cfn/graph.h"

#include "cfn/errors.h"

namespace croft::cfn {

Result<Graph> dependency_graph(const Template& t, const Conditions& conditions) {
  Graph graph;
  std::vector<std::string> live;
  for (const Resource& r : t.resources) {
    if (holds(conditions, r.condition)) live.push_back(r.logical_id);
  }
  const std::set<std::string> known(live.begin(), live.end());
  for (const Resource& r : t.resources) {
    if (!known.contains(r.logical_id)) continue;
    References found;
    auto collected = collect_references(json::value(r.properties), &conditions, found);
    if (!collected) return collected.error();
    found.names.merge(found.resources);
    found.names.insert(r.depends_on.begin(), r.depends_on.end());
    std::set<std::string>& needs = graph.needs[r.logical_id];
    for (const std::string& name : found.names) {
      if (known.contains(name)) needs.insert(name);
    }
  }

  Ordering ordering = order_by_need(live, graph.needs);
  if (!ordering.cyclic.empty()) {
    std::string cycle;
    for (const std::string& id : ordering.cyclic) cycle += (cycle.empty() ? "" : ", ") + id;
    return validation_error("Circular dependency between resources: [" + cycle + "]");
  }
  graph.levels = std::move(ordering.levels);
  return graph;
}

}  // namespace croft::cfn
