#include "presence/outbox.h"

#include <map>

#include "broker/message_row.h"
#include "store/big_endian.h"
#include "types/assert.h"

namespace croft::presence {

namespace {

std::string row_key(ShardIndex shard, Sequence sequence) {
  std::string key;
  put_big_endian<std::uint32_t>(key, shard);
  put_big_endian<std::uint64_t>(key, sequence);
  return key;
}

broker::MessagePtr decode(std::string_view row) {
  auto message = broker::message_from_row(row);
  CROFT_ASSERT(message);
  return std::move(*message);
}

Sequence sequence_of(std::string_view key) { return big_endian(key.substr(4)); }

}  // namespace

Outbox::Outbox(Store& store, ShardIndex shard) : store_(store), shard_(shard), next_(1) {
  const auto last = store.scan(Family::outbox, row_key(shard, 0), row_key(shard + 1, 0), 1, true);
  if (!last.empty()) next_ = sequence_of(last.front().key) + 1;
}

std::string Outbox::key(Sequence sequence) const { return row_key(shard_, sequence); }

Sequence Outbox::append(Batch& batch, const broker::Message& message) {
  batch.put(Family::outbox, key(next_), broker::to_row(message));
  return next_++;
}

void Outbox::erase(Batch& batch, Sequence sequence) const { batch.erase(Family::outbox, key(sequence)); }

std::vector<OutboxEntry> Outbox::read(Sequence after, std::size_t limit) const {
  std::vector<OutboxEntry> entries;
  for (const Row& row : store_.scan(Family::outbox, key(after + 1), row_key(shard_ + 1, 0), limit))
    entries.push_back({sequence_of(row.key), decode(row.value)});
  return entries;
}

bool Outbox::is_empty() const { return store_.scan(Family::outbox, key(0), row_key(shard_ + 1, 0), 1).empty(); }

void Outbox::rehome(Store& store, const std::function<ShardIndex(std::string_view)>& owner) {
  std::vector<Row> strays;
  store.visit(Family::outbox, "", "", false, [&](std::string_view key, std::string_view value) {
    if (owner(decode(value)->client_id()) != big_endian(key.substr(0, 4)))
      strays.push_back({std::string(key), std::string(value)});
    return true;
  });
  if (strays.empty()) return;
  Batch batch;
  std::map<ShardIndex, Outbox> homes;
  for (const Row& row : strays) {
    const broker::MessagePtr message = decode(row.value);
    const ShardIndex home = owner(message->client_id());
    homes.try_emplace(home, store, home).first->second.append(batch, *message);
    batch.erase(Family::outbox, row.key);
  }
  store.write(std::move(batch));
}

}  // namespace croft::presence
