#include "shard/poller.h"

#include <gmock/gmock.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <vector>

namespace croft {

namespace {

// Two ends of a connection; one is watched.
struct Watched final : Poller::Watcher {
  Watched() { EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0); }
  ~Watched() {
    ::close(ends[0]);
    ::close(ends[1]);
  }
  void ready(std::uint32_t events) override {
    told.push_back(events);
    if (then) then();
  }
  void write() { EXPECT_EQ(::write(ends[1], "x", 1), 1); }
  int watched() const { return ends[0]; }

  int ends[2];
  std::vector<std::uint32_t> told;
  std::function<void()> then;
};

bool is_readable(int descriptor) {
  pollfd one{.fd = descriptor, .events = POLLIN, .revents = 0};
  return ::poll(&one, 1, 0) == 1;
}

}  // namespace

TEST(Poller, TellsOfInputOnceForEachThatComes) {
  Poller poller;
  Watched one;
  one.write();
  ASSERT_TRUE(poller.add(one.watched(), one));
  EXPECT_TRUE(is_readable(poller.descriptor()));

  poller.tell();
  poller.tell();
  EXPECT_EQ(one.told.size(), 1u);
  EXPECT_FALSE(is_readable(poller.descriptor()));

  one.write();
  poller.tell();
  ASSERT_EQ(one.told.size(), 2u);
  EXPECT_EQ(one.told.back(), EPOLLIN);
}

TEST(Poller, TellsOfTheEndAndOfRoom) {
  Poller poller;
  Watched one;
  ASSERT_TRUE(poller.add(one.watched(), one));
  poller.tell();
  EXPECT_TRUE(one.told.empty());

  ASSERT_TRUE(poller.add_output(one.watched(), one));
  poller.tell();
  EXPECT_EQ(one.told.back(), EPOLLOUT);

  ::shutdown(one.ends[1], SHUT_WR);
  poller.tell();
  EXPECT_TRUE(one.told.back() & EPOLLRDHUP);
}

TEST(Poller, WhoWasRemovedMeanwhileIsNotTold) {
  Poller poller;
  Watched one, other;
  one.then = [&] { poller.remove(other.watched(), other); };
  other.then = [&] { poller.remove(one.watched(), one); };
  for (Watched* each : {&one, &other}) {
    each->write();
    ASSERT_TRUE(poller.add(each->watched(), *each));
  }

  poller.tell();
  poller.tell();

  EXPECT_EQ(one.told.size() + other.told.size(), 1u);
}

TEST(Poller, ADescriptorThatCannotBeWatchedIsRefused) {
  Poller poller;
  Watched one;
  EXPECT_FALSE(poller.add(-1, one));
  EXPECT_EQ(errno, EBADF);
}

}  // namespace croft
