#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

namespace croft::gateway {

// How many requests each service answered, by the class of their status. Services are few, so are the counts.
//
// Threads: any.
class RequestCounts {
 public:
  using Classes = std::array<std::uint64_t, 5>;  // 1xx to 5xx

  void add(const std::string& service, int status) {
    const int status_class = status / 100;
    if (status_class < 1 || status_class > 5) return;
    std::lock_guard lock(mutex_);
    ++counts_[service][static_cast<std::size_t>(status_class - 1)];
  }
  std::map<std::string, Classes> all() const {
    std::lock_guard lock(mutex_);
    return counts_;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, Classes> counts_;
};

}  // namespace croft::gateway
