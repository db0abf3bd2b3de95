#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lambda/invocation.h"
#include "types/result.h"
#include "types/timestamp.h"

namespace croft::lambda {

// One attempt that is over.
struct PastInvocation {
  std::uint64_t sequence = 0;  // of all functions, from 1
  Timestamp at;                // when it was asked for
  std::string request_id;
  std::string source;  // who asked for it, as Invocation says
  std::string event;   // "" when it was longer than what is kept
  std::size_t event_bytes = 0;
  std::int64_t wait_us = 0;  // for a worker, its start included
  std::int64_t duration_us = 0;
  std::optional<std::int64_t> init_ms;  // a cold start
  std::int64_t memory_mb = 0, memory_used_mb = 0;
  std::string failure;  // "", "Unhandled", or the code of an error that kept it from running
  std::string answer;   // what it returned, its error document or the error's message; its beginning
  bool answer_is_cut = false;
};

// What functions were asked of late and how it went: at most limits::invocations_kept_max of each, with their events, in
// memory. Where all together are too many bytes the oldest go.
//
// Threads: the API shard.
class RecentInvocations {
 public:
  // Since croft started or the function was made; not bounded by what is kept.
  struct Totals {
    std::uint64_t invocations = 0, errors = 0, throttles = 0;
    Timestamp last_at;
  };

  void add(const std::string& function, PastInvocation invocation);
  void add_throttle(const std::string& function);
  // Those after `after_sequence`, oldest first.
  std::vector<PastInvocation> read(const std::string& function, std::uint64_t after_sequence) const;
  Totals totals(const std::string& function) const;
  std::size_t bytes() const { return bytes_; }
  void erase(const std::string& function);

 private:
  struct Kept {
    std::deque<PastInvocation> invocations;
    Totals totals;
  };
  void drop_oldest(Kept& kept);

  std::map<std::string, Kept> kept_;
  std::map<std::uint64_t, std::string> oldest_;  // the function of each function's oldest
  std::uint64_t newest_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace croft::lambda
