#pragma once

#include <atomic>
#include <functional>
#include <string_view>
#include <vector>

#include "broker/interest_table.h"
#include "broker/message.h"
#include "broker/packet_trace.h"
#include "broker/retained.h"
#include "broker/shared_groups.h"

namespace croft::broker {

class ShardBroker;

// What the brokers of all shards share: who owns a client id, who may want a topic, the retained messages.
//
// Threads: any, once every shard was added.
class Hub {
 public:
  // `store` outlives it; nullptr: retained messages are in memory only.
  explicit Hub(std::size_t shards, Store* store = nullptr, const Settings& settings = {})
      : interest_(shards), retained_(store, Timestamp::now(), settings.retained_messages_max), shared_(settings) {}

  void add(ShardBroker& broker) { brokers_.push_back(&broker); }
  std::size_t owner_index(std::string_view client_id) const;
  ShardBroker& owner(std::string_view client_id) const { return *brokers_[owner_index(client_id)]; }
  const std::vector<ShardBroker*>& brokers() const { return brokers_; }
  // Whether a shard has more mail waiting than so many bytes; who publishes waits then.
  bool is_congested(std::size_t mail_bytes_max) const;
  InterestTable& interest() { return interest_; }
  Retained& retained() { return retained_; }
  SharedGroups& shared() { return shared_; }
  PacketTraces& traces() { return traces_; }
  // Of rule_rows: rising, from behind what an earlier process used.
  std::uint64_t next_rule_row() { return last_rule_row_.fetch_add(1, std::memory_order_relaxed) + 1; }
  void continue_rule_rows_after(std::uint64_t number) { last_rule_row_ = number; }
  // The same of group_rows.
  std::uint64_t next_group_row() { return last_group_row_.fetch_add(1, std::memory_order_relaxed) + 1; }
  void continue_group_rows_after(std::uint64_t number) { last_group_row_ = number; }

 private:
  std::vector<ShardBroker*> brokers_;
  InterestTable interest_;
  Retained retained_;
  SharedGroups shared_;
  PacketTraces traces_;
  std::atomic<std::uint64_t> last_rule_row_{0};
  std::atomic<std::uint64_t> last_group_row_{0};
};

}  // namespace croft::broker
