#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "net/http_client.h"
#include "remote/protocols.h"
#include "remote/settings.h"
#include "shard/shard.h"

namespace croft::remote {

// The AWS services that croft does not run, wherever the configuration says they are: at AWS, or something that speaks as
// they do. Requests are signed (SigV4) with the configured credentials and repeated as AWS's SDKs repeat them.
//
// Threads: any; a call runs on the shard it is given.
class RemoteServices {
 public:
  explicit RemoteServices(Settings settings);
  ~RemoteServices();

  // Nothing when the configuration names no endpoint for it.
  const ServiceSettings* find(std::string_view service) const;

  // The answer (2xx) to one request. Throttles, 5xx and connections that fail are tried three times in all, with a random
  // pause; each try has the service's time-out. Everything else is an error, with the service's own code, message and
  // status; without an answer it is HttpClient's error and 503. ServiceUnavailable: the service failed so often that it is
  // not asked for a while. `shard` is the caller's own.
  Task<Result<net::HttpResponse>> call(Shard& shard, std::string service, Request request);

  // When the shards have stopped, before they go.
  void close_connections() { clients_.clear(); }

  // Since the start, for metrics.
  struct Figures {
    std::string service;
    std::uint64_t succeeded = 0, throttled = 0, failed = 0, refused = 0, not_asked = 0;  // calls, by their outcome
    std::uint64_t retries = 0;
    bool is_open = false;  // it is left alone
  };
  std::vector<Figures> figures() const;  // of the configured services, by name

 private:
  struct Service;
  net::HttpClient& client_of(Shard& shard);
  static Task<Result<net::HttpResponse>> call_with_retries(net::HttpClient& client, Service& service, const Request& request);

  const std::string trust_anchors_file_;
  std::map<std::string, std::unique_ptr<Service>, std::less<>> services_;
  std::mutex mutex_;  // of clients_
  std::map<const Shard*, std::unique_ptr<net::HttpClient>> clients_;
};

}  // namespace croft::remote
