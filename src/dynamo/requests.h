// What can be asked of the tables, and what they answer. Plain values; made by the DynamoDB service, by rule actions
// and by deployments.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "dynamo/capacity.h"
#include "dynamo/definition.h"
#include "dynamo/expressions/condition.h"
#include "dynamo/expressions/projection.h"
#include "dynamo/expressions/update.h"
#include "dynamo/written_items.h"

namespace croft::dynamo {

enum class ReturnValues { none, all_old, updated_old, all_new, updated_new };

struct PutItem {
  std::string table;
  Item item;
  std::optional<Condition> condition{};
  ReturnValues return_values = ReturnValues::none;  // or all_old
  bool item_in_failure = false;                     // ReturnValuesOnConditionCheckFailure: ALL_OLD
  bool inserts = false;  // PartiQL's INSERT: its condition fails because there is such an item, DuplicateItemException
  WrittenItems* tell = nullptr;  // here and below: gets what was written, before the answer
};

struct DeleteItem {
  std::string table;
  Item key;
  std::optional<Condition> condition{};
  ReturnValues return_values = ReturnValues::none;  // or all_old
  bool item_in_failure = false;
  WrittenItems* tell = nullptr;
};

struct UpdateItem {
  std::string table;
  Item key;
  std::optional<Update> update{};
  std::optional<Condition> condition{};
  ReturnValues return_values = ReturnValues::none;
  bool item_in_failure = false;
  bool limits_written = false;  // check_written_size() of item_rules.h
  WrittenItems* tell = nullptr;
};

struct GetItem {
  std::string table;
  Item key;
  std::optional<Projection> projection{};
  bool consistent = false;
};

struct Written {
  std::optional<Item> attributes{};  // as ReturnValues asked
  Capacity capacity{};
};

struct Found {
  std::optional<Item> item{};
  Capacity capacity{};
};

// Common to Query and Scan.
struct Reading {
  std::string table;
  std::string index{};  // "" = the table itself
  std::optional<Condition> filter{};
  bool legacy_filter = false;  // QueryFilter, for the text of a refusal
  std::optional<Projection> projection{};
  std::optional<std::uint32_t> limit{};
  std::optional<Item> start_key{};
  bool all_attributes = false;  // Select: ALL_ATTRIBUTES
  bool count_only = false;      // Select: COUNT
  bool as_json = false;         // Page::json instead of Page::items: written while other work of the shard may run
  bool consistent = false;
};

struct Query {
  Reading reading;
  Condition key_condition;
  bool forward = true;
};

struct Scan {
  Reading reading;
  std::uint32_t segment = 0;
  std::uint32_t segments = 1;
};

struct Page {
  std::vector<Item> items{};  // empty for count_only and as_json
  std::string json{};         // items as elements of a JSON array, without its brackets
  std::size_t count = 0;
  std::size_t scanned = 0;
  std::optional<Item> last_key{};
  Capacity capacity{};
};

struct BatchGet {
  struct Part {
    std::string table;
    std::vector<Item> keys;
    std::optional<Projection> projection{};
    bool consistent = false;
  };
  std::vector<Part> parts;
};

struct BatchGot {
  struct Part {
    std::string table;
    std::vector<Item> items{};
    std::vector<Item> unprocessed{};  // keys beyond the size of one answer
    Capacity capacity{};
  };
  std::vector<Part> parts{};
};

struct BatchWrite {
  struct Request {
    std::optional<Item> put{};  // or else
    Item erase{};               // the key of a deletion
  };
  struct Part {
    std::string table;
    std::vector<Request> requests;
  };
  std::vector<Part> parts;
  WrittenItems* tell = nullptr;
};

// One for each part, in their order.
struct BatchPartWritten {
  Capacity capacity{};
  std::vector<BatchWrite::Request> unprocessed{};  // the table had no throughput left for them
};
using BatchWritten = std::vector<BatchPartWritten>;

// An action of TransactWrite that changes nothing.
struct ConditionCheck {
  std::string table;
  Item key;
  Condition condition;
  bool item_in_failure = false;
};

// All of it or nothing, as one moment. ReturnValues of the actions are not looked at.
struct TransactWrite {
  using Action = std::variant<PutItem, UpdateItem, DeleteItem, ConditionCheck>;
  std::vector<Action> actions;
  std::string token{};        // ClientRequestToken; "" = none
  std::string fingerprint{};  // of the request, to tell another one with the same token
  WrittenItems* tell = nullptr;  // that of its actions is not looked at
};

struct TransactGet {
  std::vector<GetItem> gets;
};

// One entry for each table, in the order of the actions.
using CapacityByTable = std::vector<std::pair<std::string, Capacity>>;

struct TransactWritten {
  CapacityByTable capacity{};  // write units, or the read units of a repetition
  bool repeated = false;       // its token was used before: nothing was written
};

struct TransactGot {
  std::vector<std::optional<Item>> items{};  // in the order of the gets
  CapacityByTable capacity{};
};

// All items with one partition key in a table with local indexes, and their rows in those.
struct ItemCollection {
  Item key;  // the partition key alone
  std::uint64_t bytes = 0;
};

// StreamSpecification: which stream a table should have; nothing: none.
struct StreamWanted {
  std::optional<StreamView> view{};
};

// Members that are absent stay as they are.
struct UpdateTable {
  // What is told of an index beside its provisioned throughput; -1 for a maximum = not limited any more.
  struct IndexNotes {
    std::string index;
    std::optional<Throughput> on_demand_max{}, warm{};  // 0 in `warm` = as it is
  };

  std::string table;
  std::optional<bool> on_demand{};
  std::optional<Throughput> throughput{};
  std::optional<Throughput> on_demand_max{}, warm{};
  std::optional<bool> deletion_protection{};
  std::optional<std::string> table_class{};
  std::optional<std::string> encryption_key{};  // "" = AWS's own
  bool encryption_key_named = false;            // not just that there shall be one
  std::optional<StreamWanted> stream{};
  std::vector<KeyAttribute> attributes{};  // definitions that a new index needs
  std::optional<IndexDefinition> create_index{};
  std::optional<std::string> erase_index{};
  std::vector<std::pair<std::string, Throughput>> index_throughput{};
  std::vector<IndexNotes> index_notes{};
};

}  // namespace croft::dynamo
