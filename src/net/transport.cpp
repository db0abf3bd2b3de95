#include "net/transport.h"

#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/byte_queue.h"
#include "net/limits.h"
#include "net/tls.h"
#include "net/websocket.h"
#include "shard/promise.h"
#include "types/assert.h"

namespace croft::net {

namespace asio = boost::asio;
using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
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

// The frames of a WebSocket connection.
struct WebSocket {
  WebSocketCodec codec;
  std::string early;  // frames that came before speak_websocket()
};

struct Transport::Impl : std::enable_shared_from_this<Transport::Impl> {
  std::optional<Socket> socket;  // empty while detached
  int descriptor = -1;           // while detached
  bool v6 = false;
  bool described = false;
  bool writing = false;    // a wait for "writable" is under way
  bool closing = false;    // close() was called: nothing more is read or queued
  bool broken = false;     // the stream failed or was aborted
  bool paused = false;     // the reader wants nothing more now
  std::unique_ptr<Peer> peer;
  std::unique_ptr<TlsEngine> tls;
  std::unique_ptr<WebSocket> websocket;
  ByteQueue out;           // for the socket that it did not take yet
  std::weak_ptr<Reader> reader;
  std::span<char> scratch;  // of the reader's shard
  std::vector<std::shared_ptr<OneShot>> drain_waiters;
  std::unique_ptr<Expiry> expiry;

  ~Impl() {
    if (descriptor >= 0) ::close(descriptor);
  }

  // Writes what the socket takes; false when the stream broke.
  bool write_now(std::span<const std::string_view> pieces);
  // Sends bytes as they are, through TLS when there is.
  void transmit(std::span<const std::string_view> pieces);
  void close();
  Step take(std::span<char> scratch);
  Step take_stream(std::span<char> scratch);
  Step take_message(std::span<char> scratch);
  void pump();
  void wait_readable();
  std::size_t take_frames(std::span<char> bytes);
  void describe_peer();
  void flush_out();
  void wait_writable();
  void flush_tls();
  void finish_close();
  void wake_drain_waiters();
  void shut();
  void watch_expiry();
};

// Puts `pieces` on the socket, what it does not take into `out`.
bool Transport::Impl::write_now(std::span<const std::string_view> pieces) {
  constexpr std::size_t vectors_max = 16;
  std::size_t next = 0;
  if (out.empty()) {
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
      const ssize_t sent = ::sendmsg(socket->native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent < 0 && errno != EAGAIN && errno != EINTR) return false;
      std::size_t taken = sent > 0 ? static_cast<std::size_t>(sent) : 0;
      if (taken == total) {
        next += count;
        continue;
      }
      while (taken >= pieces[next].size()) taken -= pieces[next++].size();
      out.append(pieces[next++].substr(taken));
      break;
    }
  }
  for (; next < pieces.size(); ++next) out.append(pieces[next]);
  if (!out.empty()) wait_writable();
  return true;
}

void Transport::Impl::wait_writable() {
  if (writing) return;
  writing = true;
  socket->async_wait(Socket::wait_write, [self = shared_from_this()](boost::system::error_code failure) {
    self->writing = false;
    if (!failure && !self->broken) self->flush_out();
  });
}

void Transport::Impl::flush_out() {
  const ssize_t sent = ::send(socket->native_handle(), out.data(), out.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent < 0 && errno != EAGAIN && errno != EINTR) return shut();
  if (sent > 0) out.consume(static_cast<std::size_t>(sent));
  if (sent > 0) wake_drain_waiters();
  if (!out.empty()) return wait_writable();
  if (closing) finish_close();
}

void Transport::Impl::flush_tls() {
  const std::string ciphertext = tls->take_output();
  const std::string_view piece = ciphertext;
  if (!piece.empty() && !write_now({&piece, 1})) shut();
}

void Transport::Impl::wake_drain_waiters() {
  for (auto& waiter : std::exchange(drain_waiters, {})) waiter->raise();
}

void Transport::Impl::shut() {
  broken = true;
  out.clear();
  if (expiry) expiry->timer.cancel();
  if (socket) {
    boost::system::error_code ignored;
    socket->close(ignored);
  }
  wake_drain_waiters();
}

// Reads and drops what the peer still sends, so that the kernel does not answer it with a reset that would overtake
// the bytes sent before the close.
static Task<void> linger(std::shared_ptr<Transport::Impl> self, std::shared_ptr<Timer> deadline) {
  char dropped[4096];
  while (!self->broken) {
    boost::system::error_code failure;
    co_await self->socket->async_wait(Socket::wait_read, asio::redirect_error(asio::use_awaitable_t<Executor>(), failure));
    if (failure || self->broken) break;
    const ssize_t got = ::recv(self->socket->native_handle(), dropped, sizeof dropped, MSG_DONTWAIT);
    if (got == 0 || (got < 0 && errno != EAGAIN)) break;
  }
  deadline->cancel();
  self->shut();
}

void Transport::Impl::finish_close() { ::shutdown(socket->native_handle(), SHUT_WR); }

Transport::Transport(Shard& shard, int descriptor, Peer peer, std::shared_ptr<TlsContext> tls)
    : impl_(std::make_shared<Impl>()) {
  impl_->descriptor = descriptor;
  impl_->v6 = peer.address.find(':') != std::string::npos;
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
    boost::system::error_code failure;
    co_await self->socket->async_wait(Socket::wait_read, asio::redirect_error(asio::use_awaitable_t<Executor>(), failure));
    if (failure || self->broken || self->closing) co_return false;
    const ssize_t got = ::recv(self->socket->native_handle(), scratch.data(), scratch.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (got <= 0) co_return false;
    self->tls->feed(scratch.first(static_cast<std::size_t>(got)));
  }
}

