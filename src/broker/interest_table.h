#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <shared_mutex>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "shard/shard.h"

namespace croft::broker {

// Which shards may have a subscriber for a topic. Keyed by the literal levels of a filter before its first wildcard,
// so it can over-report (the shard's trie then finds nothing) but never under-report.
//
// Threads: any, at any time. Cost: one lookup for each level of the topic, and one.
class InterestTable {
 public:
  explicit InterestTable(std::size_t shards) : shards_(shards) {}

  // Counts one more filter of `shard`; pair each call with remove().
  void add(std::string_view filter, ShardIndex shard);
  void remove(std::string_view filter, ShardIndex shard);

  // Changes, upwards, whenever an answer of shards() may.
  std::uint64_t version() const { return version_.load(std::memory_order_acquire); }
  // Bit n is set when shard n may be interested.
  std::uint64_t shards(std::string_view topic) const;

 private:
  static constexpr std::size_t stripes = 64;
  struct Stripe {
    mutable std::shared_mutex mutex;
    std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> counts;  // prefix hash -> filters of each shard
  };
  Stripe& stripe(std::uint64_t hash) { return stripes_[hash >> 58]; }
  std::uint64_t mask(std::uint64_t hash) const;

  std::size_t shards_;
  std::atomic<std::uint64_t> version_{1};
  std::array<Stripe, stripes> stripes_;
};

}  // namespace croft::broker
