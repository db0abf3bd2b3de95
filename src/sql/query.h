#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sql/context.h"
#include "sql/message.h"

namespace croft::sql {

struct Statement;  // syntax.h
class Trace;       // trace.h

// In a statement; both count from 1, columns in characters.
struct Position {
  int line = 0, column = 0;
};
// Where a SqlParseException of Query::compile says that it is.
std::optional<Position> position_of(const Error& error);

// The SET variables of one evaluation by name, without the @.
using Variables = std::vector<std::pair<std::string, Value>>;

// What a rule made of one message. Cheap to copy.
class Output {
 public:
  // SELECT *: the message as it came.
  explicit Output(Message message) : payload_(message.payload()), message_(std::move(message)) {}
  Output(SharedBytes json, Value value) : payload_(std::move(json)), value_(std::move(value)) {}

  // JSON text, or the message's own bytes for SELECT *. Empty when SELECT VALUE gave Undefined.
  const SharedBytes& payload() const { return payload_; }
  // The same as a value; Undefined for bytes that are no JSON object or array, and for an empty payload.
  const Value& value() const { return message_ ? message_->json() : value_; }
  bool is_json() const { return !value().is_undefined(); }

  // For Template::render.
  const Variables& variables() const { return variables_ ? *variables_ : no_variables(); }
  void set_variables(Variables variables) { variables_ = std::make_shared<const Variables>(std::move(variables)); }

 private:
  static const Variables& no_variables();

  SharedBytes payload_;
  std::optional<Message> message_;
  Value value_;
  std::shared_ptr<const Variables> variables_;
};

// A compiled rule statement. Immutable; copies share the tree. Threads: any.
class Query {
 public:
  // SqlParseException "line 1, column 8: expected ..., found ..."; also for an unknown function, an undeclared
  // variable, a feature of a later version, and everything croft does not run
  // (machinelearning_predict). InvalidRequestException for an unknown version. Functions called with a wrong number
  // of arguments are accepted and give Undefined, as AWS documents. `plain` keeps the tree as it was written, which
  // is slower: for explanations, and to compare the two.
  enum class Form : std::uint8_t { simplified, plain };
  static Result<Query> compile(std::string_view text, std::string_view sql_version, Form form = Form::simplified);

  // "" when the statement has no FROM (Basic Ingest only).
  const std::string& topic_filter() const;
  SqlVersion version() const;
  // Calls functions that ask Context::external; their names: aws_lambda, get_dynamodb, get_thing_shadow,
  // get_registry_data, get_secret, and decode for a protobuf.
  bool calls_external() const { return !externals().empty(); }
  const std::vector<std::string_view>& externals() const;
  // Looks into the payload: what is no JSON has none of what it looks for.
  bool reads_members() const;
  // Declared in SET, without the @.
  bool declares(std::string_view variable) const;

  // Nothing when WHERE is not true. Error: evaluation aborted (an external function failed, a limit was met); no
  // action runs then. FROM is not looked at: the caller matched the topic. SELECT * without WHERE costs one
  // reference count; it does not read the payload.
  Result<std::optional<Output>> evaluate(const Message& message, const Context& context) const;
  // The same, with each step; of a query in plain form.
  Result<std::optional<Output>> explain(const Message& message, const Context& context, Trace& trace) const;

 private:
  explicit Query(std::shared_ptr<const Statement> statement) : statement_(std::move(statement)) {}
  Result<std::optional<Output>> evaluate(const Message& message, const Context& context, Trace* trace) const;

  std::shared_ptr<const Statement> statement_;
};

}  // namespace croft::sql
