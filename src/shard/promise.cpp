#include "shard/promise.h"

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>
#include <vector>

#include "types/assert.h"

namespace croft {

namespace asio = boost::asio;

namespace {

struct Waiter {
  virtual ~Waiter() = default;
  virtual void resume() = 0;
};

template <class Handler>
struct WaiterOf : Waiter {
  explicit WaiterOf(Handler handler) : handler(std::move(handler)) {}
  void resume() override {
    auto executor = asio::get_associated_executor(handler);
    asio::post(executor, std::move(handler));
  }
  Handler handler;
};

}  // namespace

struct Crowd::State {
  std::vector<std::unique_ptr<Waiter>> waiters;
};

Crowd::Crowd() : state_(std::make_unique<State>()) {}
Crowd::~Crowd() = default;

Task<void> Crowd::wait() {
  State* state = state_.get();
  co_await asio::async_initiate<const asio::use_awaitable_t<Executor>, void()>(
      [state](auto handler) {
        state->waiters.push_back(std::make_unique<WaiterOf<decltype(handler)>>(std::move(handler)));
      },
      asio::use_awaitable_t<Executor>());
}

void Crowd::release() {
  for (auto& waiter : std::exchange(state_->waiters, {})) waiter->resume();
}

void Crowd::abandon() { std::exchange(state_->waiters, {}).clear(); }

// Whichever of wait() and raise() comes second posts the waiter to its own shard.
struct OneShot::State {
  std::mutex mutex;
  bool raised = false;
  std::unique_ptr<Waiter> waiter;
};

OneShot::OneShot() : state_(std::make_shared<State>()) {}
OneShot::~OneShot() = default;

Task<void> OneShot::wait() {
  std::shared_ptr<State> state = state_;
  co_await asio::async_initiate<const asio::use_awaitable_t<Executor>, void()>(
      [state](auto handler) {
        auto waiter = std::make_unique<WaiterOf<decltype(handler)>>(std::move(handler));
        std::unique_lock lock(state->mutex);
        CROFT_ASSERT(!state->waiter);
        if (!state->raised) {
          state->waiter = std::move(waiter);
          return;
        }
        lock.unlock();
        waiter->resume();
      },
      asio::use_awaitable_t<Executor>());
}

void OneShot::raise() {
  std::unique_ptr<Waiter> waiter;
  {
    std::lock_guard lock(state_->mutex);
    if (state_->raised) return;
    state_->raised = true;
    waiter = std::move(state_->waiter);
  }
  if (waiter) waiter->resume();
}

}  // namespace croft
