#pragma once

#include <chrono>
#include <compare>
#include <cstdint>

namespace croft {

// A point of civil time: milliseconds since 1970-01-01 UTC, the unit of lifecycle events and `timestamp()`.
struct Timestamp {
  std::int64_t ms = 0;

  // The system clock. For durations use MonoTime: this one may be stepped.
  static Timestamp now() {
    using namespace std::chrono;
    return {duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count()};
  }
  double seconds() const { return static_cast<double>(ms) / 1000.0; }
  friend auto operator<=>(const Timestamp&, const Timestamp&) = default;
};

// A point of monotonic time in milliseconds, for time-outs and latencies.
struct MonoTime {
  std::int64_t ms = 0;

  static MonoTime now() {
    using namespace std::chrono;
    return {duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count()};
  }
  friend auto operator<=>(const MonoTime&, const MonoTime&) = default;
};

}  // namespace croft
