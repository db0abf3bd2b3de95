// For tests: the device shards of one process above a ManualStore, all on the calling thread. Destroying it is a
// crash.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "broker/core_script.h"
#include "presence/journal.h"
#include "store/manual_store.h"

namespace croft::presence {

class TestProcess {
 public:
  // Starts as app/device_side.cpp does: rows move to their shards, what is left over is handed out, clients are
  // restored.
  TestProcess(ManualStore& store, broker::MessageObserver& rules, std::function<broker::Now()> clock,
              std::size_t shards, std::size_t in_memory_max, Told told = {})
      : clock_(std::move(clock)) {
    Outbox::rehome(store, [shards](std::string_view client_id) {
      return static_cast<ShardIndex>(std::hash<std::string_view>()(client_id) % shards);
    });
    for (std::size_t i = 0; i < shards; ++i) {
      parts_.push_back(std::make_unique<Part>(static_cast<ShardIndex>(i), *this, store, rules, in_memory_max, told));
      hub_.add(parts_.back()->broker);
    }
    std::vector<std::vector<broker::StoredClient>> clients(shards);
    for (broker::StoredClient& client : broker::load_clients(store))
      clients[hub_.owner_index(client.state.client_id)].push_back(std::move(client));
    for (std::size_t i = 0; i < shards; ++i) parts_[i]->journal.start(std::move(clients[i]));
  }

  broker::ConnectionId connect(mqtt::Connect packet) {
    static broker::ConnectionId last = 1'000'000;
    broker::Core& core = owner(packet.client_id);
    core.connect(++last, std::make_shared<Sink>(unread_), {.address = "192.0.2.7"}, std::move(packet), false, doorman_.verdict,
                 clock_());
    return last;
  }
  void send(const std::string& client_id, const mqtt::Packet& packet) {
    const broker::Client* client = owner(client_id).find(client_id);
    if (!client || !client->connection) return;
    std::string bytes;
    mqtt::encode(packet, client->connection->version, bytes);
    owner(client_id).receive(client->connection->id, bytes, clock_());
  }
  // What waits on the loops of the shards, and what that brings about.
  void run() {
    for (bool ran = true; ran;) {
      ran = false;
      for (auto& part : parts_) ran |= part->shard.io().poll() > 0;
    }
  }
  void tick() {
    for (auto& part : parts_) {
      part->broker.tick();
      part->journal.flush();
    }
  }
  void stop() {
    for (auto& part : parts_) part->broker.stop();
  }

  broker::Core& owner(std::string_view client_id) { return hub_.owner(client_id).core(); }
  broker::ShardBroker& broker_of(std::string_view client_id) { return hub_.owner(client_id); }
  std::size_t pending() const {
    std::size_t count = 0;
    for (const auto& part : parts_) count += part->journal.pending();
    return count;
  }

 private:
  // Its bytes are read by nobody.
  struct Sink final : broker::Outlet {
    explicit Sink(broker::Turn& turn) { join(turn); }
    std::size_t unsent() const override { return 0; }
  };
  struct Part {
    Part(ShardIndex index, TestProcess& process, ManualStore& store, broker::MessageObserver& rules,
         std::size_t in_memory_max, Told told)
        : shard(index, "device-" + std::to_string(index)),
          broker(shard, process.settings_, process.doorman_, process.hub_, &store, process.clock_),
          journal(store, shard, broker, rules, in_memory_max, told) {
      broker.connect_to(journal, rules, told.timelines);
    }
    Shard shard;
    broker::ShardBroker broker;
    Journal journal;
  };

  std::function<broker::Now()> clock_;
  broker::Settings settings_;
  broker::Doorman doorman_;
  broker::Hub hub_{64};
  broker::Turn unread_;
  std::vector<std::unique_ptr<Part>> parts_;
};

}  // namespace croft::presence
