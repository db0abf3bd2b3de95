#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <type_traits>
#include <vector>

#include "shard/promise.h"

namespace croft {

// A few threads for plain blocking functions: long RocksDB reads, archives, large bodies. No coroutines inside.
class Pool {
 public:
  explicit Pool(std::size_t threads);
  ~Pool();  // finishes what was queued

  // Runs f() on a pool thread; the coroutine resumes on its own shard with the value. Threads: any.
  template <class F>
  Task<std::invoke_result_t<F>> run(F f) {
    using T = std::invoke_result_t<F>;
    Promise<T> promise;
    push([promise, f = std::move(f)]() mutable {
      try {
        promise.fulfil(f());
      } catch (...) {
        promise.fail(std::current_exception());
      }
    });
    T value = co_await promise.wait();
    co_return value;
  }

  // Threads: any.
  void push(std::function<void()> work);

 private:
  void loop();

  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::function<void()>> queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace croft
