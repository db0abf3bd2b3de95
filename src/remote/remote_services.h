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

// How often a request may be carried out.
enum class Repeat {
  freely,     // twice is as good as once, so that it is tried again after every failure that may pass
  carefully,  // tried again only when the service certainly did nothing: after throttles and refused connections
};

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
  Task<Result<net::HttpResponse>> call(Shard& shard, std::string service, Request request, Repeat repeat = Repeat::freely);

  // Passes somebody else's request on: signed anew and sent once, and the answer given back whatever its status, because
  // that caller has tries of its own. Only a connection that did not come about, or that ended before it answered what may
  // be repeated freely, is tried a second time, at once. Errors are those without an answer, as above.
  Task<Result<net::HttpResponse>> forward(Shard& shard, std::string service, Request request, Repeat repeat);

  // How many calls of a service were not answered so far, or were not made because it is left alone.
  std::uint64_t unanswered(std::string_view service) const;

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
  using Tries = Task<Result<net::HttpResponse>> (*)(net::HttpClient&, Service&, const Request&, Repeat);
  net::HttpClient& client_of(Shard& shard, Service& service);
  Task<Result<net::HttpResponse>> ask(Shard& shard, std::string service, Request request, Repeat repeat, Tries tries);
  static Task<Result<net::HttpResponse>> call_with_retries(net::HttpClient& client, Service& service, const Request& request,
                                                           Repeat repeat);
  static Task<Result<net::HttpResponse>> forward_now(net::HttpClient& client, Service& service, const Request& request,
                                                     Repeat repeat);

  const std::string trust_anchors_file_;
  std::map<std::string, std::unique_ptr<Service>, std::less<>> services_;
  std::mutex mutex_;  // of clients_
  std::map<std::pair<const Shard*, const Service*>, std::unique_ptr<net::HttpClient>> clients_;
};

}  // namespace croft::remote
