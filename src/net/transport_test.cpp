#include "net/transport.h"

#include <gmock/gmock.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "net/tls.h"

namespace croft::net {

namespace {

// What a reader was told, on its shard; `over` when the stream ended.
struct Told final : Transport::Reader {
  bool received(std::span<const char> bytes) override {
    text.append(bytes.data(), bytes.size());
    if (++times == 1 && wants_pause) return false;
    return true;
  }
  void ended() override { over.set_value(text); }

  std::string text;
  int times = 0;
  bool wants_pause = false;
  std::promise<std::string> over;
};

class TransportTest : public testing::Test {
 protected:
  TransportTest() {
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends_), 0);
    EXPECT_EQ(::fcntl(ends_[0], F_SETFL, O_NONBLOCK), 0);
    shard_.start();
    other_.start();
    run(shard_, [this] { transport_.emplace(shard_, ends_[0], Peer{}, nullptr); });
  }
  ~TransportTest() override {
    run(shard_, [this] { transport_.reset(); });
    if (ends_[1] >= 0) ::close(ends_[1]);
  }

  template <class F>
  static void run(Shard& shard, F work) {
    std::promise<void> done;
    shard.post([&] {
      work();
      done.set_value();
    });
    done.get_future().wait();
  }
  void write(std::string_view bytes) { ASSERT_EQ(::write(ends_[1], bytes.data(), bytes.size()), std::ssize(bytes)); }
  void end() { ::shutdown(ends_[1], SHUT_WR); }
  // All that comes until the end.
  std::string read_all() {
    std::string all;
    char space[4096];
    for (ssize_t got; (got = ::read(ends_[1], space, sizeof space)) > 0;) all.append(space, static_cast<std::size_t>(got));
    return all;
  }

  int ends_[2];
  Shard shard_{0, "a"}, other_{1, "b"};
  std::optional<Transport> transport_;
};

Task<void> read_to_end(Shard& shard, Transport& transport, std::promise<std::string>& all) {
  std::string text;
  for (;;) {
    const std::span<const char> bytes = co_await transport.read(shard.read_buffer());
    if (bytes.empty()) break;
    text.append(bytes.data(), bytes.size());
  }
  all.set_value(text);
}

}  // namespace

TEST_F(TransportTest, ReadsWhatCameTogetherWithTheEnd) {
  write("hello");
  end();
  std::promise<std::string> all;

  shard_.spawn(read_to_end(shard_, *transport_, all));

  EXPECT_EQ(all.get_future().get(), "hello");
}

TEST_F(TransportTest, ReadsWhatComesWhileItWaits) {
  std::promise<std::string> all;
  shard_.spawn(read_to_end(shard_, *transport_, all));
  write("one ");
  run(shard_, [] {});
  write("two");
  run(shard_, [] {});
  end();

  EXPECT_EQ(all.get_future().get(), "one two");
}

TEST_F(TransportTest, HandsOverWhatCameBeforeAndBehindAndTheEnd) {
  write("one ");
  run(shard_, [] {});
  const auto told = std::make_shared<Told>();
  run(shard_, [&] { transport_->hand_over_to(told); });
  write("two");
  end();

  EXPECT_EQ(told->over.get_future().get(), "one two");
}

TEST_F(TransportTest, HandsOverMoreThanOneTurnTakes) {
  const auto told = std::make_shared<Told>();
  run(shard_, [&] { transport_->hand_over_to(told); });
  const std::string many(3'000'000, 'x');
  write(many);
  end();

  EXPECT_EQ(told->over.get_future().get().size(), many.size());
}

TEST_F(TransportTest, ReadsNothingWhileItsReaderPauses) {
  const auto told = std::make_shared<Told>();
  told->wants_pause = true;
  run(shard_, [&] { transport_->hand_over_to(told); });
  write("one ");
  for (bool is_told = false; !is_told;) run(shard_, [&] { is_told = told->times > 0; });
  write("two");
  end();
  run(shard_, [] {});
  run(shard_, [&] { EXPECT_EQ(told->text, "one "); });

  run(shard_, [&] { transport_->go_on(); });

  EXPECT_EQ(told->over.get_future().get(), "one two");
}

TEST_F(TransportTest, AnAbortIsTheEndForWhoReadsAndForWhoIsHandedOver) {
  std::promise<std::string> all;
  shard_.spawn(read_to_end(shard_, *transport_, all));
  run(shard_, [&] { transport_->abort(); });
  EXPECT_EQ(all.get_future().get(), "");

  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
  const auto told = std::make_shared<Told>();
  run(shard_, [&] {
    transport_.emplace(shard_, ends[0], Peer{}, nullptr);
    transport_->hand_over_to(told);
    transport_->abort();
  });
  EXPECT_EQ(told->over.get_future().get(), "");
  ::close(ends[1]);
}

TEST_F(TransportTest, KeepsWhatThePeerDoesNotTakeAndSendsItInOrder) {
  const std::string many(2'000'000, 'x');
  run(shard_, [&] {
    transport_->send(many);
    transport_->send("end");
    EXPECT_GT(transport_->unsent(), 1'000'000u);
    transport_->close();  // behind them
  });

  const std::string got = read_all();

  ASSERT_EQ(got.size(), many.size() + 3);
  EXPECT_TRUE(got.ends_with("xend"));
}

static Task<void> tell_when_drained(Transport& transport, std::promise<bool>& drained) {
  const bool done = co_await transport.drained();
  drained.set_value(done);
}

TEST_F(TransportTest, WaitsUntilItIsDrained) {
  std::promise<bool> drained;
  run(shard_, [&] { transport_->send(std::string(2'000'000, 'x')); });
  shard_.spawn(tell_when_drained(*transport_, drained));
  char space[65'536];
  for (std::size_t left = 2'000'000; left > 0;) left -= static_cast<std::size_t>(::read(ends_[1], space, sizeof space));

  EXPECT_TRUE(drained.get_future().get());
  run(shard_, [&] { EXPECT_EQ(transport_->unsent(), 0u); });
}

TEST_F(TransportTest, MovesToAnotherShardWithWhatItHasNotRead) {
  write("one ");
  run(shard_, [] {});
  run(shard_, [&] { transport_->detach(); });
  write("two");
  run(other_, [&] { transport_->attach(other_); });
  std::promise<std::string> all;
  other_.spawn(read_to_end(other_, *transport_, all));
  end();

  EXPECT_EQ(all.get_future().get(), "one two");
  run(other_, [&] { transport_.reset(); });
}

TEST_F(TransportTest, APeerThatNeverStopsIsLeftAfterAWhileAndHoldsNobodyUp) {
  std::thread peer([this] {
    const std::string flood(1 << 20, 'x');
    while (::send(ends_[1], flood.data(), flood.size(), MSG_NOSIGNAL) > 0) {}
  });
  run(shard_, [&] { transport_->close(); });
  for (int turn = 0; turn < 10; ++turn) run(shard_, [] {});

  peer.join();
}

TEST_F(TransportTest, AReaderThatHasGoneIsNotTold) {
  auto told = std::make_shared<Told>();
  run(shard_, [&] { transport_->hand_over_to(told); });
  told.reset();
  write("nobody");
  run(shard_, [] {});
  run(shard_, [&] { EXPECT_TRUE(transport_->is_open()); });
}

}  // namespace croft::net
