#include "rules/web.h"

namespace croft::rules {

net::HttpClient& PooledWeb::client_of(Shard& shard) {
  std::lock_guard lock(mutex_);
  std::unique_ptr<net::HttpClient>& client = clients_[&shard];
  if (!client) client = std::make_unique<net::HttpClient>(shard, options_);
  return *client;
}

Task<Result<net::HttpResponse>> PooledWeb::request(Shard& shard, net::HttpCall call, std::chrono::milliseconds timeout) {
  auto response = co_await client_of(shard).request(std::move(call), timeout);
  co_return response;
}

}  // namespace croft::rules
