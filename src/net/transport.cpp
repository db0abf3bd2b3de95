#include "net/transport.h"

#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include "net/byte_queue.h"
#include "net/limits.h"
#include "net/tls.h"
#include "net/websocket.h"
#include "shard/poller.h"
#include "shard/promise.h"
#include "shard/wakeup.h"
#include "types/assert.h"

namespace croft::net {

namespace asio = boost::asio;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;

// What came of an attempt to read.
struct Step {
  enum class Kind : std::uint8_t { bytes, wait, drain, end } kind;
  std::span<char> bytes{};
};

// When a connection ends by itself. The deadline moves with every request: the timer is left where it stands, and looks when it
// rings whether there is time left.
struct Expiry {
  explicit Expiry(const Executor& executor) : timer(executor) {}
  using Time = std::chrono::steady_clock::time_point;
  Timer timer;
  Time deadline = Time::max();  // max: none
  Time rings = Time::max();     // max: no wait is under way
};

// What the socket did not take yet, and who waits until it has.
struct Unsent {
  ByteQueue bytes;
  std::vector<std::shared_ptr<OneShot>> waiters;
};

// The frames of a WebSocket connection.
struct WebSocket {
  WebSocketCodec codec;
  std::string early;  // frames that came before speak_websocket()
};

struct Transport::Impl final : Poller::Watcher, std::enable_shared_from_this<Transport::Impl> {
  Shard* shard = nullptr;        // null while detached
  int descriptor = -1;           // ours; -1 once it is closed
  bool has_input = false;        // the socket may have something to read
  bool input_ends = false;       // behind it is the end, or a failure
  bool pumping = false;          // input is handed over as it comes
  bool output_watched = false;   // the poller tells of room
  bool writing = false;          // what is unsent waits for room
  bool described = false;
  bool closing = false;          // close() was called: nothing more is read or queued
  bool broken = false;           // the stream failed or was aborted
  bool paused = false;           // the reader wants nothing more now
  std::unique_ptr<Peer> peer;
  std::unique_ptr<TlsEngine> tls;
  std::unique_ptr<WebSocket> websocket;
  std::unique_ptr<Unsent> unsent;  // null: nothing
  std::weak_ptr<Reader> reader;
  std::unique_ptr<Expiry> expiry;
  Wakeup input;                  // of the coroutine that reads

  ~Impl() {
    if (descriptor >= 0) close_descriptor();
  }

  std::size_t unsent_bytes() const { return unsent ? unsent->bytes.size() : 0; }
  // Of the poller.
  void ready(std::uint32_t events) override;
  // Writes what the socket takes; false when the stream broke.
  bool write_now(std::span<const std::string_view> pieces);
  // Sends bytes as they are, through TLS when there is.
  void transmit(std::span<const std::string_view> pieces);
  void close();
  std::span<char> receive(std::span<char> space);
  Step take(std::span<char> scratch);
  Step take_stream(std::span<char> scratch);
  Step take_message(std::span<char> scratch);
  void pump();
  void pump_soon();
  std::size_t take_frames(std::span<char> bytes);
  void describe_peer();
  void flush_out();
  void wait_writable();
  void flush_tls();
  void finish_close();
  void wake_drain_waiters();
  void shut();
  void close_descriptor();
  void watch_expiry();
};

// Until there may be something to read, or the stream is over.
static Task<void> input_of(std::shared_ptr<Transport::Impl> self) {
  if (!self->has_input && !self->broken) co_await self->input.wait(self->shard->waiters());
}

void Transport::Impl::ready(std::uint32_t events) {
  const auto self = shared_from_this();
  if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) input_ends = true;
  if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR) && writing) flush_out();
  if (!(events & EPOLLIN) && !input_ends) return;
  has_input = true;
  if (pumping && !closing) pump();
  else input.raise_now();
}

