#pragma once

#include <forward_list>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sql/context.h"
#include "sql/limits.h"
#include "sql/message.h"
#include "sql/syntax.h"
#include "sql/trace.h"

namespace croft::sql {

// Computes expressions for one message. After a failure (an external function, a limit) every value is Undefined and
// failure() says why; whoever started the evaluation asks at its end.
class Evaluator {
 public:
  Evaluator(SqlVersion version, const Message& message, const Context& context);

  Value evaluate(const Expression& expression);
  // The result of SELECT over the current element.
  Value project(const Projection& projection);
  bool is_true(const Expression& condition);
  // From now on what cannot change an answer is not computed. Not for statements that ask other services: they ask
  // all.
  void be_lazy() { is_lazy_ = true; }
  // Each step goes there, too. For trees that simplify() has not seen.
  void explain_to(Trace& trace) { trace_ = &trace; }
  // The next variable of SET has this value.
  void add_variable(Value value) { variables_.push_back(std::move(value)); }

  const std::optional<Error>& failure() const { return failure_; }

  // For functions.
  SqlVersion version() const { return version_; }
  const Context& context() const { return context_; }
  // get_or_default may catch it, unless the code is external_pending.
  void fail(Error error);
  // Counts work done and bytes made; false, and a failure, when the message has cost too much.
  bool charge(std::size_t units);
  // A function that may be called once for each statement: false, and a failure, the second time.
  enum class Once : std::uint8_t { get_dynamodb, get_registry_data };
  bool claim(Once function);

 private:
  // Of the nested query being computed; the message itself has neither.
  struct Scope {
    const Value* element = nullptr;
    const std::string* alias = nullptr;
  };

  // A value that lives in the payload, in a variable or in the tree is borrowed; any other is computed into
  // `temporary`. Never null.
  const Value& borrow(const Expression& expression, Value& temporary);
  const Value& found(const Expression& expression, Value& temporary);
  const Value& traced(const Expression& expression, Value& temporary);
  const Value& element() const { return scope_.element ? *scope_.element : message_.json(); }
  const Value& named(const std::string& name) const;
  const Value& member(const PayloadPath& path, Value& temporary);
  const Value& part(const PayloadIndex& index, const PayloadIndex::Entry& entry, const PayloadPath& path);
  void fail_for_good(std::string message);

  // To Boolean of an expression, without making values on the way.
  std::optional<bool> truth(const Expression& expression);
  std::optional<bool> truth(const Operation& operation);
  std::optional<bool> compared(const Operation& operation);
  std::optional<bool> is_same_text(const Operation& operation) const;
  bool charge_aggregate(const Value& value);

  Value compute(const Expression& expression);
  Value operation(const Operation& operation);
  Value branch(const Case& node);
  Value array(const ArrayLiteral& literal);
  Value object(const ObjectLiteral& literal);
  Value call(const Call& call);
  Value argument(const Call& call, std::size_t i);
  void spread(Object& out, const Value& value);
  void place(Object& out, std::span<const std::string> path, Value value);
  Value subselect(const Subselect& select);
  Value subselect_each(const Subselect& select, const Array& elements);
  bool exists(const Exists& node);

  SqlVersion version_;
  const Message& message_;
  const Context& context_;
  std::vector<Value> variables_;
  // Arrays and objects of the payload that were made, by where they begin.
  std::forward_list<std::pair<std::uint32_t, Value>> parts_;
  std::size_t part_count_ = 0;
  bool is_lazy_ = false;
  Trace* trace_ = nullptr;
  Scope scope_;
  std::int64_t work_left_ = limits::work_max;
  bool claimed_[2] = {};
  std::optional<Error> failure_;
  bool failure_is_final_ = false;  // not for get_or_default to catch
};

}  // namespace croft::sql
