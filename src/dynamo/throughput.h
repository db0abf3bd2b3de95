#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "dynamo/capacity.h"
#include "dynamo/definition.h"
#include "types/timestamp.h"

namespace croft::dynamo {

// Units that come in at a rate, and of which what five minutes bring is kept. Starts with what one second brings.
class UnitBucket {
 public:
  // Whether `least` units are there.
  bool has(double least, double rate, MonoTime now);
  // More than there is makes a debt: what a request costs is known when it is done.
  void take(double units) { units_ -= units; }

 private:
  double units_ = 0;
  MonoTime at_{-1};  // nothing yet
};

// The provisioned throughput of tables and global indexes, enforced: a request is let in while its table (and the indexes
// it touches) has a unit, and pays afterwards what it cost; a request larger than what is there is paid for by those that
// come later. Tables on demand have none but their OnDemandThroughput. Partitions are not counted alone: croft has none.
// Sources: DynamoDB Developer Guide, "DynamoDB burst and adaptive capacity" (300 seconds of unused capacity are kept) and
// "Using Global Secondary Indexes", write capacity (an index without units throttles the writes of its table).
//
// Threads: any. Cost: a lock and a look-up a request. Memory: some 100 bytes for each table and index that was asked for.
class ThroughputLimits {
 public:
  using Clock = std::function<MonoTime()>;
  explicit ThroughputLimits(Clock clock = MonoTime::now) : clock_(std::move(clock)) {}

  enum class Kind { read, write };
  // ProvisionedThroughputExceededException when there is nothing left: of the table, or of the index (`index` not "").
  // ThrottlingException when it is a table on demand.
  Result<void> admit(const TableDefinition& table, Kind kind, std::string_view index = {});
  // The same for each global index that writing `capacity` touches.
  Result<void> admit_indexes(const TableDefinition& table, const Capacity& capacity);
  void charge(const TableDefinition& table, Kind kind, const Capacity& capacity);
  void forget(const TableDefinition& table);

 private:
  struct Key {
    std::uint32_t table;
    std::uint16_t index;  // 0 = the table itself
    Kind kind;
    auto operator<=>(const Key&) const = default;
  };
  bool has(const TableDefinition& table, const IndexDefinition* index, Kind kind);

  const Clock clock_;
  std::mutex mutex_;
  std::map<Key, UnitBucket> buckets_;
};

}  // namespace croft::dynamo