// Puts `pieces` on the socket, what it does not take into `out`.
bool Transport::Impl::write_now(std::span<const std::string_view> pieces) {
  constexpr std::size_t vectors_max = 16;
  std::size_t next = 0;
  const auto keep = [&](std::string_view piece) {
    if (!unsent) unsent = std::make_unique<Unsent>();
    unsent->bytes.append(piece);
  };
  if (unsent_bytes() == 0) {
    while (next < pieces.size()) {
      iovec vectors[vectors_max];
      std::size_t count = 0, total = 0;
      for (; count < vectors_max && next + count < pieces.size(); ++count) {
        const std::string_view piece = pieces[next + count];
        vectors[count] = {const_cast<char*>(piece.data()), piece.size()};
        total += piece.size();
      }
      msghdr message{};
      message.msg_iov = vectors;
      message.msg_iovlen = count;
      const ssize_t sent = ::sendmsg(descriptor, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent < 0 && errno != EAGAIN) return false;
      std::size_t taken = sent > 0 ? static_cast<std::size_t>(sent) : 0;
      if (taken == total) {
        next += count;
        continue;
      }
      while (taken >= pieces[next].size()) taken -= pieces[next++].size();
      keep(pieces[next++].substr(taken));
      break;
    }
  }
  for (; next < pieces.size(); ++next) keep(pieces[next]);
  if (unsent_bytes() > 0) wait_writable();
  return true;
}

void Transport::Impl::wait_writable() {
  writing = true;
  if (!std::exchange(output_watched, true)) shard->poller().add_output(descriptor, *this);
}

// The socket takes all, or tells when it has room again.
void Transport::Impl::flush_out() {
  ByteQueue& bytes = unsent->bytes;
  const ssize_t sent = ::send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent < 0 && errno != EAGAIN) return shut();
  if (sent > 0) bytes.consume(static_cast<std::size_t>(sent));
  writing = !bytes.empty();
  if (sent > 0) wake_drain_waiters();
  if (writing) return;
  if (unsent && unsent->waiters.empty()) unsent.reset();
  if (closing) finish_close();
}

void Transport::Impl::flush_tls() {
  const std::string ciphertext = tls->take_output();
  const std::string_view piece = ciphertext;
  if (!piece.empty() && !write_now({&piece, 1})) shut();
}

void Transport::Impl::wake_drain_waiters() {
  if (!unsent) return;
  for (auto& waiter : std::exchange(unsent->waiters, {})) waiter->raise();
}

void Transport::Impl::shut() {
  broken = true;
  if (expiry) expiry->timer.cancel();
  if (descriptor >= 0) close_descriptor();
  input.raise();
  if (pumping && !closing) pump_soon();  // it tells the reader
  if (!unsent) return;
  unsent->bytes.clear();
  wake_drain_waiters();
}

void Transport::Impl::close_descriptor() {
  if (shard) shard->poller().remove(descriptor, *this);
  ::close(std::exchange(descriptor, -1));
}

// Reads and drops what the peer still sends, so that the kernel does not answer it with a reset that would overtake
// the bytes sent before the close.
static Task<void> linger(std::shared_ptr<Transport::Impl> self, std::shared_ptr<Timer> deadline) {
  char dropped[4096];
  while (!self->broken) {
    co_await input_of(self);
    if (self->broken) break;
    if (self->receive(dropped).empty() && self->input_ends) break;
    if (self->has_input) co_await give_way();  // a peer that never stops keeps neither the deadline nor others waiting
  }
  deadline->cancel();
  self->shut();
}

void Transport::Impl::finish_close() { ::shutdown(descriptor, SHUT_WR); }

Transport::Transport(Shard& shard, int descriptor, Peer peer, std::shared_ptr<TlsContext> tls)
    : impl_(std::make_shared<Impl>()) {
  impl_->descriptor = descriptor;
  impl_->peer = std::make_unique<Peer>(std::move(peer));
  if (tls) impl_->tls = std::make_unique<TlsEngine>(*tls);
  attach(shard);
}

