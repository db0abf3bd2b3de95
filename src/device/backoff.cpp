#include "device/backoff.h"

#include <algorithm>
#include <cstdint>

#include "device/limits.h"

namespace croft::device {

Backoff::Milliseconds Backoff::next() {
  const std::int64_t doubled = limits::reconnect_wait_first.count() << attempt_;
  const std::int64_t window = std::min<std::int64_t>(ceiling_.count(), doubled);
  attempt_ = std::min(attempt_ + 1, attempts_to_ceiling_max);
  const Milliseconds wait(static_cast<std::int64_t>(random_() * static_cast<double>(window)));
  return std::max(wait, limits::reconnect_wait_min);
}

}  // namespace croft::device
