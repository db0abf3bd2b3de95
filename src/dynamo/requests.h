// What can be asked of the tables, and what they answer. Plain values; made by the DynamoDB service, by rule actions
// and by deployments.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dynamo/capacity.h"
#include "dynamo/definition.h"
#include "dynamo/expressions/condition.h"
#include "dynamo/expressions/projection.h"
#include "dynamo/expressions/update.h"

namespace croft::dynamo {

enum class ReturnValues { none, all_old, updated_old, all_new, updated_new };

struct PutItem {
  std::string table;
  Item item;
  std::optional<Condition> condition{};
  ReturnValues return_values = ReturnValues::none;  // or all_old
  bool item_in_failure = false;                     // ReturnValuesOnConditionCheckFailure: ALL_OLD
};

struct DeleteItem {
  std::string table;
  Item key;
  std::optional<Condition> condition{};
  ReturnValues return_values = ReturnValues::none;  // or all_old
  bool item_in_failure = false;
};

struct UpdateItem {
  std::string table;
  Item key;
  std::optional<Update> update{};
  std::optional<Condition> condition{};
  ReturnValues return_values = ReturnValues::none;
  bool item_in_failure = false;
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
  std::optional<Projection> projection{};
  std::optional<std::uint32_t> limit{};
  std::optional<Item> start_key{};
  bool all_attributes = false;  // Select: ALL_ATTRIBUTES
  bool count_only = false;      // Select: COUNT
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
  std::vector<Item> items{};  // empty for count_only
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
};

// One for each part, in their order.
using BatchWritten = std::vector<Capacity>;

// Members that are absent stay as they are.
struct UpdateTable {
  std::string table;
  std::optional<bool> on_demand{};
  std::optional<Throughput> throughput{};
  std::optional<bool> deletion_protection{};
  std::optional<std::string> table_class{};
  std::vector<KeyAttribute> attributes{};  // definitions that a new index needs
  std::optional<IndexDefinition> create_index{};
  std::optional<std::string> erase_index{};
  std::vector<std::pair<std::string, Throughput>> index_throughput{};
};

}  // namespace croft::dynamo
