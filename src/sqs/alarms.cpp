#include "sqs/alarms.h"

#include <algorithm>

namespace croft::sqs {

Alarms::Id Alarms::set(MonoTime when, std::function<void()> ring) {
  const Id id{when.ms, next_++};
  pending_.emplace(id, std::move(ring));
  ensure_sleeper();
  return id;
}

void Alarms::ensure_sleeper() {
  if (pending_.empty() || pending_.begin()->first.first >= slept_for_ms_) return;
  slept_for_ms_ = pending_.begin()->first.first;
  shard_.spawn(sleep_until(slept_for_ms_));
}

Task<void> Alarms::sleep_until(std::int64_t when_ms) {
  co_await sleep_for(std::chrono::milliseconds(std::max<std::int64_t>(0, when_ms - MonoTime::now().ms)));
  if (slept_for_ms_ == when_ms) slept_for_ms_ = std::numeric_limits<std::int64_t>::max();
  const std::int64_t now_ms = std::max(when_ms, MonoTime::now().ms);
  while (!pending_.empty() && pending_.begin()->first.first <= now_ms) {
    const auto ring = std::move(pending_.begin()->second);
    pending_.erase(pending_.begin());
    ring();
  }
  ensure_sleeper();
}

}  // namespace croft::sqs
