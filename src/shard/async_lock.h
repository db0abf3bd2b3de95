#pragma once

#include <deque>
#include <memory>

#include "shard/promise.h"

namespace croft {

// Mutual exclusion between coroutines of one shard, granted in the order of asking. May be held across awaits.
class AsyncLock {
 public:
  class Held {
   public:
    explicit Held(AsyncLock* lock) : lock_(lock) {}
    Held(Held&& other) noexcept : lock_(std::exchange(other.lock_, nullptr)) {}
    Held& operator=(Held&&) = delete;
    ~Held() {
      if (lock_) lock_->release();
    }

   private:
    AsyncLock* lock_;
  };

  Task<Held> acquire();

 private:
  void release();

  bool taken_ = false;
  std::deque<std::shared_ptr<OneShot>> waiting_;
};

}  // namespace croft
