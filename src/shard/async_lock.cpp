#include "shard/async_lock.h"

namespace croft {

Task<AsyncLock::Held> AsyncLock::acquire() {
  if (taken_) {
    auto turn = std::make_shared<OneShot>();
    waiting_.push_back(turn);
    co_await turn->wait();  // release() hands the lock over without clearing taken_
  }
  taken_ = true;
  co_return Held(this);
}

void AsyncLock::release() {
  if (waiting_.empty()) {
    taken_ = false;
    return;
  }
  std::shared_ptr<OneShot> next = std::move(waiting_.front());
  waiting_.pop_front();
  next->raise();
}

}  // namespace croft
