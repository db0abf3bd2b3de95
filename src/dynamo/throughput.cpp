#include "dynamo/throughput.h"

#include <algorithm>

#include "dynamo/limits.h"

namespace croft::dynamo {

namespace {

constexpr const char* code = "ProvisionedThroughputExceededException";

// Of a table on demand that has a maximum, and of its indexes.
Error maximum_exceeded() {
  return {"ThrottlingException", "Throughput exceeds the maximum OnDemandThroughput configured on table or index", 400};
}

Error table_exceeded() {
  return {code,
          "The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning "
          "level with the UpdateTable API.",
          400};
}

Error index_exceeded() {
  return {code,
          "The level of configured provisioned throughput for one or more global secondary indexes of the table was exceeded. "
          "Consider increasing your provisioning level for the under-provisioned global secondary indexes with the UpdateTable "
          "API",
          400};
}

// The smallest cost of a request: an eventually consistent read of 4 KB is half a unit.
double least_of(ThroughputLimits::Kind kind) { return kind == ThroughputLimits::Kind::read ? 0.5 : 1.0; }

// Units a second; nothing: any number of them.
std::optional<double> rate_of(const TableDefinition& table, const IndexDefinition* index, ThroughputLimits::Kind kind) {
  const Throughput& provisioned = index ? index->throughput : table.throughput;
  const Throughput& maximum = index ? index->notes.on_demand_max : table.notes.on_demand_max;
  const Throughput& rates = table.on_demand ? maximum : provisioned;
  const std::int64_t rate = kind == ThroughputLimits::Kind::read ? rates.read : rates.write;
  return table.on_demand && rate < 0 ? std::nullopt : std::optional(static_cast<double>(rate));
}

bool is_unlimited(const TableDefinition& table) {
  const Throughput none{-1, -1};
  return table.on_demand && table.notes.on_demand_max == none &&
         std::all_of(table.indexes.begin(), table.indexes.end(),
                     [&](const IndexDefinition& index) { return index.notes.on_demand_max == none; });
}

}  // namespace

bool UnitBucket::has(double least, double rate, MonoTime now) {
  const bool is_new = at_.ms < 0;
  const double came = is_new ? rate : rate * static_cast<double>(std::max<std::int64_t>(now.ms - at_.ms, 0)) / 1000;
  units_ = std::min(units_ + came, rate * limits::burst_seconds);
  at_ = now;
  return units_ >= least;
}

// The lock is held.
bool ThroughputLimits::has(const TableDefinition& table, const IndexDefinition* index, Kind kind) {
  const std::optional<double> rate = rate_of(table, index, kind);
  if (!rate) return true;
  UnitBucket& bucket = buckets_[{table.number, index ? index->number : std::uint16_t{0}, kind}];
  return bucket.has(least_of(kind), *rate, clock_());
}

Result<void> ThroughputLimits::admit(const TableDefinition& table, Kind kind, std::string_view name) {
  if (is_unlimited(table)) return {};
  const IndexDefinition* index = name.empty() ? nullptr : table.index(name);
  const bool is_global = index && index->global;  // a local index uses its table's units
  std::lock_guard lock(mutex_);
  if (has(table, is_global ? index : nullptr, kind)) return {};
  if (table.on_demand) return maximum_exceeded();
  return is_global ? index_exceeded() : table_exceeded();
}

Result<void> ThroughputLimits::admit_indexes(const TableDefinition& table, const Capacity& capacity) {
  if (is_unlimited(table)) return {};
  std::lock_guard lock(mutex_);
  for (const auto& [name, units] : capacity.global_indexes) {
    const IndexDefinition* index = table.index(name);
    if (!index || has(table, index, Kind::write)) continue;
    return table.on_demand ? maximum_exceeded() : index_exceeded();
  }
  return {};
}

void ThroughputLimits::charge(const TableDefinition& table, Kind kind, const Capacity& capacity) {
  if (is_unlimited(table)) return;
  double units = capacity.table;
  for (const auto& [name, of_local] : capacity.local_indexes) units += of_local;
  std::lock_guard lock(mutex_);
  buckets_[{table.number, 0, kind}].take(units);
  for (const auto& [name, of_global] : capacity.global_indexes)
    if (const IndexDefinition* index = table.index(name)) buckets_[{table.number, index->number, kind}].take(of_global);
}

void ThroughputLimits::forget(const TableDefinition& table) {
  std::lock_guard lock(mutex_);
  buckets_.erase(buckets_.lower_bound({table.number, 0, Kind::read}), buckets_.lower_bound({table.number + 1, 0, Kind::read}));
}

}  // namespace croft::dynamo
