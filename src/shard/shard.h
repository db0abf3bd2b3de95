#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "shard/poller.h"
#include "shard/task.h"
#include "shard/wakeup.h"

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

  // Its connections.
  Poller& poller() { return poller_; }
  // Its coroutines that wait for a Wakeup.
  Wakeup::Waiters& waiters() { return waiters_; }

  // Scratch memory for one read: valid until the next await.
  std::span<char> read_buffer() { return read_buffer_; }

  // Starts the thread; stop() makes the loop return and joins it. Tasks that still wait are destroyed with the Shard.
  void start();
  void stop();

 private:
  void watch_poller();

  ShardIndex index_;
  std::string name_;
  Poller poller_;             // outlives the loop, with which connections may go
  Wakeup::Waiters waiters_;
  boost::asio::io_context io_;
  boost::asio::posix::basic_stream_descriptor<Executor> polled_;  // the poller's descriptor, lent
  boost::asio::executor_work_guard<Executor> work_;
  std::vector<char> read_buffer_;
  std::thread thread_;
};

// Suspends the calling coroutine; other work of its shard goes on.
Task<void> sleep_for(std::chrono::milliseconds duration);
// Goes on when everything that is ready now had its turn.
Task<void> give_way();

}  // namespace croft
