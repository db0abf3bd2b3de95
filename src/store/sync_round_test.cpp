#include "store/sync_round.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <vector>

namespace croft {

namespace {

// A committer that tells when the test says so.
struct Requests {
  std::vector<std::function<void()>> waiting;
  SyncRounds rounds{[this](std::function<void()> done) { waiting.push_back(std::move(done)); }};

  void tell_oldest() {
    const auto done = std::move(waiting.front());
    waiting.erase(waiting.begin());
    done();
  }
};

Task<void> write(SyncRounds& rounds, int& written) {
  co_await rounds.wait();
  ++written;
}

void spawn_writers(boost::asio::io_context& loop, Requests& requests, int& written, int count) {
  for (int i = 0; i < count; ++i) boost::asio::co_spawn(loop, write(requests.rounds, written), boost::asio::detached);
}

}  // namespace

TEST(SyncRounds, WritersOfOneTurnAskOnceAndGoOnTogether) {
  boost::asio::io_context loop(1);
  Requests requests;
  int written = 0;

  spawn_writers(loop, requests, written, 64);
  loop.poll();
  EXPECT_EQ(requests.waiting.size(), 1u);
  EXPECT_EQ(written, 0);

  requests.tell_oldest();
  loop.restart();
  loop.poll();
  EXPECT_EQ(written, 64);
  EXPECT_TRUE(requests.waiting.empty());
}

// A request covers what was written before it: whoever comes after it waits for the next.
TEST(SyncRounds, ALaterWriterDoesNotJoinARequestUnderWay) {
  boost::asio::io_context loop(1);
  Requests requests;
  int first = 0, second = 0;

  spawn_writers(loop, requests, first, 2);
  loop.poll();
  spawn_writers(loop, requests, second, 2);
  loop.restart();
  loop.poll();
  ASSERT_EQ(requests.waiting.size(), 2u);

  requests.tell_oldest();
  loop.restart();
  loop.poll();
  EXPECT_EQ(first, 2);
  EXPECT_EQ(second, 0);

  requests.tell_oldest();
  loop.restart();
  loop.poll();
  EXPECT_EQ(second, 2);
}

TEST(SyncRounds, TwoStoresOnOneShardHaveRoundsOfTheirOwn) {
  boost::asio::io_context loop(1);
  Requests one, other;
  int written = 0;

  spawn_writers(loop, one, written, 3);
  spawn_writers(loop, other, written, 3);
  spawn_writers(loop, one, written, 3);
  loop.poll();
  EXPECT_GE(one.waiting.size(), 1u);
  EXPECT_EQ(other.waiting.size(), 1u);

  for (Requests* requests : {&one, &other})
    while (!requests->waiting.empty()) requests->tell_oldest();
  loop.restart();
  loop.poll();
  EXPECT_EQ(written, 9);
}

// What waits when a loop ends is destroyed with it, whether its request was made or not; the next loop at the same place is not
// taken for it.
TEST(SyncRounds, ALoopThatEndsTakesItsWritersAlong) {
  Requests requests;
  int written = 0;
  for (bool asked : {false, true}) {
    boost::asio::io_context loop(1);
    spawn_writers(loop, requests, written, 4);
    if (asked) loop.poll();
    else loop.run_one();
    requests.waiting.clear();  // the committer has ended too
  }
  boost::asio::io_context loop(1);
  spawn_writers(loop, requests, written, 1);
  loop.poll();
  ASSERT_EQ(requests.waiting.size(), 1u);
  requests.tell_oldest();
  loop.restart();
  loop.poll();
  EXPECT_EQ(written, 1);
}

}  // namespace croft
