#include "sql/evaluator.h"

#include <algorithm>

#include "sql/functions/function.h"

namespace croft::sql {
namespace {

const Value undefined;

// Nodes in a value, as far as `most`.
std::size_t weight(const Value& value, std::size_t most) {
  std::size_t total = 1;
  if (value.is_array()) {
    for (const Value& element : value.as_array()) {
      if (total >= most) return total;
      total += weight(element, most - total);
    }
  } else if (value.is_object()) {
    for (const auto& [name, member] : value.as_object().members()) {
      if (total >= most) return total;
      total += weight(member, most - total);
    }
  } else if (value.is_string()) {
    total += value.as_string().size() / 16;
  }
  return total;
}

}  // namespace

Evaluator::Evaluator(SqlVersion version, const Message& message, const Context& context)
    : version_(version), message_(message), context_(context) {}

void Evaluator::fail(Error error) {
  if (failure_) return;
  failure_is_final_ = error.code == external_pending;
  failure_ = std::move(error);
}

void Evaluator::fail_for_good(std::string message) {
  failure_ = Error{"RuleExecutionFailure", std::move(message)};
  failure_is_final_ = true;
}

bool Evaluator::charge(std::size_t units) {
  if (failure_) return false;
  work_left_ -= static_cast<std::int64_t>(std::min<std::size_t>(units, limits::work_max + 1));
  if (work_left_ >= 0) return true;
  fail_for_good("the statement does too much work for one message");
  return false;
}

bool Evaluator::claim(Once function) {
  bool& claimed = claimed_[static_cast<std::size_t>(function)];
  if (!claimed) return claimed = true;
  const char* name = function == Once::get_dynamodb ? "get_dynamodb" : "get_registry_data";
  if (!failure_) fail_for_good(std::string(name) + " may be called once for each statement");
  return false;
}

const Value& Evaluator::named(const std::string& name) const {
  if (scope_.alias && !scope_.alias->empty() && *scope_.alias == name) return element();
  const Value* member = element().find(name);
  return member ? *member : undefined;
}

const Value& Evaluator::borrow(const Expression& expression, Value& temporary) {
  if (failure_) return undefined;
  if (const auto* name = std::get_if<Name>(&expression.node)) return named(name->name);
  if (const auto* literal = std::get_if<Literal>(&expression.node)) return literal->value;
  if (std::holds_alternative<Star>(expression.node)) return element();
  if (const auto* variable = std::get_if<VariableReference>(&expression.node)) {
    return variable->slot < variables_.size() ? variables_[variable->slot] : undefined;
  }
  if (const auto* member = std::get_if<Member>(&expression.node)) {
    const Value* found = borrow(*member->object, temporary).find(member->name);
    return found ? *found : undefined;
  }
  temporary = compute(expression);
  return temporary;
}

Value Evaluator::evaluate(const Expression& expression) {
  Value temporary;
  const Value& value = borrow(expression, temporary);
  if (!charge(value.is_string() ? 1 + value.as_string().size() : 1)) return Value();
  return &value == &temporary ? std::move(temporary) : value;
}

bool Evaluator::is_true(const Expression& condition) {
  Value temporary;
  return to_boolean(borrow(condition, temporary)).value_or(false) && !failure_;
}

// Of the kinds that borrow() does not answer itself.
Value Evaluator::compute(const Expression& expression) {
  if (!charge(1)) return Value();
  const auto& node = expression.node;
  if (const auto* op = std::get_if<Operation>(&node)) return operation(*op);
  if (const auto* each = std::get_if<Call>(&node)) return call(*each);
  if (const auto* each = std::get_if<Not>(&node)) return logical_not(evaluate(*each->operand));
  if (const auto* each = std::get_if<Negation>(&node)) return negated(evaluate(*each->operand));
  if (const auto* each = std::get_if<sql::Cast>(&node)) return cast(evaluate(*each->operand), each->type, version_);
  if (const auto* each = std::get_if<Case>(&node)) return branch(*each);
  if (const auto* each = std::get_if<ArrayLiteral>(&node)) return array(*each);
  if (const auto* each = std::get_if<ObjectLiteral>(&node)) return object(*each);
  if (const auto* each = std::get_if<Subselect>(&node)) return subselect(*each);
  if (const auto* each = std::get_if<Exists>(&node)) return Value::boolean(exists(*each));
  return Value();
}

Value Evaluator::operation(const Operation& node) {
  Value left_temporary, right_temporary;
  const Value& left = borrow(*node.left, left_temporary);
  const Value& right = borrow(*node.right, right_temporary);
  for (const Value* side : {&left, &right}) {
    if ((side->is_array() || side->is_object()) && !charge(weight(*side, limits::work_max))) return Value();
  }
  Value result = apply(node.op, left, right, version_);
  if (result.is_string() && !charge(result.as_string().size())) return Value();
  return result;
}

Value Evaluator::branch(const Case& node) {
  Value temporary;
  const Value& subject = borrow(*node.subject, temporary);
  if (subject.is_undefined()) return Value();
  for (const Case::Branch& each : node.branches) {
    Value when_temporary;
    const Value& when = borrow(*each.when, when_temporary);
    if (!charge(when.is_array() || when.is_object() ? weight(when, limits::work_max) : 1)) return Value();
    if (!when.is_undefined() && equals(subject, when)) return evaluate(*each.then);
  }
  return node.otherwise ? evaluate(*node.otherwise) : Value();
}

Value Evaluator::array(const ArrayLiteral& literal) {
  Array elements;
  elements.reserve(literal.elements.size());
  for (const ExpressionPtr& element : literal.elements) elements.push_back(evaluate(*element));
  return Value::array(std::move(elements));
}

Value Evaluator::object(const ObjectLiteral& literal) {
  Object members;
  for (const auto& [name, value] : literal.members) members.append(name, evaluate(*value));
  members.drop_repeated();
  return Value::object(std::move(members));
}

Value Evaluator::argument(const Call& call, std::size_t i) {
  const Expression& expression = *call.arguments[i];
  if (call.function->raw_star && !scope_.element && std::holds_alternative<Star>(expression.node)) {
    if (!charge(message_.payload().size())) return Value();
    return Value::string(message_.payload().str());
  }
  Value value = evaluate(expression);
  if (i == 0 && call.function->absorbs_failure && failure_ && !failure_is_final_) failure_.reset();
  return value;
}

Value Evaluator::call(const Call& call) {
  const int count = static_cast<int>(call.arguments.size());
  if (count < call.function->arguments_min || count > call.function->arguments_max) return Value();
  std::vector<Value> arguments;
  arguments.reserve(call.arguments.size());
  for (std::size_t i = 0; i < call.arguments.size(); ++i) arguments.push_back(argument(call, i));
  if (failure_) return Value();
  Value result = call.function->run({arguments, call, *this});
  if (failure_) return Value();
  if (result.is_string() && !charge(result.as_string().size())) return Value();
  return result;
}

// `FROM *` wraps the payload's one object in an array; FROM of a path to an object gives the one result itself.
Value Evaluator::subselect(const Subselect& select) {
  const Value source = evaluate(*select.source);
  if (source.is_array()) return subselect_each(select, source.as_array());
  if (!source.is_object()) return Value();
  if (std::holds_alternative<Star>(select.source->node)) return subselect_each(select, {source});
  const Value one = subselect_each(select, {source});
  return one.is_array() && !one.as_array().empty() ? one.as_array()[0] : Value();
}

Value Evaluator::subselect_each(const Subselect& select, const Array& elements) {
  const Scope outer = scope_;
  Array results;
  for (const Value& element : elements) {
    if (!charge(1)) break;
    scope_ = {&element, &select.alias};
    if (select.where && !is_true(*select.where)) continue;
    results.push_back(project(select.projection));
  }
  scope_ = outer;
  return failure_ ? Value() : Value::array(std::move(results));
}

bool Evaluator::exists(const Exists& node) {
  const Value found = evaluate(*node.subselect);
  return found.is_array() ? !found.as_array().empty() : !found.is_undefined();
}

Value Evaluator::project(const Projection& projection) {
  if (projection.is_value || projection.is_star()) return evaluate(*projection.items[0].expression);
  Object result;
  for (const Projection::Item& item : projection.items) {
    Value value = evaluate(*item.expression);
    if (failure_) return Value();
    if (item.spread) spread(result, value);
    else place(result, item.path, std::move(value));
  }
  return Value::object(std::move(result));
}

void Evaluator::spread(Object& out, const Value& value) {
  if (!value.is_object() || !charge(weight(value, limits::work_max))) return;
  for (const auto& [name, member] : value.as_object().members()) out.append(name, member);
  out.drop_repeated();
}

// Steps of one dotted alias become nested objects; aliases that share steps share the objects.
void Evaluator::place(Object& out, std::span<const std::string> path, Value value) {
  if (path.size() == 1) return out.set(path[0], std::move(value));
  if (value.is_undefined()) return;
  const Value* existing = out.find(path[0]);
  Object inner;
  if (existing && existing->is_object()) {
    if (!charge(weight(*existing, limits::work_max))) return;
    inner = existing->as_object();
  }
  place(inner, path.subspan(1), std::move(value));
  out.set(path[0], Value::object(std::move(inner)));
}

}  // namespace croft::sql