Transport::Transport(Transport&&) noexcept = default;

Transport& Transport::operator=(Transport&& other) noexcept {
  if (impl_) impl_->shut();
  impl_ = std::move(other.impl_);
  return *this;
}

Transport::~Transport() {
  if (impl_ && !impl_->closing) impl_->shut();
}

void Transport::Impl::describe_peer() {
  if (std::exchange(described, true)) return;
  tls->describe(*peer);
}

// Ciphertext goes into the engine until the handshake is over.
static Task<bool> shake_hands(std::shared_ptr<Transport::Impl> self, std::span<char> scratch) {
  for (;;) {
    if (self->broken || self->closing) co_return false;
    if (!self->tls) co_return true;
    const std::optional<bool> done = self->tls->handshake();
    self->flush_tls();
    if (!done || self->broken) co_return false;
    if (*done) {
      self->describe_peer();
      co_return true;
    }
    co_await input_of(self);
    if (self->broken || self->closing) co_return false;
    const std::span<char> bytes = self->receive(scratch);
    if (bytes.empty() && self->input_ends) co_return false;
    self->tls->feed(bytes);
  }
}

Task<bool> Transport::handshake(std::span<char> scratch) { return shake_hands(impl_, scratch); }

// What the socket has; empty when it has nothing now, or nothing any more: then `input_ends` is set.
std::span<char> Transport::Impl::receive(std::span<char> space) {
  if (!has_input) return {};
  const ssize_t got = ::recv(descriptor, space.data(), space.size(), MSG_DONTWAIT);
  if (got > 0) {
    // Less than there was room for was all of it; what comes later is told. Source: epoll(7), questions, 9.
    if (static_cast<std::size_t>(got) < space.size() && !input_ends) has_input = false;
    return space.first(static_cast<std::size_t>(got));
  }
  if (got < 0 && errno == EAGAIN) has_input = input_ends = false;
  else input_ends = true;
  return {};
}

// The bytes of the connection, decrypted.
Step Transport::Impl::take_stream(std::span<char> space) {
  for (;;) {
    if (broken || closing) return {Step::Kind::end};
    if (tls) {
      const std::optional<std::size_t> plain = tls->read(space);
      flush_tls();
      if (!plain || broken) return {Step::Kind::end};
      if (tls->is_established() && peer) describe_peer();
      if (*plain > 0) return {Step::Kind::bytes, space.first(*plain)};
    }
    const std::span<char> bytes = receive(space);
    if (bytes.empty()) return {input_ends ? Step::Kind::end : Step::Kind::wait};
    if (!tls) return {Step::Kind::bytes, bytes};
    tls->feed(bytes);
  }
}

// Takes the frames in `bytes`, answers what is to be answered, and returns how much payload is at their front now.
std::size_t Transport::Impl::take_frames(std::span<char> bytes) {
  const std::size_t payload = websocket->codec.feed(bytes);
  const std::string answer = websocket->codec.take_output();
  const std::string_view piece = answer;
  if (!piece.empty()) transmit({&piece, 1});
  return payload;
}

// The payload of binary messages. When payload and the end came together the end is told by the next call, so that the
// connection can still move.
Step Transport::Impl::take_message(std::span<char> space) {
  while (websocket->codec.state() == WebSocketCodec::State::open && !broken && !closing) {
    std::string& early = websocket->early;
    std::span<char> bytes = space.first(std::min(space.size(), early.size()));
    if (!bytes.empty()) {
      std::copy_n(early.begin(), bytes.size(), bytes.begin());
      early.erase(0, bytes.size());
    } else {
      const Step step = take_stream(space);
      if (step.kind != Step::Kind::bytes) return step;
      bytes = step.bytes;
    }
    const std::size_t payload = take_frames(bytes);
    if (payload > 0) return {Step::Kind::bytes, bytes.first(payload)};
    if (unsent_bytes() > limits::websocket_unsent_max) return {Step::Kind::drain};
  }
  close();
  return {Step::Kind::end};
}

