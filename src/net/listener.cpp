#include "net/listener.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/basic_waitable_timer.hpp>

#include "net/limits.h"
#include "observe/log.h"

namespace croft::net {

namespace asio = boost::asio;
using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, Executor>;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;

struct Listener::Impl : std::enable_shared_from_this<Listener::Impl> {
  Impl(Shard& shard) : shard(shard), acceptor(shard.executor()), pause(shard.executor()) {}

  void wait();
  void accept_some();

  Shard& shard;
  Acceptor acceptor;
  Timer pause;  // after the process ran out of descriptors
  std::shared_ptr<TlsContext> tls;
  Accepted accepted;
};

static Peer peer_of(const sockaddr_storage& from) {
  Peer peer;
  const bool v6 = from.ss_family == AF_INET6;
  if (v6) {
    const auto& in = reinterpret_cast<const sockaddr_in6&>(from);
    asio::ip::address_v6::bytes_type bytes;
    std::copy_n(in.sin6_addr.s6_addr, 16, bytes.begin());
    const asio::ip::address_v6 address(bytes);
    peer.address = address.is_v4_mapped() ? asio::ip::make_address_v4(asio::ip::v4_mapped, address).to_string() : address.to_string();
    peer.port = ntohs(in.sin6_port);
  } else {
    const auto& in = reinterpret_cast<const sockaddr_in&>(from);
    peer.address = asio::ip::address_v4(ntohl(in.sin_addr.s_addr)).to_string();
    peer.port = ntohs(in.sin_port);
  }
  return peer;
}

void Listener::Impl::wait() {
  acceptor.async_wait(Acceptor::wait_read, [self = shared_from_this()](boost::system::error_code failure) {
    if (failure || !self->acceptor.is_open()) return;
    self->accept_some();
  });
}

void Listener::Impl::accept_some() {
  for (int i = 0; i < limits::accepts_per_turn_max; ++i) {
    sockaddr_storage from{};
    socklen_t length = sizeof from;
    const int descriptor = ::accept4(acceptor.native_handle(), reinterpret_cast<sockaddr*>(&from), &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor < 0) {
      if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        log::warn("net", "no descriptor left for a new connection; accepting again in 100 ms");
        pause.expires_after(std::chrono::milliseconds(100));
        pause.async_wait([self = shared_from_this()](boost::system::error_code failure) {
          if (!failure) self->wait();
        });
        return;
      }
      break;  // EAGAIN, or a connection that was gone already
    }
    const int on = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    accepted(Transport(shard, descriptor, peer_of(from), tls));
  }
  wait();
}

Listener::Listener(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
Listener::~Listener() = default;

Result<std::unique_ptr<Listener>> Listener::open(Shard& shard, const std::string& address, std::uint16_t port,
                                                 std::shared_ptr<TlsContext> tls, bool share_port) {
  boost::system::error_code failure;
  const asio::ip::address parsed = asio::ip::make_address(address, failure);
  if (failure) return Error{"InvalidAddress", "'" + address + "' is not an IP address to listen on"};
  auto impl = std::make_shared<Impl>(shard);
  impl->tls = std::move(tls);
  const asio::ip::tcp::endpoint endpoint(parsed, port);
  impl->acceptor.open(endpoint.protocol(), failure);
  if (!failure) {
    const int on = 1;
    const int handle = impl->acceptor.native_handle();
    ::setsockopt(handle, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (share_port) ::setsockopt(handle, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    impl->acceptor.bind(endpoint, failure);
  }
  if (!failure) impl->acceptor.listen(limits::listen_backlog, failure);
  if (!failure) impl->acceptor.native_non_blocking(true, failure);
  if (failure) {
    return Error{failure == asio::error::address_in_use ? "AddressInUse" : "ListenFailed",
                 "cannot listen on " + address + ":" + std::to_string(port) + ": " + failure.message()};
  }
  return std::make_unique<Listener>(std::move(impl));
}

std::uint16_t Listener::port() const { return impl_->acceptor.local_endpoint().port(); }

void Listener::start(Accepted accepted) {
  impl_->accepted = std::move(accepted);
  impl_->shard.post([impl = impl_] { impl->wait(); });
}

void Listener::stop() {
  boost::system::error_code ignored;
  impl_->pause.cancel();
  impl_->acceptor.close(ignored);
}

}  // namespace croft::net
