#include "net/connector.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/basic_resolver.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace croft::net {

namespace asio = boost::asio;
using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;

static Error connection_failed(const std::string& host, std::uint16_t port, const std::string& why) {
  return {"ConnectionFailed", "cannot connect to " + host + ":" + std::to_string(port) + ": " + why};
}

static Task<Result<asio::ip::tcp::endpoint>> resolve(Shard& shard, const std::string& host, std::uint16_t port) {
  boost::system::error_code failure;
  const asio::ip::address address = asio::ip::make_address(host, failure);
  if (!failure) co_return asio::ip::tcp::endpoint(address, port);
  asio::ip::basic_resolver<asio::ip::tcp, Executor> resolver(shard.executor());
  auto found = co_await resolver.async_resolve(host, std::to_string(port),
                                               asio::redirect_error(asio::use_awaitable_t<Executor>(), failure));
  if (failure || found.empty()) co_return connection_failed(host, port, failure.message());
  co_return found.begin()->endpoint();
}

Task<Result<Transport>> connect(Shard& shard, std::string host, std::uint16_t port, std::shared_ptr<TlsContext> tls,
                                std::chrono::milliseconds timeout) {
  auto endpoint = co_await resolve(shard, host, port);
  if (!endpoint) co_return endpoint.error();
  auto socket = std::make_shared<Socket>(shard.executor());
  Timer deadline(shard.executor(), timeout.count() > 0 ? timeout : std::chrono::hours(24));
  deadline.async_wait([socket](boost::system::error_code failure) {
    boost::system::error_code ignored;
    if (!failure) socket->close(ignored);
  });
  boost::system::error_code failure;
  co_await socket->async_connect(*endpoint, asio::redirect_error(asio::use_awaitable_t<Executor>(), failure));
  const bool in_time = deadline.cancel() > 0 || !failure;
  if (failure) co_return connection_failed(host, port, in_time ? failure.message() : "no answer in time");
  socket->native_non_blocking(true, failure);
  const int on = 1;
  ::setsockopt(socket->native_handle(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  Peer peer;
  peer.address = endpoint->address().to_string();
  peer.port = port;
  const int descriptor = socket->release(failure);
  co_return Transport(shard, descriptor, std::move(peer), std::move(tls));
}

}  // namespace croft::net
