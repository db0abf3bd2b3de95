#include "shard/shard.h"

#include <pthread.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdio>
#include <exception>

#include "types/assert.h"

namespace croft {

static constexpr std::size_t read_buffer_bytes = 64 * 1024;

Shard::Shard(ShardIndex index, std::string name)
    : index_(index),
      name_(std::move(name)),
      io_(1),
      polled_(io_, poller_.descriptor()),
      work_(io_.get_executor()),
      read_buffer_(read_buffer_bytes) {
  watch_poller();
}

Shard::~Shard() {
  stop();
  waiters_.abandon();
  polled_.release();
}

void Shard::watch_poller() {
  polled_.async_wait(boost::asio::posix::descriptor_base::wait_read, [this](boost::system::error_code failure) {
    if (failure) return;
    poller_.tell();
    watch_poller();
  });
}

void Shard::post(std::function<void()> work) { boost::asio::post(io_, std::move(work)); }

static void end_of_task(std::exception_ptr failure) {
  if (!failure) return;
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "croft: a task ended with an exception: %s\n", e.what());
  } catch (...) {
    std::fprintf(stderr, "croft: a task ended with an exception\n");
  }
  std::terminate();
}

void Shard::spawn(Task<void> task) { boost::asio::co_spawn(io_, std::move(task), end_of_task); }

void Shard::start() {
  CROFT_ASSERT(!thread_.joinable());
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), name_.substr(0, 15).c_str());
    io_.run();
  });
}

void Shard::stop() {
  io_.stop();
  if (thread_.joinable()) thread_.join();
}

Task<void> sleep_for(std::chrono::milliseconds duration) {
  Executor executor = co_await boost::asio::this_coro::executor;
  boost::asio::basic_waitable_timer<std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>,
                                    Executor>
      timer(executor, duration);
  boost::system::error_code ignored;
  co_await timer.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable_t<Executor>(), ignored));
}

Task<void> give_way() {
  Executor executor = co_await boost::asio::this_coro::executor;
  co_await boost::asio::post(executor, boost::asio::use_awaitable_t<Executor>());
}

}  // namespace croft
