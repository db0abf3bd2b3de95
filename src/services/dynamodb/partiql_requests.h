// The inputs of the operations that take PartiQL statements.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dynamo/partiql/literal.h"
#include "services/dynamodb/item_requests.h"
#include "text/json.h"

namespace croft::services::dynamodb {

struct StatementInput {
  std::string text;
  Result<dynamo::partiql::Parameters> parameters;  // or what is wrong with one of them
  std::string parameters_text{};                   // as they came
  bool consistent = false;
  bool item_in_failure = false;  // ReturnValuesOnConditionCheckFailure: ALL_OLD
};

struct ExecuteStatementInput {
  StatementInput statement;
  std::optional<std::uint32_t> limit{};
  std::optional<std::string> next_token{};
  CapacityWanted capacity = CapacityWanted::none;
};

struct BatchExecuteInput {
  std::vector<StatementInput> statements;
  CapacityWanted capacity = CapacityWanted::none;
};

struct ExecuteTransactionInput {
  std::vector<StatementInput> statements;
  std::string token{};
  std::string fingerprint{};
  CapacityWanted capacity = CapacityWanted::none;
};

ExecuteStatementInput read_execute_statement(const json::object& input);
BatchExecuteInput read_batch_execute(const json::object& input);
ExecuteTransactionInput read_execute_transaction(const json::object& input);

}  // namespace croft::services::dynamodb