Task<bool> Transport::handshake(std::span<char> scratch) { return shake_hands(impl_, scratch); }

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
    const ssize_t got = ::recv(socket->native_handle(), space.data(), space.size(), MSG_DONTWAIT);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return {Step::Kind::wait};
    if (got <= 0) return {Step::Kind::end};
    const std::span<char> bytes = space.first(static_cast<std::size_t>(got));
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
    if (out.size() > limits::websocket_unsent_max) return {Step::Kind::drain};
  }
  close();
  return {Step::Kind::end};
}

Step Transport::Impl::take(std::span<char> space) { return websocket ? take_message(space) : take_stream(space); }

static Task<void> drain(std::shared_ptr<Transport::Impl> self, std::size_t bytes) {
  while (!self->broken && self->out.size() > bytes) {
    auto waiter = std::make_shared<OneShot>();
    self->drain_waiters.push_back(waiter);
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
    boost::system::error_code failure;
    co_await self->socket->async_wait(Socket::wait_read, asio::redirect_error(asio::use_awaitable_t<Executor>(), failure));
    if (failure || self->broken || self->closing) co_return std::span<const char>();
  }
}

Task<std::span<const char>> Transport::read(std::span<char> scratch) { return read_some(impl_, scratch); }

void Transport::hand_over_to(std::weak_ptr<Reader> reader, std::span<char> scratch) {
  impl_->reader = std::move(reader);
  impl_->scratch = scratch;
  if (impl_->tls || impl_->websocket) impl_->pump();  // something may be decrypted already
  else impl_->wait_readable();
}

void Transport::go_on() {
  if (std::exchange(impl_->paused, false)) impl_->pump();
}

void Transport::Impl::wait_readable() {
  socket->async_wait(Socket::wait_read, [self = shared_from_this()](boost::system::error_code) { self->pump(); });
}

static Task<void> pump_when_drained(std::shared_ptr<Transport::Impl> self) {
  co_await drain(self, limits::websocket_unsent_max);
  self->pump();
}

// Hands over what is there, then waits for more; after some rounds others have their turn.
void Transport::Impl::pump() {
  constexpr int rounds = 4;
  for (int round = 0; round < rounds; ++round) {
    const std::shared_ptr<Reader> to = reader.lock();
    if (!to || closing) return;
    const Step step = take(scratch);
    if (step.kind == Step::Kind::wait) return wait_readable();
    if (step.kind == Step::Kind::end) {
      reader.reset();
      return to->ended();
    }
    if (step.kind == Step::Kind::drain) {
      asio::co_spawn(socket->get_executor(), pump_when_drained(shared_from_this()), [](std::exception_ptr) {});
      return;
    }
    paused = !to->received(step.bytes);
    if (paused) return;
    if (!tls && !websocket && step.bytes.size() < scratch.size()) return wait_readable();
  }
  asio::post(socket->get_executor(), [self = shared_from_this()] { self->pump(); });
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

std::size_t Transport::unsent() const { return impl_->out.size(); }

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
  boost::system::error_code ignored;
  socket->cancel(ignored);  // a waiting read() returns
  writing = false;
  auto deadline = std::make_shared<Timer>(socket->get_executor(), limits::linger_max);
  deadline->async_wait([self = shared_from_this()](boost::system::error_code failure) {
    if (!failure) self->shut();
  });
  if (out.empty()) finish_close();
  else wait_writable();
  asio::co_spawn(socket->get_executor(), linger(shared_from_this(), deadline), [](std::exception_ptr) {});
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
  if (!self.expiry) self.expiry = std::make_unique<Expiry>(self.socket->get_executor());
  Expiry& expiry = *self.expiry;
  expiry.deadline = patience.count() == 0 ? Expiry::Time::max() : std::chrono::steady_clock::now() + patience;
  if (expiry.deadline < expiry.rings) self.watch_expiry();
}

void Transport::limit_kernel_buffer(int bytes) {
  if (is_open() && impl_->socket) ::setsockopt(impl_->socket->native_handle(), SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
}

bool Transport::is_open() const { return impl_ && !impl_->broken && !impl_->closing; }

bool Transport::has_peer_left() const {
  if (!is_open() || !impl_->socket) return true;
  char byte;
  const ssize_t got = ::recv(impl_->socket->native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
}

std::string Transport::tls_failure() const { return impl_ && impl_->tls ? impl_->tls->failure() : std::string(); }

const Peer& Transport::peer() const {
  static const Peer nobody;
  return impl_->peer ? *impl_->peer : nobody;
}

void Transport::forget_peer() { impl_->peer.reset(); }

void Transport::detach() {
  CROFT_ASSERT(impl_->socket);
  if (impl_->broken) return;
  boost::system::error_code ignored;
  impl_->descriptor = impl_->socket->release(ignored);
  impl_->socket.reset();
  impl_->expiry.reset();
  impl_->writing = false;
}

void Transport::attach(Shard& shard) {
  if (impl_->broken) return;
  impl_->socket.emplace(shard.executor());
  boost::system::error_code failure;
  impl_->socket->assign(impl_->v6 ? asio::ip::tcp::v6() : asio::ip::tcp::v4(), impl_->descriptor, failure);
  if (failure) {  // the descriptor stays ours and is closed with us
    impl_->broken = true;
    return;
  }
  impl_->descriptor = -1;
  if (!impl_->out.empty()) impl_->wait_writable();
}

}  // namespace croft::net
