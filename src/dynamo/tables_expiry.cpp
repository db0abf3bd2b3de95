// Items of Tables that expire, and the task that sees to it.
#include <algorithm>
#include <map>

#include "dynamo/attribute_encoding.h"
#include "dynamo/errors.h"
#include "dynamo/expiry.h"
#include "dynamo/limits.h"
#include "dynamo/tables.h"

namespace croft::dynamo {

void Tables::apply_expiry(Batch& batch, const Change& change) {
  std::optional<Item> decoded;
  if (!change.before && change.old_row) decoded = decode_item(*change.old_row);
  update_expiry_row(batch, change.table.definition, change.key, decoded ? &*decoded : change.before, change.after);
}

// The order of the checks is AWS's, as observed: what is asked for first, then whether it comes too soon.
Result<void> Tables::set_time_to_live_now(const std::string& name, bool enabled, const std::string& attribute) {
  const std::unique_lock lock(tables_mutex_);
  const OpenTablePtr table = find_held(name);
  if (!table) return refusal_held(name);
  TableDefinition next = table->definition;
  const bool is_enabled = !next.ttl_attribute.empty();
  if (!enabled && !is_enabled) return validation_error("TimeToLive is already disabled");
  if (is_enabled && attribute != next.ttl_attribute) {
    return validation_error("TimeToLive is active on a different AttributeName: current AttributeName is " +
                            next.ttl_attribute);
  }
  if (enabled && is_enabled) return validation_error("TimeToLive is already enabled");
  if (next.ttl_filling)
    return validation_error("Time to live has been modified multiple times within a fixed interval");
  Batch batch;
  if (!enabled) {
    const std::string rows = expiry_prefix(next.number);
    batch.erase_range(Family::indexes, rows, end_of_prefix(rows));
  }
  next.ttl_attribute = enabled ? attribute : std::string();
  next.ttl_filling = enabled;
  store_definition(std::move(next), table->statistics, std::move(batch));
  return {};
}

Task<Result<void>> Tables::set_time_to_live(std::string table, bool enabled, std::string attribute) {
  const Result<void> set = set_time_to_live_now(table, enabled, attribute);
  if (!set) co_return set;
  // A small table is looked through at once; of a larger one keep_up() does the rest.
  const OpenTablePtr now = find(table);
  if (now && now->definition.ttl_filling && fill_expiry(*now, {}).empty()) finish_expiry(*now);
  co_await store_.durable();
  co_return set;
}

// As for indexes: an item's writer makes the expiry row from the moment the definition has the attribute, and whoever
// comes later to the item sees its newest version, under its lock.
std::string Tables::fill_expiry(const OpenTable& seen, const std::string& from) {
  const std::vector<Row> rows = store_.scan(Family::items, from.empty() ? seen.prefix : from, end_of_prefix(seen.prefix),
                                            limits::backfill_turn_rows);
  const SharedLock lock(tables_mutex_);
  const OpenTablePtr now = find_held(seen.definition.name);
  if (!now || now->definition.number != seen.definition.number) return {};
  for (const Row& row : rows) {
    const auto held = locks_.lock(row.key);
    const std::optional<std::string> newest = store_.get(Family::items, row.key);
    if (!newest) continue;
    const Item item = decode_item(*newest);
    Batch batch;
    update_expiry_row(batch, now->definition, row.key, nullptr, &item);
    if (!batch.empty()) store_.write(std::move(batch));
  }
  return rows.size() < limits::backfill_turn_rows ? std::string() : rows.back().key + '\0';
}

void Tables::finish_expiry(const OpenTable& seen) {
  const std::unique_lock lock(tables_mutex_);
  const OpenTablePtr now = find_held(seen.definition.name);
  if (!now || now->definition.number != seen.definition.number) return;
  TableDefinition next = now->definition;
  next.ttl_filling = false;
  store_definition(std::move(next), now->statistics);
}

// An item that was prolonged or deleted meanwhile stays as it is; only its row goes, should it still be there.
bool Tables::expire(const OpenTable& seen, Timestamp now) {
  const std::int64_t second = now.ms / 1000;
  const std::uint32_t number = seen.definition.number;
  const std::vector<Row> due = store_.scan(
      Family::indexes, expiry_border(number, std::max<std::int64_t>(0, second - limits::expiry_age_max_s)),
      expiry_border(number, second), limits::expiry_turn_items);
  if (due.empty()) return false;
  std::vector<std::string> keys;
  for (const Row& row : due) keys.push_back(decode_expiry_key(row.key).item_key);
  const SharedLock lock(tables_mutex_);
  const OpenTablePtr table = find_held(seen.definition.name);
  if (!table || table->definition.number != number || table->definition.ttl_attribute.empty()) return false;
  const auto held = locks_.lock(keys);
  Batch batch;
  for (std::size_t i = 0; i < due.size(); ++i) {
    const std::optional<std::string> row = store_.get(Family::items, keys[i]);
    std::optional<Item> item;
    if (row) item = decode_item(*row);
    const auto expires = expiry_second(item ? &*item : nullptr, table->definition.ttl_attribute);
    if (expires && *expires == decode_expiry_key(due[i].key).second) apply(batch, {*table, keys[i], row, &*item, nullptr, true});
    else batch.erase(Family::indexes, due[i].key);
  }
  store_.write(std::move(batch));
  return due.size() == limits::expiry_turn_items;
}

std::vector<OpenTablePtr> Tables::expiring() const {
  const SharedLock lock(tables_mutex_);
  std::vector<OpenTablePtr> out;
  for (const auto& [name, table] : tables_) {
    if (!table->definition.ttl_attribute.empty()) out.push_back(table);
  }
  return out;
}

void Tables::begin_upkeep_held() {
  if (!upkeep_shard_ || is_kept_up_) return;
  is_kept_up_ = true;
  upkeep_shard_->post([this] { upkeep_shard_->spawn(keep_up()); });  // not here: it asks for the lock
}

void Tables::start(Shard& shard) {
  const std::unique_lock lock(tables_mutex_);
  upkeep_shard_ = &shard;
  fill_half_made_held();
  if (needs_upkeep_held()) begin_upkeep_held();
}

// Also for what is left of streams and recovery that were switched off.
bool Tables::needs_upkeep_held() const {
  if (!store_.scan(Family::changes, {}, {}, 1).empty()) return true;
  return std::any_of(tables_.begin(), tables_.end(),
                     [](const auto& one) { return one.second->definition.needs_upkeep(); });
}

// True: no table asks for it any more.
bool Tables::end_upkeep() {
  {
    const SharedLock lock(tables_mutex_);
    if (needs_upkeep_held()) return false;
  }
  const std::unique_lock lock(tables_mutex_);
  if (needs_upkeep_held()) return false;  // since a moment ago
  is_kept_up_ = false;
  return true;
}

Task<void> Tables::keep_up() {
  std::map<std::uint32_t, std::string> filled_to;  // of tables whose older items are being looked at
  MonoTime trimmed = MonoTime::now();
  trim_changes();
  while (!end_upkeep()) {
    bool has_more = false;
    for (const OpenTablePtr& table : expiring()) {
      if (table->definition.ttl_filling) {
        std::string& from = filled_to[table->definition.number];
        from = fill_expiry(*table, from);
        has_more = true;
        if (from.empty()) {
          filled_to.erase(table->definition.number);
          finish_expiry(*table);
        }
      }
      has_more = expire(*table, Timestamp::now()) || has_more;
      co_await give_way();
    }
    if (MonoTime::now().ms - trimmed.ms >= limits::trim_interval_ms) {
      trimmed = MonoTime::now();
      trim_changes();
    }
    if (!has_more) co_await sleep_for(std::chrono::milliseconds(limits::expiry_interval_ms));
  }
}

}  // namespace croft::dynamo
