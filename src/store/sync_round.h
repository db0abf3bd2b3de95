#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "shard/promise.h"
#include "shard/task.h"

namespace croft {

// Gathers what the coroutines of a shard ask for during one turn of its loop: one request to the committer for all of them, and
// one message back. A shard with many writers would spend as much on these as on the writes.
//
// Threads: any; each shard's coroutines gather among themselves.
class SyncRounds {
 public:
  // `request(done)` has `done` called, on any thread, when what was written before the request is on disk.
  using Request = std::function<void(std::function<void()> done)>;
  explicit SyncRounds(Request request);

  // Resumes when everything written before the call is on disk.
  Task<void> wait();

 private:
  std::shared_ptr<Crowd> join(const Executor& executor);

  const Request request_;
  const std::uint64_t id_;  // never another's: a thread remembers the round it has open by it
};

}  // namespace croft
