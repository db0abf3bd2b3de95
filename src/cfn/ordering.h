#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

namespace croft::cfn {

// Name to the names it needs.
using Needs = std::map<std::string, std::set<std::string>, std::less<>>;

struct Ordering {
  // What a level needs is in earlier levels. Inside a level: the order of `names`.
  std::vector<std::vector<std::string>> levels;
  // The names on cycles or between them, which have no place in the levels.
  std::vector<std::string> cyclic;
};

// Sorts `names`. A need that is not among them is taken as met. Iterative: a chain of any length is fine.
Ordering order_by_need(const std::vector<std::string>& names, const Needs& needs);

}  // namespace croft::cfn
