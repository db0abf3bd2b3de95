#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace croft::metrics {

// Monotonic time in microseconds, for latencies.
std::int64_t now_us();

// How long something took, in fixed buckets from 50 microseconds to 10 seconds.
//
// Threads: one; who counts on several threads has one each and merges copies. Cost: some nanoseconds a call; 168
// bytes.
class Histogram {
 public:
  static constexpr std::array<std::int64_t, 17> bounds_us{
      50,     100,     250,     500,     1'000,     2'500,     5'000,     10'000,    25'000,
      50'000, 100'000, 250'000, 500'000, 1'000'000, 2'500'000, 5'000'000, 10'000'000};

  // `times` things that each took so long; less than nothing counts as nothing.
  void add(std::int64_t us, std::uint64_t times = 1);
  void merge(const Histogram& other);

  // Of the bucket that ends with bounds_us[i]; behind the last, of everything longer. Not cumulative.
  std::uint64_t in_bucket(std::size_t i) const { return buckets_[i]; }
  std::uint64_t count() const;
  std::uint64_t sum_us() const { return sum_us_; }

 private:
  std::array<std::uint64_t, bounds_us.size() + 1> buckets_{};
  std::uint64_t sum_us_ = 0;
};

}  // namespace croft::metrics
