#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "broker/message.h"
#include "shard/shard.h"
#include "store/store.h"

namespace croft::presence {

using Sequence = std::uint64_t;

struct OutboxEntry {
  Sequence sequence;
  broker::MessagePtr message;
  std::int64_t since_us = 0;    // metrics::now_us() when it happened; 0 = read from its row
  std::int64_t durable_us = 0;  // when it was on disk; 0 the same
};

// The messages of one shard whose rule actions are not finished, in order, as rows of Family::outbox: shard (4 bytes),
// sequence (8 bytes), both big-endian -> broker::to_row.
//
// Threads: its shard's (and at start, before threads run).
class Outbox {
 public:
  Outbox(Store& store, ShardIndex shard);

  // Adds the row to `batch`; the number is this shard's next.
  Sequence append(Batch& batch, const broker::Message& message);
  void erase(Batch& batch, Sequence sequence) const;
  // At most `limit` entries after `after`, in order.
  std::vector<OutboxEntry> read(Sequence after, std::size_t limit) const;
  bool is_empty() const;

  // Rewrites rows of shards that no longer own their client (the number of shards changed) to those that do, keeping
  // each client's order. Once, at start, before any Outbox is made.
  static void rehome(Store& store, const std::function<ShardIndex(std::string_view client_id)>& owner);

 private:
  std::string key(Sequence sequence) const;

  Store& store_;
  ShardIndex shard_;
  Sequence next_;
};

}  // namespace croft::presence
