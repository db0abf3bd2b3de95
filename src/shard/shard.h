#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "shard/task.h"

namespace croft {

using ShardIndex = std::uint32_t;

// One thread with its event loop. What lives on a shard is touched by that thread only, so it needs no locks.
//
// Threads: post() and spawn() from any thread; the rest from the shard's own.
class Shard {
 public:
  Shard(ShardIndex index, std::string name);
  ~Shard();
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  ShardIndex index() const { return index_; }
  boost::asio::io_context& io() { return io_; }
  Executor executor() { return io_.get_executor(); }

  // Runs `work` on the shard, after what was posted before. Any thread.
  void post(std::function<void()> work);
  // Starts a coroutine on the shard; whoever needs its result uses Promise or on(). An exception that leaves the
  // task is a bug and ends the process. Any thread.
  void spawn(Task<void> task);

  // Scratch memory for one read: valid until the next await.
  std::span<char> read_buffer() { return read_buffer_; }

  // Starts the thread; stop() makes the loop return and joins it. Tasks that still wait are destroyed with the Shard.
  void start();
  void stop();

 private:
  ShardIndex index_;
  std::string name_;
  boost::asio::io_context io_;
  boost::asio::executor_work_guard<Executor> work_;
  std::vector<char> read_buffer_;
  std::thread thread_;
};

// Suspends the calling coroutine; other work of its shard goes on.
Task<void> sleep_for(std::chrono::milliseconds duration);
// Goes on when everything that is ready now had its turn.
Task<void> give_way();

}  // namespace croft
