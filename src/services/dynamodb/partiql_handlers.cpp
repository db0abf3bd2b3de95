#include "services/dynamodb/partiql_handlers.h"

#include "dynamo/errors.h"
#include "dynamo/partiql/compiler.h"
#include "dynamo/partiql/next_token.h"
#include "dynamo/partiql/reading.h"
#include "services/dynamodb/partiql_replies.h"
#include "services/dynamodb/partiql_requests.h"
#include "services/dynamodb/request_reader.h"
#include "services/dynamodb/traced_writes.h"

namespace croft::services::dynamodb {

namespace {

namespace partiql = dynamo::partiql;

// The statement, its parameters looked at first.
Result<partiql::Statement> parsed(const StatementInput& input) {
  if (!input.parameters) return input.parameters.error();
  Result<partiql::Statement> statement = partiql::parse(input.text);
  if (!statement) return statement;
  const Result<void> checked = partiql::check_parameters(*statement, *input.parameters);
  if (!checked) return checked.error();
  if (std::holds_alternative<partiql::Exists>(statement->action)) {
    return dynamo::validation_error("EXISTS can only be used in ExecuteTransaction write requests.");
  }
  return statement;
}

// What a NextToken is bound to.
std::string request_of(const StatementInput& input) { return input.text + '\0' + input.parameters_text; }

// A duplicate is told without its item.
Task<Result<dynamo::Written>> write(dynamo::Tables& tables, partiql::WritePlan plan, bool item_in_failure,
                                    dynamo::WrittenItems* tell) {
  if (auto* put = std::get_if<dynamo::PutItem>(&plan)) {
    put->tell = tell;
    Result<dynamo::Written> written = co_await tables.put(std::move(*put));
    co_return written;
  }
  std::visit([&](auto& action) { action.item_in_failure = item_in_failure; }, plan);
  if (auto* update = std::get_if<dynamo::UpdateItem>(&plan)) {
    update->tell = tell;
    Result<dynamo::Written> written = co_await tables.update(std::move(*update));
    co_return written;
  }
  auto& erase = std::get<dynamo::DeleteItem>(plan);
  erase.tell = tell;
  Result<dynamo::Written> written = co_await tables.erase(std::move(erase));
  co_return written;
}

Task<StatementAnswer> answer_read(dynamo::Tables& tables, const dynamo::TableDefinition& table,
                                  const partiql::Statement& statement, const StatementInput& input) {
  StatementAnswer out{table.name};
  Result<partiql::ReadPlan> plan = partiql::compile_get(std::get<partiql::Select>(statement.action), *input.parameters,
                                                        table, input.consistent, "BatchExecuteStatement");
  if (!plan) {
    out.error = plan.error();
    co_return out;
  }
  Result<partiql::Selected> selected = co_await partiql::read(tables, *std::move(plan), std::nullopt, {});
  if (!selected) {
    out.error = selected.error();
    co_return out;
  }
  out.capacity = std::move(selected->capacity);
  if (!selected->items.empty()) out.item = std::move(selected->items.front());
  co_return out;
}

Task<StatementAnswer> answer_write(dynamo::Tables& tables, const dynamo::TableDefinition& table,
                                   const partiql::Statement& statement, const StatementInput& input,
                                   dynamo::WrittenItems* tell) {
  StatementAnswer out{table.name};
  Result<partiql::WritePlan> plan =
      partiql::compile_write(statement, *input.parameters, table, partiql::Surface::batch);
  if (!plan) {
    out.error = plan.error();
    co_return out;
  }
  Result<dynamo::Written> written = co_await write(tables, *std::move(plan), input.item_in_failure, tell);
  if (!written) {
    out.error = written.error();
    co_return out;
  }
  out.capacity = std::move(written->capacity);
  out.item = std::move(written->attributes);
  co_return out;
}

Task<StatementAnswer> answer(dynamo::Tables& tables, const Result<partiql::Statement>& statement,
                             const StatementInput& input, dynamo::WrittenItems* tell) {
  StatementAnswer out;
  if (!statement) {
    out.error = statement.error();
    co_return out;
  }
  const dynamo::OpenTablePtr table = tables.open(statement->source().table);
  if (!table) {
    out.error = dynamo::resource_not_found();
    co_return out;
  }
  if (statement->reads()) out = co_await answer_read(tables, table->definition, *statement, input);
  else out = co_await answer_write(tables, table->definition, *statement, input, tell);
  co_return out;
}

Task<gateway::Reply> select(dynamo::Tables& tables, const dynamo::TableDefinition& table,
                            const partiql::Statement& statement, const ExecuteStatementInput& input) {
  const std::string request = request_of(input.statement);
  partiql::ReadPlan plan = partiql::compile(std::get<partiql::Select>(statement.action), *input.statement.parameters, table,
                                            input.statement.consistent)
                               .value();
  partiql::Resume from;
  if (input.next_token) from = partiql::resume_of(*input.next_token, request).value();
  Result<partiql::Selected> selected = co_await partiql::read(tables, std::move(plan), input.limit, std::move(from));
  std::optional<std::string> next;
  if (selected.value().next) next = partiql::next_token(*selected->next, request);
  co_return reply_statement(*selected, next, table.name, input.capacity);
}

}  // namespace

Task<gateway::Reply> execute_statement(dynamo::Tables& tables, gateway::Call& call) {
  const ExecuteStatementInput input = read_execute_statement(call.input);
  const partiql::Statement statement = parsed(input.statement).value();
  const dynamo::OpenTablePtr table = tables.open(statement.source().table);
  if (!table) refuse(dynamo::resource_not_found());
  if (statement.reads()) {
    gateway::Reply reply = co_await select(tables, table->definition, statement, input);
    co_return reply;
  }
  partiql::WritePlan plan = partiql::compile_write(statement, *input.statement.parameters, table->definition,
                                                   partiql::Surface::single)
                                .value();
  TracedWrites traced(call, table->definition.name);
  Result<dynamo::Written> written = co_await write(tables, std::move(plan), input.statement.item_in_failure, traced.list());
  traced.tell();
  partiql::Selected selected;
  if (written.value().attributes) selected.items.push_back(*std::move(written->attributes));
  selected.capacity = std::move(written->capacity);
  co_return reply_statement(selected, std::nullopt, table->definition.name, input.capacity);
}

// One statement after the other; what one refuses does not keep the next from running.
Task<gateway::Reply> batch_execute_statement(dynamo::Tables& tables, gateway::Call& call) {
  const BatchExecuteInput input = read_batch_execute(call.input);
  std::vector<Result<partiql::Statement>> statements;
  bool reads = false, writes = false;
  for (const StatementInput& one : input.statements) {
    statements.push_back(parsed(one));
    if (statements.back()) (statements.back()->reads() ? reads : writes) = true;
  }
  if (reads && writes) {
    refuse(dynamo::validation_error("Read and write requests together in the same batch is not supported."));
  }
  std::optional<TracedWrites> traced;
  if (writes) traced.emplace(call, "");
  std::vector<StatementAnswer> answers;
  for (std::size_t i = 0; i < statements.size(); ++i) {
    StatementAnswer one = co_await answer(tables, statements[i], input.statements[i], traced ? traced->list() : nullptr);
    answers.push_back(std::move(one));
  }
  if (traced) traced->tell();
  co_return reply_batch_statements(answers, input.capacity);
}

}  // namespace croft::services::dynamodb
