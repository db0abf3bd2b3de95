#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>

#include "net/http_client.h"

namespace croft::rules {

// How rules and their destinations ask web services.
class Web {
 public:
  virtual ~Web() = default;
  // On `shard`, the caller's own. Errors as those of net::HttpClient.
  virtual Task<Result<net::HttpResponse>> request(Shard& shard, net::HttpCall call, std::chrono::milliseconds timeout) = 0;
};

// With connections that are kept: a client for each shard, made when the shard first asks. Threads: any. Goes before the
// shards that used it, after their threads have ended.
class PooledWeb final : public Web {
 public:
  explicit PooledWeb(net::HttpClient::Options options) : options_(std::move(options)) {}
  Task<Result<net::HttpResponse>> request(Shard& shard, net::HttpCall call, std::chrono::milliseconds timeout) override;

 private:
  net::HttpClient& client_of(Shard& shard);

  const net::HttpClient::Options options_;
  std::mutex mutex_;
  std::map<Shard*, std::unique_ptr<net::HttpClient>> clients_;
};

}  // namespace croft::rules
