#include "dynamo/attribute_json.h"
#include "dynamo/errors.h"
#include "dynamo/item_rules.h"
#include "dynamo/partiql/compiler.h"
#include "services/dynamodb/partiql_handlers.h"
#include "services/dynamodb/partiql_requests.h"
#include "services/dynamodb/replies.h"
#include "services/dynamodb/request_reader.h"

namespace croft::services::dynamodb {

namespace {

namespace partiql = dynamo::partiql;

struct Reason {
  std::string code = "None";
  std::string message{};
  std::string item{};  // JSON, when it was asked for
};

// TransactionCanceledException.
Error cancelled(const std::vector<Reason>& reasons) {
  std::string codes, details;
  for (const Reason& reason : reasons) {
    codes += (codes.empty() ? "" : ", ") + reason.code;
    details += (details.empty() ? "{\"Code\":\"" : ",{\"Code\":\"") + reason.code + "\"";
    if (!reason.message.empty()) json::append_string(details += ",\"Message\":", reason.message);
    if (!reason.item.empty()) details += ",\"Item\":" + reason.item;
    details += '}';
  }
  return {"TransactionCanceledException",
          "Transaction cancelled, please refer cancellation reasons for specific reasons [" + codes + "]", 400,
          "{\"CancellationReasons\":[" + details + "]}"};
}

// An INSERT's condition that failed is a duplicate.
Error told_as_duplicates(Error error, const std::vector<bool>& inserts) {
  if (error.code != "TransactionCanceledException") return error;
  const Result<json::value> details = json::parse(error.details);
  const json::array* told = details ? json::find(details->get_object(), "CancellationReasons")->if_array() : nullptr;
  if (!told || told->size() != inserts.size()) return error;
  std::vector<Reason> reasons;
  for (std::size_t i = 0; i < inserts.size(); ++i) {
    const json::object& one = (*told)[i].get_object();
    Reason reason{std::string(json::string_or(one, "Code", "None")), std::string(json::string_or(one, "Message", ""))};
    if (const json::value* item = json::find(one, "Item")) reason.item = json::dump(*item);
    if (inserts[i] && reason.code == "ConditionalCheckFailed") {
      reason = {"DuplicateItem", "Duplicate primary key exists in table", reason.item};
    }
    reasons.push_back(std::move(reason));
  }
  return cancelled(reasons);
}

[[noreturn]] void refuse_statement(std::size_t index, const Error& error) {
  refuse(dynamo::validation_error("Validation failed in TransactStatements[" + std::to_string(index) +
                                  "]: " + error.message));
}

// The statements and, for those whose table is there, the table.
struct Transaction {
  std::vector<partiql::Statement> statements;
  std::vector<dynamo::OpenTablePtr> tables;
  std::vector<Reason> reasons;  // to cancel it for
  bool refused = false;         // one of them is no "None"

  void refuse_one(std::size_t index, std::string code, std::string message) {
    reasons[index] = {std::move(code), std::move(message)};
    refused = true;
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
  out.reasons.resize(out.statements.size());
  for (std::size_t i = 0; i < out.statements.size(); ++i) {
    out.tables.push_back(tables.open(out.statements[i].source().table));
    if (!out.tables.back()) out.refuse_one(i, "ResourceNotFound", "Requested resource not found");
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
    if (!key) transaction.refuse_one(i, "ValidationError", key.error().message);
    std::visit([&](auto& action) { action.item_in_failure = input.statements[i].item_in_failure; }, *plan);
    out.actions.push_back(*std::move(plan));
  }
  if (transaction.refused) refuse(cancelled(transaction.reasons));
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
    if (!key) transaction.refuse_one(i, "ValidationError", key.error().message);
    out.push_back(*std::move(plan));
  }
  if (transaction.refused) refuse(cancelled(transaction.reasons));
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
  std::vector<bool> inserts;
  for (const partiql::Statement& one : transaction.statements) {
    inserts.push_back(std::holds_alternative<partiql::Insert>(one.action));
  }
  dynamo::TransactWrite request = writes_of(transaction, input);
  Result<dynamo::TransactWritten> written = co_await tables.transact_write(std::move(request));
  if (!written) refuse(told_as_duplicates(written.error(), inserts));
  gateway::Reply reply = reply_transact_written(*written, input.capacity, {});
  reply.output["Responses"] = json::array();
  co_return reply;
}

}  // namespace croft::services::dynamodb
