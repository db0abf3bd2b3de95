#include "store/committer.h"

#include <pthread.h>

namespace croft {

Committer::Committer(std::function<void(const Batch&)> apply, std::function<void()> sync)
    : apply_(std::move(apply)), sync_(std::move(sync)), thread_([this] { loop(); }) {}

Committer::~Committer() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  ready_.notify_all();
  thread_.join();
}

void Committer::push(Batch batch, std::function<void()> done) {
  bool was_empty;
  {
    std::lock_guard lock(mutex_);
    was_empty = queue_.empty();
    queue_.push_back({std::move(batch), std::move(done)});
  }
  if (was_empty) ready_.notify_one();
}

void Committer::loop() {
  pthread_setname_np(pthread_self(), "croft-commit");
  std::unique_lock lock(mutex_);
  for (;;) {
    ready_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;
    std::vector<Entry> group = std::move(queue_);
    queue_.clear();
    lock.unlock();
    commit_group(std::move(group));
    lock.lock();
  }
}

void Committer::commit_group(std::vector<Entry> group) {
  Batch merged;
  for (Entry& entry : group) merged.append(std::move(entry.batch));
  apply_(merged);
  sync_();
  for (Entry& entry : group) entry.done();
}

}  // namespace croft
