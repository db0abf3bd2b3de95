#include "shard/wakeup.h"

#include <boost/asio/async_result.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <utility>

#include "types/assert.h"

namespace croft {

namespace asio = boost::asio;

namespace {

template <class Handler>
struct WaiterOf final : Wakeup::Waiter {
  explicit WaiterOf(Handler handler) : handler(std::move(handler)) {}
  void resume() override {
    auto executor = asio::get_associated_executor(handler);
    asio::post(executor, std::move(handler));
  }
  void resume_now() override {
    auto executor = asio::get_associated_executor(handler);
    asio::dispatch(executor, std::move(handler));
  }
  Handler handler;
};

}  // namespace

Wakeup::Waiters::~Waiters() { abandon(); }

void Wakeup::Waiters::abandon() {
  over_ = true;
  while (!list_.empty()) delete list_.front().of->take();
}

Wakeup::~Wakeup() { delete take(); }

Task<void> Wakeup::wait(Waiters& waiters) {
  co_await asio::async_initiate<const asio::use_awaitable_t<Executor>, void()>(
      [this, &waiters](auto handler) {
        CROFT_ASSERT(!waiter_);
        waiter_ = new WaiterOf<decltype(handler)>(std::move(handler));
        waiter_->of = this;
        waiter_->among = &waiters;
        waiters.list_.push_back(*waiter_);
      },
      asio::use_awaitable_t<Executor>());
}

// Nobody waits from here on.
Wakeup::Waiter* Wakeup::take() {
  Waiter* const waiter = std::exchange(waiter_, nullptr);
  if (waiter) waiter->among->list_.erase(waiter->among->list_.iterator_to(*waiter));
  return waiter;
}

// What goes on when its shard is over has no loop to go on in.
void Wakeup::raise() {
  const std::unique_ptr<Waiter> waiter(take());
  if (waiter && !waiter->among->over_) waiter->resume();
}

void Wakeup::raise_now() {
  const std::unique_ptr<Waiter> waiter(take());
  if (waiter) waiter->resume_now();
}

}  // namespace croft