Step Transport::Impl::take(std::span<char> space) { return websocket ? take_message(space) : take_stream(space); }

static Task<void> drain(std::shared_ptr<Transport::Impl> self, std::size_t bytes) {
  while (!self->broken && self->unsent_bytes() > bytes) {
    auto waiter = std::make_shared<OneShot>();
    self->unsent->waiters.push_back(waiter);
    co_await waiter->wait();
  }
}

static Task<std::span<const char>> read_some(std::shared_ptr<Transport::Impl> self, std::span<char> scratch) {
  for (;;) {
    const Step step = self->take(scratch);
    if (step.kind == Step::Kind::bytes) co_return step.bytes;
    if (step.kind == Step::Kind::end) co_return std::span<const char>();
    if (step.kind == Step::Kind::drain) {
      co_await drain(self, limits::websocket_unsent_max);
      continue;
    }
    co_await input_of(self);
  }
}

Task<std::span<const char>> Transport::read(std::span<char> scratch) { return read_some(impl_, scratch); }

void Transport::hand_over_to(std::weak_ptr<Reader> reader) {
  impl_->reader = std::move(reader);
  impl_->pumping = true;
  // Something may be decrypted already.
  if (impl_->tls || impl_->websocket || impl_->has_input || impl_->broken) impl_->pump();
}

void Transport::go_on() {
  if (std::exchange(impl_->paused, false)) impl_->pump();
}

static Task<void> pump_when_drained(std::shared_ptr<Transport::Impl> self) {
  co_await drain(self, limits::websocket_unsent_max);
  self->paused = false;
  self->pump();
}

// Hands over what is there; after some rounds others have their turn.
void Transport::Impl::pump() {
  constexpr int rounds = 4;
  for (int round = 0; round < rounds; ++round) {
    const std::shared_ptr<Reader> to = reader.lock();
    if (!to || closing || paused) return;
    const Step step = take(shard->read_buffer());
    if (step.kind == Step::Kind::wait) return;
    if (step.kind == Step::Kind::end) {
      reader.reset();
      return to->ended();
    }
    if (step.kind == Step::Kind::drain) {
      paused = true;
      asio::co_spawn(shard->executor(), pump_when_drained(shared_from_this()), [](std::exception_ptr) {});
      return;
    }
    paused = !to->received(step.bytes);
    if (!tls && !websocket && !has_input) return;
  }
  pump_soon();
}

void Transport::Impl::pump_soon() {
  asio::post(shard->executor(), [self = shared_from_this()] { self->pump(); });
}

void Transport::speak_websocket(std::string received, std::string principal, std::shared_ptr<const UpgradeRequest> upgrade) {
  impl_->websocket = std::make_unique<WebSocket>();
  impl_->websocket->early = std::move(received);
  impl_->peer->websocket = true;
  impl_->peer->principal = std::move(principal);
  impl_->peer->upgrade = std::move(upgrade);
}

Transport::Ending Transport::ending() const {
  if (!impl_->websocket || impl_->websocket->codec.state() == WebSocketCodec::State::open) return Ending::lost;
  return impl_->websocket->codec.state() == WebSocketCodec::State::failed ? Ending::protocol_fault : Ending::closed_by_peer;
}

void Transport::Impl::transmit(std::span<const std::string_view> pieces) {
  if (tls) {
    for (std::string_view piece : pieces) tls->write(piece);
    flush_tls();
  } else if (!write_now(pieces)) {
    shut();
  }
}

void Transport::send(std::string_view bytes) { send({&bytes, 1}); }

