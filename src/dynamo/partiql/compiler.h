// From a statement to the requests that Tables answers.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "dynamo/definition.h"
#include "dynamo/expressions/key_condition.h"
#include "dynamo/partiql/literal.h"
#include "dynamo/partiql/statement.h"
#include "dynamo/requests.h"

namespace croft::dynamo::partiql {

// How a SELECT is answered.
struct ReadPlan {
  std::string table;
  std::string index{};
  KeySchema keys{};                     // of the table or index
  std::optional<Item> key{};            // the item's whole key: a GetItem
  std::vector<KeyCondition> reads{};    // otherwise Queries in this order; none: a Scan
  std::optional<Condition> filter{};    // the whole WHERE; on what the index holds
  std::vector<Column> columns{};        // none: all
  std::vector<std::string> attributes{};  // what rows of an index must hold for columns and filter; none: all it holds
  bool consistent = false;
  bool forward = true;
};

// The item as the columns choose it.
Item chosen(const std::vector<Column>& columns, Item item);

using WritePlan = TransactWrite::Action;

// Where a statement runs. In a transaction the key of a write is not judged here: it becomes the reason of a cancellation.
enum class Surface { single, batch, transaction };

// ValidationException with AWS's texts. The parameters are as many as the statement has.
Result<ReadPlan> compile(const Select& select, const Parameters& parameters, const TableDefinition& table, bool consistent);
// A read of one item by its whole key and nothing else, as batches and transactions have it; `operation` is which of the
// two refuses all others. The key's types are not judged.
Result<ReadPlan> compile_get(const Select& select, const Parameters& parameters, const TableDefinition& table,
                             bool consistent, std::string_view operation);
Result<WritePlan> compile(const Insert& insert, const Parameters& parameters, const TableDefinition& table, Surface surface);
Result<WritePlan> compile(const UpdateStatement& update, const Parameters& parameters, const TableDefinition& table,
                          Surface surface);
Result<WritePlan> compile(const Delete& erase, const Parameters& parameters, const TableDefinition& table, Surface surface);
Result<WritePlan> compile(const Exists& exists, const Parameters& parameters, const TableDefinition& table);

// Any write of the four.
Result<WritePlan> compile_write(const Statement& statement, const Parameters& parameters, const TableDefinition& table,
                                Surface surface);

// "Number of parameters in request and statement don't match."
Result<void> check_parameters(const Statement& statement, const Parameters& parameters);

}  // namespace croft::dynamo::partiql
