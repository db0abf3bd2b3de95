#pragma once

#include "app/device_side.h"
#include "console/console.h"
#include "console/item_changes.h"
#include "gateway/gateway.h"
#include "identity/access_keys.h"

namespace croft::app {

// What the console shows and calls, from the parts of the application. All references outlive it.
//
// Threads: the API shard's.
class ConsoleSources final : public console::Sources {
 public:
  ConsoleSources(DeviceSide& devices, const gateway::Gateway& gateway, identity::AccessKeys& keys, const Instance& instance)
      : devices_(devices), gateway_(gateway), keys_(keys), instance_(instance) {}

  // Which changes of items can be watched. `elsewhere` is where tables are that are not croft's own, whose changes cannot.
  void show_tables(console::ItemChanges& items, std::string elsewhere) {
    items_ = &items;
    tables_elsewhere_ = std::move(elsewhere);
  }

  Task<console::Figures> figures() override;
  std::size_t client_shards() override { return devices_.shard_count(); }
  Task<std::size_t> client_count(std::size_t shard) override;
  Task<void> each_client(std::size_t shard, Visit visit) override;
  std::shared_ptr<const console::ChangeLog> watch_items(const std::string& table) override {
    return items_ && tables_elsewhere_.empty() ? items_->watch(table) : nullptr;
  }
  std::string tables_elsewhere() override { return tables_elsewhere_; }
  Task<net::HttpResponse> call(console::Role role, std::string service, net::HttpRequest request) override;
  identity::Credentials mqtt_credentials(const console::Asker& asker) override;

 private:
  broker::ShardBroker& broker(std::size_t shard) { return *devices_.hub().brokers()[shard]; }

  DeviceSide& devices_;
  const gateway::Gateway& gateway_;
  identity::AccessKeys& keys_;
  const Instance& instance_;
  console::ItemChanges* items_ = nullptr;
  std::string tables_elsewhere_;
};

}  // namespace croft::app
