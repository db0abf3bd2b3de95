#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "store/store.h"

namespace croft {

// Group commit: one thread writes and syncs what gathered while it was busy with the group before, so the size of a
// group follows the load and nobody waits for a timer. Completions run on this thread, in the order of push().
//
// Threads: any.
class Committer {
 public:
  Committer(std::function<void(const Batch&)> apply, std::function<void()> sync);
  ~Committer();  // commits what is queued

  void push(Batch batch, std::function<void()> done);

 private:
  struct Entry {
    Batch batch;
    std::function<void()> done;
  };
  void loop();
  void commit_group(std::vector<Entry> group);

  std::function<void(const Batch&)> apply_;
  std::function<void()> sync_;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::vector<Entry> queue_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace croft
