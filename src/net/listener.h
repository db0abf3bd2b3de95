#pragma once

#include <functional>
#include <memory>
#include <string>

#include "net/transport.h"
#include "types/result.h"

namespace croft::net {

// Accepts connections on one address and port, on one shard. Several shards may listen on the same port
// (SO_REUSEPORT): the kernel spreads connections. `accepted` runs on the shard for each connection.
class Listener {
 public:
  using Accepted = std::function<void(Transport)>;

  // Binds at once: AddressInUse, PermissionDenied, InvalidAddress are told here. Port 0 takes any free one.
  static Result<std::unique_ptr<Listener>> open(Shard& shard, const std::string& address, std::uint16_t port,
                                                std::shared_ptr<TlsContext> tls, bool share_port);
  ~Listener();

  std::uint16_t port() const;
  // Starts accepting; threads: any.
  void start(Accepted accepted);
  // No connection is accepted after it returned; must run on the shard's thread or after it stopped.
  void stop();

  struct Impl;
  explicit Listener(std::shared_ptr<Impl> impl);

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace croft::net
