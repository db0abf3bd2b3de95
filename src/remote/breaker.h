#pragma once

#include <mutex>

#include "types/timestamp.h"

namespace croft::remote {

// Whether a service is worth asking. After failures_to_open calls in a row that got no answer worth the name it says no for
// a while, then lets one call try, whose outcome decides.
//
// Threads: any.
class Breaker {
 public:
  // May a call go out? Each yes is followed by one of the two below.
  bool admits(MonoTime now);
  void succeeded();
  void failed(MonoTime now);

  bool is_open() const;

 private:
  mutable std::mutex mutex_;
  unsigned failures_ = 0;
  unsigned opened_ = 0;  // times in a row
  bool is_trying_ = false;
  MonoTime closed_from_;
};

// How many retries a service may cost. Source: as limits::retry_tokens_max.
//
// Threads: any.
class RetryQuota {
 public:
  // False: no retry now.
  bool take(int tokens);
  void give(int tokens);

 private:
  std::mutex mutex_;
  int tokens_ = -1;  // not asked yet: all of them
};

}  // namespace croft::remote
