#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>

#include "shard/shard.h"
#include "types/timestamp.h"

namespace croft::sqs {

// Calls functions when their time has come, on one shard, with few timers: a sleeper is started only for a time
// before all that are slept for.
//
// Threads: its shard's. Outlives the shard's thread.
class Alarms {
 public:
  explicit Alarms(Shard& shard) : shard_(shard) {}

  using Id = std::pair<std::int64_t, std::uint64_t>;
  // `ring` is called once, not from within this call.
  Id set(MonoTime when, std::function<void()> ring);
  // Nothing happens when it has rung.
  void cancel(const Id& id) { pending_.erase(id); }

 private:
  Task<void> sleep_until(std::int64_t when_ms);
  void ensure_sleeper();

  Shard& shard_;
  std::map<Id, std::function<void()>> pending_;
  std::uint64_t next_ = 0;
  std::int64_t slept_for_ms_ = std::numeric_limits<std::int64_t>::max();  // the earliest
};

}  // namespace croft::sqs
