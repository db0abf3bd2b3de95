#pragma once

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
  std::uint16_t number = 0;  // within its table; part of its rows' keys
  bool backfilling = false;  // not yet readable: rows of older items are being made

  bool holds(std::string_view attribute, const KeySchema& table) const;
};

using Tags = std::vector<std::pair<std::string, std::string>>;

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
  Throughput throughput;
  bool deletion_protection = false;
  std::string table_class;  // "" = never said
  std::vector<IndexDefinition> indexes;
  Tags tags;

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