void Transport::send(std::span<const std::string_view> pieces) {
  Impl& self = *impl_;
  if (self.broken || self.closing) return;
  if (!self.websocket) return self.transmit(pieces);
  if (self.websocket->codec.state() != WebSocketCodec::State::open) return;  // nothing may follow a close frame
  std::uint64_t bytes = 0;
  for (std::string_view piece : pieces) bytes += piece.size();
  const std::string header = binary_frame_header(bytes);
  std::vector<std::string_view> frame{header};
  frame.insert(frame.end(), pieces.begin(), pieces.end());
  self.transmit(frame);
}

std::size_t Transport::unsent() const { return impl_->unsent_bytes(); }

Task<bool> Transport::drained(std::size_t bytes) {
  std::shared_ptr<Impl> self = impl_;
  co_await drain(self, bytes);
  co_return !self->broken;
}

void Transport::close() { impl_->close(); }

void Transport::Impl::close() {
  if (broken || closing) return;
  if (websocket && websocket->codec.state() == WebSocketCodec::State::open) {
    const std::string frame = close_frame(CloseCode::normal);
    const std::string_view piece = frame;
    transmit({&piece, 1});
  }
  if (tls) {
    tls->close_notify();
    flush_tls();
  }
  if (broken) return;
  closing = true;
  input.raise();  // a waiting read() returns
  auto deadline = std::make_shared<Timer>(shard->executor(), limits::linger_max);
  deadline->async_wait([self = shared_from_this()](boost::system::error_code failure) {
    if (!failure) self->shut();
  });
  if (unsent_bytes() == 0) finish_close();
  asio::co_spawn(shard->executor(), linger(shared_from_this(), deadline), [](std::exception_ptr) {});
}

void Transport::abort() { impl_->shut(); }

void Transport::Impl::watch_expiry() {
  Expiry& watched = *expiry;
  watched.rings = watched.deadline;
  watched.timer.expires_at(watched.rings);
  watched.timer.async_wait([self = weak_from_this()](boost::system::error_code failure) {
    const auto still = self.lock();
    if (!still || failure || still->broken || !still->expiry) return;
    Expiry& rung = *still->expiry;
    rung.rings = Expiry::Time::max();
    if (rung.deadline == Expiry::Time::max()) return;
    if (rung.deadline <= std::chrono::steady_clock::now()) return still->shut();
    still->watch_expiry();
  });
}

void Transport::expire_after(std::chrono::milliseconds patience) {
  Impl& self = *impl_;
  if (self.broken || self.closing) return;
  if (!self.expiry) self.expiry = std::make_unique<Expiry>(self.shard->executor());
  Expiry& expiry = *self.expiry;
  expiry.deadline = patience.count() == 0 ? Expiry::Time::max() : std::chrono::steady_clock::now() + patience;
  if (expiry.deadline < expiry.rings) self.watch_expiry();
}

void Transport::limit_kernel_buffer(int bytes) {
  if (is_open()) ::setsockopt(impl_->descriptor, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
}

bool Transport::is_open() const { return impl_ && !impl_->broken && !impl_->closing; }

bool Transport::has_peer_left() const {
  if (!is_open()) return true;
  char byte;
  const ssize_t got = ::recv(impl_->descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
}

std::string Transport::tls_failure() const { return impl_ && impl_->tls ? impl_->tls->failure() : std::string(); }

const Peer& Transport::peer() const {
  static const Peer nobody;
  return impl_->peer ? *impl_->peer : nobody;
}

void Transport::forget_peer() { impl_->peer.reset(); }

void Transport::detach() {
  Impl& self = *impl_;
  CROFT_ASSERT(self.shard && !self.input.is_awaited());
  if (self.broken) return;
  self.shard->poller().remove(self.descriptor, self);
  self.expiry.reset();
  self.shard = nullptr;
}

void Transport::attach(Shard& shard) {
  Impl& self = *impl_;
  self.shard = &shard;
  if (self.broken) return;
  self.has_input = self.input_ends = self.output_watched = false;
  self.broken = !shard.poller().add(self.descriptor, self);
  if (self.unsent_bytes() > 0 && !self.broken) self.wait_writable();
}

}  // namespace croft::net
