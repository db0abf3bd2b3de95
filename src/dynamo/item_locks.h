#pragma once

#include <algorithm>
#include <array>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace croft::dynamo {

// 4,096 mutexes that items share by the hash of their row keys. Whoever holds an item's stripe may read, change and
// write it. Several stripes are always taken in ascending order.
//
// Threads: any. Never held across an await.
class ItemLocks {
 public:
  using Held = std::vector<std::unique_lock<std::mutex>>;

  [[nodiscard]] std::unique_lock<std::mutex> lock(std::string_view row_key) {
    return std::unique_lock(stripes_[stripe(row_key)]);
  }

  [[nodiscard]] Held lock(const std::vector<std::string>& row_keys) {
    std::vector<std::size_t> wanted;
    for (const std::string& key : row_keys) wanted.push_back(stripe(key));
    std::sort(wanted.begin(), wanted.end());
    wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
    Held held;
    for (std::size_t n : wanted) held.emplace_back(stripes_[n]);
    return held;
  }

 private:
  static constexpr std::size_t count = 4096;
  static std::size_t stripe(std::string_view row_key) { return std::hash<std::string_view>()(row_key) % count; }

  std::array<std::mutex, count> stripes_;
};

}  // namespace croft::dynamo
