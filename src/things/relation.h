#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

namespace croft::things {

// Which names on the left belong to which on the right, readable from both sides; each pair carries a mark.
class Relation {
 public:
  using Right = std::map<std::string, bool, std::less<>>;
  using Left = std::set<std::string, std::less<>>;

  void add(std::string_view left, std::string_view right, bool mark = false) {
    rights_[std::string(left)][std::string(right)] = mark;
    lefts_[std::string(right)].emplace(left);
  }
  // False when there was no such pair.
  bool remove(std::string_view left, std::string_view right) {
    const auto rights = rights_.find(left);
    if (rights == rights_.end()) return false;
    const auto pair = rights->second.find(right);
    if (pair == rights->second.end()) return false;
    rights->second.erase(pair);
    if (rights->second.empty()) rights_.erase(rights);
    const auto lefts = lefts_.find(right);
    lefts->second.erase(lefts->second.find(left));
    if (lefts->second.empty()) lefts_.erase(lefts);
    return true;
  }
  bool has(std::string_view left, std::string_view right) const { return right_of(left).contains(right); }
  const Right& right_of(std::string_view left) const {
    static const Right none;
    const auto at = rights_.find(left);
    return at == rights_.end() ? none : at->second;
  }
  const Left& left_of(std::string_view right) const {
    static const Left none;
    const auto at = lefts_.find(right);
    return at == lefts_.end() ? none : at->second;
  }

 private:
  std::map<std::string, Right, std::less<>> rights_;
  std::map<std::string, Left, std::less<>> lefts_;
};

}  // namespace croft::things
