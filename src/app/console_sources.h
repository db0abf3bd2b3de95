#pragma once

#include "app/device_side.h"
#include "console/console.h"
#include "gateway/gateway.h"
#include "identity/access_keys.h"

namespace croft::app {

// What the console shows and calls, from the parts of the application. All references outlive it.
//
// Threads: the API shard's.
class ConsoleSources final : public console::Sources {
 public:
  ConsoleSources(DeviceSide& devices, const gateway::Gateway& gateway, const identity::AccessKeys& keys)
      : devices_(devices), gateway_(gateway), keys_(keys) {}

  Task<console::Figures> figures() override;
  std::size_t client_shards() override { return devices_.shard_count(); }
  Task<std::size_t> client_count(std::size_t shard) override;
  Task<void> each_client(std::size_t shard, Visit visit) override;
  Task<net::HttpResponse> call(std::string service, net::HttpRequest request) override;
  identity::Credentials root() override { return keys_.root(); }

 private:
  broker::ShardBroker& broker(std::size_t shard) { return *devices_.hub().brokers()[shard]; }

  DeviceSide& devices_;
  const gateway::Gateway& gateway_;
  const identity::AccessKeys& keys_;
};

}  // namespace croft::app
