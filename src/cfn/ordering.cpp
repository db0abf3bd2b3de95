#include "cfn/ordering.h"

#include <cstddef>

namespace croft::cfn {
namespace {

// names as indices: edges[i] are those that need i, open[i] how many i still waits for.
struct Counted {
  std::vector<std::vector<std::size_t>> edges;
  std::vector<std::size_t> open;
};

Counted count(const std::vector<std::string>& names, const Needs& needs, bool reversed) {
  std::map<std::string_view, std::size_t> index;
  for (std::size_t i = 0; i < names.size(); ++i) index.emplace(names[i], i);
  Counted counted{std::vector<std::vector<std::size_t>>(names.size()), std::vector<std::size_t>(names.size())};
  for (std::size_t i = 0; i < names.size(); ++i) {
    auto found = needs.find(names[i]);
    if (found == needs.end()) continue;
    for (const std::string& need : found->second) {
      auto other = index.find(need);
      if (other == index.end()) continue;
      const std::size_t from = reversed ? i : other->second;
      const std::size_t to = reversed ? other->second : i;
      counted.edges[from].push_back(to);
      ++counted.open[to];
    }
  }
  return counted;
}

// Takes levels off until none is free; the rest stays in `names`.
std::vector<std::vector<std::string>> peel(std::vector<std::string>& names, const Needs& needs, bool reversed) {
  Counted counted = count(names, needs, reversed);
  std::vector<std::vector<std::string>> levels;
  std::vector<bool> taken(names.size());
  std::set<std::size_t> free;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (counted.open[i] == 0) free.insert(i);
  }
  while (!free.empty()) {
    std::set<std::size_t> next;
    levels.emplace_back();
    for (std::size_t i : free) {
      levels.back().push_back(names[i]);
      taken[i] = true;
      for (std::size_t waiting : counted.edges[i]) {
        if (--counted.open[waiting] == 0) next.insert(waiting);
      }
    }
    free = std::move(next);
  }
  std::vector<std::string> rest;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!taken[i]) rest.push_back(names[i]);
  }
  names = std::move(rest);
  return levels;
}

}  // namespace

Ordering order_by_need(const std::vector<std::string>& names, const Needs& needs) {
  Ordering ordering{.cyclic = names};
  ordering.levels = peel(ordering.cyclic, needs, false);
  peel(ordering.cyclic, needs, true);  // drops those that merely wait for a cycle
  return ordering;
}

}  // namespace croft::cfn
