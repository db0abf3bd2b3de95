#pragma once

#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "shard/shard.h"

namespace croft {

// A flag that one coroutine waits for and anyone, on any thread, raises once.
class OneShot {
 public:
  OneShot();
  ~OneShot();
  OneShot(const OneShot&) = delete;

  // At most one waiter. Returns at once when already raised.
  Task<void> wait();
  // The waiter resumes on its own shard. Raising again does nothing. Threads: any.
  void raise();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

// Coroutines of one shard that wait for the same thing and are told together: a message to the shard for all of them, not one
// for each.
//
// Threads: the shard's alone.
class Crowd {
 public:
  Crowd();
  ~Crowd();
  Crowd(const Crowd&) = delete;

  // Until release().
  Task<void> wait();
  // All go on. Once.
  void release();
  // Nobody will tell them any more: they are destroyed where they wait.
  void abandon();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// A value that is made elsewhere and awaited once. Copies share the value; keep one for each side.
template <class T>
class Promise {
 public:
  Promise() : shared_(std::make_shared<Shared>()) {}

  // Threads: any. The first call counts.
  void fulfil(T value) const {
    {
      std::lock_guard lock(shared_->mutex);
      if (shared_->value || shared_->failure) return;
      shared_->value.emplace(std::move(value));
    }
    shared_->ready.raise();
  }
  void fail(std::exception_ptr failure) const {
    {
      std::lock_guard lock(shared_->mutex);
      if (shared_->value || shared_->failure) return;
      shared_->failure = std::move(failure);
    }
    shared_->ready.raise();
  }
  Task<T> wait() const {
    auto shared = shared_;
    co_await shared->ready.wait();
    std::lock_guard lock(shared->mutex);
    if (shared->failure) std::rethrow_exception(shared->failure);
    co_return std::move(*shared->value);
  }

 private:
  struct Shared {
    std::mutex mutex;
    std::optional<T> value;
    std::exception_ptr failure;
    OneShot ready;
  };
  std::shared_ptr<Shared> shared_;
};

struct Done {};  // the value of a Promise that has none

template <class T, class F>
Task<void> fulfil_with(Promise<T> promise, F make) {
  try {
    T value = co_await make();
    promise.fulfil(std::move(value));
  } catch (...) {
    promise.fail(std::current_exception());
  }
}

// Runs the coroutine `make()` (returning Task<T>) on another shard and resumes here with its value or exception.
template <class T, class F>
Task<T> on(Shard& target, F make) {
  Promise<T> promise;
  target.spawn(fulfil_with<T, F>(promise, std::move(make)));
  T value = co_await promise.wait();
  co_return value;
}

}  // namespace croft
