#include "broker/interest_table.h"

#include "mqtt/topic.h"
#include "types/assert.h"

namespace croft::broker {

namespace {

// FNV-1a over the levels, each closed by a byte that no UTF-8 text holds, so "" and no level at all differ.
struct PrefixHash {
  std::uint64_t value = 14695981039346656037ull;
  void add(std::string_view level) {
    for (unsigned char c : level) value = (value ^ c) * 1099511628211ull;
    value = (value ^ 0xFF) * 1099511628211ull;
  }
  // The high bits choose the stripe, so they are mixed once more.
  std::uint64_t mixed() const { return (value ^ value >> 32) * 0x9E3779B97F4A7C15ull; }
};

std::uint64_t literal_prefix(std::string_view filter) {
  PrefixHash hash;
  mqtt::Levels levels(filter);
  while (auto level = levels.next()) {
    if (*level == "+" || *level == "#") break;
    hash.add(*level);
  }
  return hash.mixed();
}

}  // namespace

void InterestTable::add(std::string_view filter, ShardIndex shard) {
  const std::uint64_t hash = literal_prefix(filter);
  Stripe& s = stripe(hash);
  std::unique_lock lock(s.mutex);
  auto& counts = s.counts[hash];
  counts.resize(shards_);
  if (counts[shard]++ == 0) version_.fetch_add(1, std::memory_order_release);
}

void InterestTable::remove(std::string_view filter, ShardIndex shard) {
  const std::uint64_t hash = literal_prefix(filter);
  Stripe& s = stripe(hash);
  std::unique_lock lock(s.mutex);
  const auto found = s.counts.find(hash);
  CROFT_ASSERT(found != s.counts.end() && found->second[shard] > 0);
  if (--found->second[shard] == 0) version_.fetch_add(1, std::memory_order_release);
  for (std::uint32_t count : found->second)
    if (count > 0) return;
  s.counts.erase(found);
}

std::uint64_t InterestTable::mask(std::uint64_t hash) const {
  const Stripe& s = stripes_[hash >> 58];
  std::shared_lock lock(s.mutex);
  const auto found = s.counts.find(hash);
  if (found == s.counts.end()) return 0;
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < found->second.size(); ++i)
    if (found->second[i] > 0) bits |= std::uint64_t{1} << i;
  return bits;
}

std::uint64_t InterestTable::shards(std::string_view topic) const {
  PrefixHash hash;
  std::uint64_t bits = mask(hash.mixed());
  mqtt::Levels levels(topic);
  while (auto level = levels.next()) {
    hash.add(*level);
    bits |= mask(hash.mixed());
  }
  return bits;
}

}  // namespace croft::broker
