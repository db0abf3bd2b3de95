#include <algorithm>

#include "dynamo/errors.h"
#include "dynamo/item_rules.h"
#include "dynamo/partiql/compiler.h"
#include "services/dynamodb/partiql_handlers.h"
#include "services/dynamodb/partiql_requests.h"
#include "services/dynamodb/replies.h"
#include "services/dynamodb/request_reader.h"
#include "services/dynamodb/traced_writes.h"

namespace croft::services::dynamodb {

namespace {

namespace partiql = dynamo::partiql;

[[noreturn]] void refuse_statement(std::size_t index, const Error& error) {
  refuse(dynamo::validation_error("Validation failed in TransactStatements[" + std::to_string(index) +
                                  "]: " + error.message));
}

// The statements and, for those whose table is there, the table.
struct Transaction {
  std::vector<partiql::Statement> statements;
  std::vector<dynamo::OpenTablePtr> tables;
  std::vector<std::optional<Error>> faults;  // of each statement, to cancel it for

  void check() const {
    const auto is_fault = [](const std::optional<Error>& fault) { return fault.has_value(); };
    if (std::any_of(faults.begin(), faults.end(), is_fault)) refuse(dynamo::transaction_cancelled(faults));
  }
};

Transaction read_all(const dynamo::Tables& tables, const ExecuteTransactionInput& input) {
  Transaction out;
  for (const StatementInput& one : input.statements) one.parameters.value();
  bool reads = false, writes = false;
  for (std::size_t i = 0; i < input.statements.size(); ++i) {
    Result<partiql::Statement> statement = partiql::parse(input.statements[i].text);
    if (!statement) refuse_statement(i, statement.error());
    const Result<void> checked = partiql::check_parameters(*statement, *input.statements[i].parameters);
    if (!checked) refuse_statement(i, checked.error());
    (statement->reads() ? reads : writes) = true;
    out.statements.push_back(*std::move(statement));
  }
  if (reads && writes) {
    refuse(dynamo::validation_error(
        "ExecuteTransaction API does not support both read and write operations in the same request."));
  }
  out.faults.resize(out.statements.size());
  for (std::size_t i = 0; i < out.statements.size(); ++i) {
    out.tables.push_back(tables.open(out.statements[i].source().table));
    if (!out.tables.back()) out.faults[i] = dynamo::resource_not_found();
  }
  return out;
}

// What the schema says to an action's key.
Result<void> check_action_key(const dynamo::KeySchema& keys, const partiql::WritePlan& action) {
  if (const auto* put = std::get_if<dynamo::PutItem>(&action)) return dynamo::check_item_key(keys, put->item);
  if (const auto* update = std::get_if<dynamo::UpdateItem>(&action)) return dynamo::check_key(keys, update->key);
  if (const auto* erase = std::get_if<dynamo::DeleteItem>(&action)) return dynamo::check_key(keys, erase->key);
  return dynamo::check_key(keys, std::get<dynamo::ConditionCheck>(action).key);
}

dynamo::TransactWrite writes_of(Transaction& transaction, const ExecuteTransactionInput& input) {
  dynamo::TransactWrite out{.actions = {}, .token = input.token, .fingerprint = input.fingerprint};
  for (std::size_t i = 0; i < transaction.statements.size(); ++i) {
    if (!transaction.tables[i]) continue;
    const dynamo::TableDefinition& table = transaction.tables[i]->definition;
    Result<partiql::WritePlan> plan = partiql::compile_write(transaction.statements[i], *input.statements[i].parameters,
                                                             table, partiql::Surface::transaction);
    if (!plan) refuse_statement(i, plan.error());
    const Result<void> key = check_action_key(table.keys, *plan);
    if (!key) transaction.faults[i] = key.error();
    std::visit([&](auto& action) { action.item_in_failure = input.statements[i].item_in_failure; }, *plan);
    out.actions.push_back(*std::move(plan));
  }
  transaction.check();
  return out;
}

std::vector<partiql::ReadPlan> reads_of(Transaction& transaction, const ExecuteTransactionInput& input) {
  std::vector<partiql::ReadPlan> out;
  for (std::size_t i = 0; i < transaction.statements.size(); ++i) {
    if (!transaction.tables[i]) continue;
    const dynamo::TableDefinition& table = transaction.tables[i]->definition;
    const partiql::Select& select = std::get<partiql::Select>(transaction.statements[i].action);
    if (!select.source.index.empty()) {
      refuse_statement(i, dynamo::validation_error("Reads on indices are not supported within transactions."));
    }
    Result<partiql::ReadPlan> plan =
        partiql::compile_get(select, *input.statements[i].parameters, table, true, "ExecuteTransaction");
    if (!plan) refuse_statement(i, plan.error());
    const Result<void> key = dynamo::check_key(table.keys, *plan->key);
    if (!key) transaction.faults[i] = key.error();
    out.push_back(*std::move(plan));
  }
  transaction.check();
  return out;
}

Task<gateway::Reply> read_transaction(dynamo::Tables& tables, std::vector<partiql::ReadPlan> plans,
                                      CapacityWanted capacity) {
  dynamo::TransactGet request;
  for (const partiql::ReadPlan& plan : plans) {
    request.gets.push_back({.table = plan.table, .key = *plan.key, .projection = std::nullopt, .consistent = true});
  }
  Result<dynamo::TransactGot> got = co_await tables.transact_get(std::move(request));
  for (std::size_t i = 0; i < got.value().items.size(); ++i) {
    if (got->items[i]) got->items[i] = partiql::chosen(plans[i].columns, *std::move(got->items[i]));
  }
  co_return reply_transact_got(*got, capacity);
}

}  // namespace

Task<gateway::Reply> execute_transaction(dynamo::Tables& tables, gateway::Call& call) {
  const ExecuteTransactionInput input = read_execute_transaction(call.input);
  Transaction transaction = read_all(tables, input);
  if (transaction.statements.front().reads()) {
    std::vector<partiql::ReadPlan> plans = reads_of(transaction, input);
    gateway::Reply reply = co_await read_transaction(tables, std::move(plans), input.capacity);
    co_return reply;
  }
  dynamo::TransactWrite request = writes_of(transaction, input);
  TracedWrites traced(call, "");
  request.tell = traced.list();
  Result<dynamo::TransactWritten> written = co_await tables.transact_write(std::move(request));
  traced.tell();
  gateway::Reply reply = reply_transact_written(written.value(), input.capacity, {});
  reply.output["Responses"] = json::array();
  co_return reply;
}

}  // namespace croft::services::dynamodb
