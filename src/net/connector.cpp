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

using Endpoints = std::vector<asio::ip::tcp::endpoint>;

static Task<Result<Endpoints>> resolve(Shard& shard, const std::string& host, std::uint16_t port) {
  boost::system::error_code failure;
  const asio::ip::address address = asio::ip::make_address(host, failure);
  if (!failure) co_return Endpoints{{address, port}};
  asio::ip::basic_resolver<asio::ip::tcp, Executor> resolver(shard.executor());
  auto found = co_await resolver.async_resolve(host, std::to_string(port),
                                               asio::redirect_error(asio::use_awaitable_t<Executor>(), failure));
  if (failure || found.empty()) co_return connection_failed(host, port, failure.message());
  Endpoints endpoints;
  for (const auto& entry : found) endpoints.push_back(entry.endpoint());
  co_return endpoints;
}

// The connected socket, or why not.
static Task<std::shared_ptr<Socket>> connect_to(Shard& shard, asio::ip::tcp::endpoint endpoint, std::chrono::milliseconds timeout,
                                                std::string& why) {
  auto socket = std::make_shared<Socket>(shard.executor());
  Timer deadline(shard.executor(), timeout.count() > 0 ? timeout : std::chrono::hours(24));
  deadline.async_wait([socket](boost::system::error_code failure) {
    boost::system::error_code ignored;
    if (!failure) socket->close(ignored);
  });
  boost::system::error_code failure;
  co_await socket->async_connect(endpoint, asio::redirect_error(asio::use_awaitable_t<Executor>(), failure));
  const bool in_time = deadline.cancel() > 0 || !failure;
  if (failure) why = in_time ? failure.message() : "no answer in time";
  co_return failure ? nullptr : socket;
}

static Transport transport_over(Shard& shard, Socket& socket, const asio::ip::tcp::endpoint& endpoint,
                                std::shared_ptr<TlsContext> tls) {
  boost::system::error_code ignored;
  socket.native_non_blocking(true, ignored);
  const int on = 1;
  ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  Peer peer;
  peer.address = endpoint.address().to_string();
  peer.port = endpoint.port();
  const int descriptor = socket.release(ignored);
  return Transport(shard, descriptor, std::move(peer), std::move(tls));
}

// One address after the other, as the system orders them: a name may have an IPv6 address that nobody listens on. Each
// gets its share of the time that is left.
Task<Result<Transport>> connect(Shard& shard, std::string host, std::uint16_t port, std::shared_ptr<TlsContext> tls,
                                std::chrono::milliseconds timeout) {
  auto endpoints = co_await resolve(shard, host, port);
  if (!endpoints) co_return endpoints.error();
  const auto started = std::chrono::steady_clock::now();
  std::string why;
  for (std::size_t i = 0; i < endpoints->size(); ++i) {
    const auto gone = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - started);
    const auto share = (timeout - gone) / static_cast<std::int64_t>(endpoints->size() - i);
    const bool is_limited = timeout.count() > 0;
    const asio::ip::tcp::endpoint endpoint = (*endpoints)[i];
    auto socket = co_await connect_to(shard, endpoint, is_limited ? std::max(share, std::chrono::milliseconds(1)) : timeout, why);
    if (socket) co_return transport_over(shard, *socket, endpoint, std::move(tls));
  }
  co_return connection_failed(host, port, why);
}

}  // namespace croft::net
