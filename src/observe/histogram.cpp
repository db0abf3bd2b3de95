#include "observe/histogram.h"

#include <algorithm>
#include <chrono>
#include <numeric>

namespace croft::metrics {

std::int64_t now_us() {
  using namespace std::chrono;
  return duration_cast<microseconds>(steady_clock::now().time_since_epoch()).count();
}

void Histogram::add(std::int64_t us, std::uint64_t times) {
  us = std::max<std::int64_t>(us, 0);
  const auto bucket = std::lower_bound(bounds_us.begin(), bounds_us.end(), us) - bounds_us.begin();
  buckets_[static_cast<std::size_t>(bucket)] += times;
  sum_us_ += static_cast<std::uint64_t>(us) * times;
}

void Histogram::merge(const Histogram& other) {
  for (std::size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
  sum_us_ += other.sum_us_;
}

std::uint64_t Histogram::count() const {
  return std::accumulate(buckets_.begin(), buckets_.end(), std::uint64_t{0});
}

}  // namespace croft::metrics
