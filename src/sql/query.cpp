#include "sql/query.h"

#include <algorithm>
#include <cstdio>

#include "sql/binder.h"
#include "sql/children.h"
#include "sql/evaluator.h"
#include "sql/parser.h"
#include "sql/simplifier.h"

namespace croft::sql {
namespace {

Error too_large(const std::string& what, std::size_t bytes) {
  return {"RuleExecutionFailure", what + " is larger than " + std::to_string(bytes) + " bytes"};
}

// SET, in order; each variable sees those before it.
Result<Variables> set_variables(const Statement& statement, Evaluator& evaluator, Trace* trace) {
  Variables variables;
  std::size_t total = 0;
  for (const Statement::Variable& each : statement.variables) {
    if (trace) trace->begin("SET @" + each.name);
    Value value = evaluator.evaluate(*each.value);
    if (evaluator.failure()) return *evaluator.failure();
    const std::optional<std::string> text = write_json(value, statement.version, limits::variable_bytes_max);
    if (!text) return too_large("@" + each.name, limits::variable_bytes_max);
    total += text->size();
    if (total > limits::variable_bytes_max) return too_large("SET", limits::variable_bytes_max);
    variables.emplace_back(each.name, value);
    evaluator.add_variable(std::move(value));
  }
  return variables;
}

Result<Output> selected(const Statement& statement, Evaluator& evaluator, const Message& message) {
  if (statement.projection.is_star()) return Output(message);
  Value value = evaluator.project(statement.projection);
  if (evaluator.failure()) return *evaluator.failure();
  // Arrays at the top came with 2016-03-23.
  if (value.is_array() && statement.version == SqlVersion::v2015_10_08) value = Value();
  std::optional<std::string> json = write_json(value, statement.version, limits::output_bytes_max);
  if (!json) return too_large("the result", limits::output_bytes_max);
  return Output(SharedBytes(std::move(*json)), std::move(value));
}

void note_needs(Statement& statement, const ExpressionPtr& expression) {
  if (!expression) return;
  if (std::holds_alternative<Name>(expression->node) || std::holds_alternative<PayloadPath>(expression->node))
    statement.reads_members = true;
  for_each_child(*expression, [&](const ExpressionPtr& child) { note_needs(statement, child); });
}

void note_needs(Statement& statement) {
  for (const Statement::Variable& variable : statement.variables) note_needs(statement, variable.value);
  for (const Projection::Item& item : statement.projection.items) note_needs(statement, item.expression);
  note_needs(statement, statement.where);
}

}  // namespace

std::optional<Position> position_of(const Error& error) {
  Position position;
  if (error.code != "SqlParseException") return std::nullopt;
  if (std::sscanf(error.message.c_str(), "line %d, column %d:", &position.line, &position.column) != 2)
    return std::nullopt;
  return position;
}

const Variables& Output::no_variables() {
  static const Variables none;
  return none;
}

Result<Query> Query::compile(std::string_view text, std::string_view sql_version, Form form) {
  const std::optional<SqlVersion> version = sql_version_from(sql_version);
  if (!version) {
    return Error{"InvalidRequestException", "awsIotSqlVersion must be 2015-10-08, 2016-03-23 or beta"};
  }
  Result<Statement> statement = parse_statement(text, *version);
  if (!statement) return statement.error();
  if (std::optional<Error> refused = bind_statement(*statement, text)) return *refused;
  if (form == Form::simplified) simplify(*statement);
  note_needs(*statement);
  return Query(std::make_shared<const Statement>(std::move(*statement)));
}

const std::string& Query::topic_filter() const { return statement_->topic_filter; }
SqlVersion Query::version() const { return statement_->version; }
const std::vector<std::string_view>& Query::externals() const {
  return statement_->externals;
}

bool Query::reads_members() const {
  return statement_->reads_members;
}

bool Query::declares(std::string_view variable) const {
  return std::any_of(statement_->variables.begin(), statement_->variables.end(),
                     [&](const Statement::Variable& each) { return each.name == variable; });
}

Result<std::optional<Output>> Query::evaluate(const Message& message, const Context& context) const {
  if (!statement_->where && statement_->variables.empty() && statement_->projection.is_star())
    return std::optional(Output(message));
  return evaluate(message, context, nullptr);
}

Result<std::optional<Output>> Query::explain(const Message& message, const Context& context, Trace& trace) const {
  return evaluate(message, context, &trace);
}

Result<std::optional<Output>> Query::evaluate(const Message& message, const Context& context, Trace* trace) const {
  Evaluator evaluator(statement_->version, message, context);
  if (trace)
    evaluator.explain_to(*trace);
  else if (!calls_external())
    evaluator.be_lazy();
  Result<Variables> variables = set_variables(*statement_, evaluator, trace);
  if (!variables) return variables.error();
  if (statement_->where) {
    if (trace) trace->begin("WHERE");
    const bool matched = evaluator.is_true(*statement_->where);
    if (evaluator.failure()) return *evaluator.failure();
    if (!matched) return std::optional<Output>();
  }
  if (trace) trace->begin("SELECT");
  Result<Output> output = selected(*statement_, evaluator, message);
  if (!output) return output.error();
  if (!variables->empty()) output->set_variables(std::move(*variables));
  return std::optional<Output>(std::move(*output));
}

}  // namespace croft::sql
