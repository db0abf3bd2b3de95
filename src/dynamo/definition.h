#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dynamo/key.h"
#include "text/json.h"
#include "types/result.h"
#include "types/timestamp.h"

namespace croft::dynamo {

// Capacity units, kept to be described; croft does not throttle by them.
struct Throughput {
  std::int64_t read = 0;
  std::int64_t write = 0;
  friend bool operator==(const Throughput&, const Throughput&) = default;
};

// What else is told of a table's or index's throughput. Kept to be described.
struct ThroughputNotes {
  Throughput on_demand_max{-1, -1};  // OnDemandThroughput; -1 = not limited
  Throughput warm;                   // WarmThroughput as it was asked for; 0 = it was not
  Timestamp increased, decreased;    // the last times that the provisioned units were
  std::int64_t decreases = 0;        // on the day of `decreased`

  void note_change(const Throughput& before, const Throughput& after, Timestamp now);
  std::int64_t decreases_on_the_day_of(Timestamp now) const;
  friend bool operator==(const ThroughputNotes&, const ThroughputNotes&) = default;
};

// What a new table or index is warmed up for without being asked. Source: Developer Guide, "Warm throughput".
inline constexpr Throughput warm_on_demand{12000, 4000};
// WarmThroughput as it is told.
Throughput warm_throughput(const ThroughputNotes& notes, const Throughput& provisioned, bool on_demand);

// What an index row holds beside the keys of table and index.
struct IndexProjection {
  enum class Kind { all, keys_only, include } kind = Kind::all;
  std::vector<std::string> attributes;  // of include
};

struct IndexDefinition {
  std::string name;
  bool global = true;
  KeySchema keys;
  IndexProjection projection;
  Throughput throughput;     // global indexes of provisioned tables
  ThroughputNotes notes{};
  std::uint16_t number = 0;  // within its table; part of its rows' keys
  bool backfilling = false;  // not yet readable: rows of older items are being made

  bool holds(std::string_view attribute, const KeySchema& table) const;
};

// Point-in-time recovery, while it is on: the change log keeps what can be undone.
struct Recovery {
  Timestamp since;
  std::int64_t days = 35;  // RecoveryPeriodInDays, 1 to 35

  // The earliest moment that the table can be restored to.
  Timestamp earliest(Timestamp now) const { return {std::max(since.ms, now.ms - days * 86'400'000)}; }
};

// What a table was restored from.
struct RestoredFrom {
  std::string backup_arn;  // "" = another table's past
  std::string table_arn;
  Timestamp at;
};

using Tags = std::vector<std::pair<std::string, std::string>>;

// Kept, told and not asked: croft lets every caller with a valid signature use its tables.
struct ResourcePolicy {
  std::string document;  // as it came
  std::string revision;  // the time of the change in ms, as text
};

// CloudWatch Contributor Insights of a table or an index, while they are enabled. Kept and told.
struct Insights {
  std::string index;  // "" = the table
  std::string mode;
  Timestamp since;
};

// What the records of a stream show of an item.
enum class StreamView : std::uint8_t { keys_only, new_image, old_image, new_and_old_images };
// "KEYS_ONLY", ..., as on the wire.
std::string_view name_of(StreamView view);
std::optional<StreamView> stream_view_named(std::string_view name);

// A table as it was created and updated. Immutable once Tables has it: an update makes another.
struct TableDefinition {
  std::string name;
  std::string id;            // UUID, told as TableId
  std::uint32_t number = 0;  // part of its rows' keys
  Timestamp created;
  KeySchema keys;
  std::vector<KeyAttribute> attributes;  // AttributeDefinitions: of the table's and the indexes' keys
  bool on_demand = false;                // BillingMode PAY_PER_REQUEST
  Timestamp on_demand_since;
  bool was_on_demand = false;  // then BillingModeSummary is told though it is provisioned now
  Throughput throughput;
  ThroughputNotes notes;
  bool deletion_protection = false;
  std::string table_class;  // "" = never said
  std::string encryption_key;  // the ARN of a KMS key, kept and told; "" = AWS's own
  std::vector<IndexDefinition> indexes;
  std::uint16_t last_index = 0;  // the highest number that an index had so far: none is used twice
  Tags tags;
  std::optional<ResourcePolicy> policy;
  std::vector<Insights> insights;
  std::optional<Recovery> recovery;
  std::optional<RestoredFrom> restored;
  bool being_made = false;  // by a restore or an import: described, and nothing else, until all items are there
  std::optional<StreamView> stream;  // nothing: no stream is enabled
  std::string stream_label;          // of the latest stream, which may be over; "" = there never was one
  std::optional<ResourcePolicy> stream_policy;  // of that stream: it goes when another takes its place
  std::string ttl_attribute;         // "" = items do not expire
  bool ttl_filling = false;          // older items are being looked at: ENABLING

  // Whether each change of an item goes into the change log.
  bool keeps_changes() const { return stream.has_value() || recovery.has_value(); }
  // Whether something has to be done about it from time to time (Tables::start).
  bool needs_upkeep() const { return keeps_changes() || !ttl_attribute.empty(); }
  const IndexDefinition* index(std::string_view name) const;
};

// CreateTable's rules that look at several members at once. ValidationException with AWS's texts.
// Source: API Reference, CreateTable; messages as observed.
Result<void> check(const TableDefinition& table);
// The part of it that concerns one index to be added by UpdateTable.
Result<void> check_index(const TableDefinition& table, const IndexDefinition& index);

// The row of the `tables` family.
json::object to_json(const TableDefinition& table);
TableDefinition table_from_json(const json::object& document);

}  // namespace croft::dynamo
