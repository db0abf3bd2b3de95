#include <gtest/gtest.h>

#include <future>

#include "shard/async_lock.h"
#include "shard/pool.h"

namespace croft {

namespace {

Task<int> answer() { co_return 42; }
Task<int> refuse() {
  throw std::runtime_error("no");
  co_return 0;
}

Task<void> ask_other(Shard& other, std::promise<int>& result) {
  int value = co_await on<int>(other, [] { return answer(); });
  result.set_value(value);
}

Task<void> ask_failing(Shard& other, std::promise<int>& result) {
  try {
    int value = co_await on<int>(other, [] { return refuse(); });
    result.set_value(value);
  } catch (const std::runtime_error&) {
    result.set_value(-1);
  }
}

Task<void> compute(Pool& pool, std::promise<int>& result) {
  int value = co_await pool.run([] { return 6 * 7; });
  result.set_value(value);
}

Task<void> take_turn(AsyncLock& lock, std::vector<int>& order, int me, std::promise<void>* last) {
  AsyncLock::Held held = co_await lock.acquire();
  order.push_back(me);
  co_await sleep_for(std::chrono::milliseconds(1));
  order.push_back(me);
  if (last) last->set_value();
}

}  // namespace

TEST(Shard, AsksAnotherShardAndResumesWithItsValue) {
  Shard a(0, "a"), b(1, "b");
  a.start();
  b.start();
  std::promise<int> result;

  a.spawn(ask_other(b, result));

  EXPECT_EQ(result.get_future().get(), 42);
}

TEST(Shard, AnExceptionCrossesBackToTheAsker) {
  Shard a(0, "a"), b(1, "b");
  a.start();
  b.start();
  std::promise<int> result;

  a.spawn(ask_failing(b, result));

  EXPECT_EQ(result.get_future().get(), -1);
}

TEST(Pool, RunsAPlainFunctionAndResumesTheCoroutine) {
  Shard a(0, "a");
  Pool pool(2);
  a.start();
  std::promise<int> result;

  a.spawn(compute(pool, result));

  EXPECT_EQ(result.get_future().get(), 42);
}

TEST(AsyncLock, GrantsInTheOrderOfAsking) {
  Shard a(0, "a");
  a.start();
  AsyncLock lock;
  std::vector<int> order;
  std::promise<void> last;

  a.post([&] {
    a.spawn(take_turn(lock, order, 1, nullptr));
    a.spawn(take_turn(lock, order, 2, nullptr));
    a.spawn(take_turn(lock, order, 3, &last));
  });
  last.get_future().wait();

  EXPECT_EQ(order, (std::vector<int>{1, 1, 2, 2, 3, 3}));
}

}  // namespace croft
