#include "sql/evaluator.h"

#include <algorithm>
#include <boost/container/small_vector.hpp>

#include "sql/functions/function.h"
#include "sql/printer.h"

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

static const Value& walked(const Value* value, std::span<const std::string> steps) {
  for (std::size_t i = 0; value && i < steps.size(); ++i) value = value->find(steps[i]);
  return value ? *value : undefined;
}

const Value& Evaluator::member(const PayloadPath& path, Value& temporary) {
  if (const Value* whole = message_.json_if_read()) return walked(whole, path.steps);
  const PayloadIndex& index = message_.index();
  if (index.state() == PayloadIndex::State::not_json) return undefined;
  if (index.state() == PayloadIndex::State::plain_reader) return walked(&message_.json(), path.steps);
  const PayloadIndex::Entry* entry = index.find(path.steps);
  if (!entry) return undefined;
  if (entry->is_aggregate()) return part(index, *entry, path);
  temporary = index.value(*entry);
  return temporary;
}

// Each is made once, so that naming it often costs what naming it once does.
const Value& Evaluator::part(const PayloadIndex& index, const PayloadIndex::Entry& entry, const PayloadPath& path) {
  for (const auto& [begin, value] : parts_) {
    if (begin == entry.begin) return value;
  }
  if (part_count_ == limits::cached_parts_max) return walked(&message_.json(), path.steps);
  ++part_count_;
  parts_.emplace_front(entry.begin, index.value(entry));
  return parts_.front().second;
}

const Value& Evaluator::borrow(const Expression& expression, Value& temporary) {
  if (failure_) return undefined;
  return trace_ && !std::holds_alternative<Literal>(expression.node) ? traced(expression, temporary)
                                                                     : found(expression, temporary);
}

// A name, a variable or *, and members of these.
static bool is_path(const Expression& expression) {
  const Expression* at = &expression;
  while (const auto* member = std::get_if<Member>(&at->node)) at = member->object.get();
  return std::holds_alternative<Name>(at->node) || std::holds_alternative<Star>(at->node) ||
         std::holds_alternative<VariableReference>(at->node);
}

const Value& Evaluator::traced(const Expression& expression, Value& temporary) {
  Trace* const trace = trace_;
  const std::size_t place = trace->enter(to_sql(expression, limits::trace_expression_bytes_max));
  if (is_path(expression)) trace_ = nullptr;
  const Value& value = found(expression, temporary);
  trace_ = trace;
  if (failure_)
    trace->leave(place, "failed");
  else
    trace->leave(place, value, version_);
  return value;
}

const Value& Evaluator::found(const Expression& expression, Value& temporary) {
  if (const auto* path = std::get_if<PayloadPath>(&expression.node)) return member(*path, temporary);
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
  const auto* operation = std::get_if<Operation>(&condition.node);
  if (is_lazy_ && operation && operation->op == Operator::logical_and)
    return is_true(*operation->left) && is_true(*operation->right);
  return truth(condition).value_or(false) && !failure_;
}

std::optional<bool> Evaluator::truth(const Expression& expression) {
  const auto* operation = std::get_if<Operation>(&expression.node);
  if (operation && !trace_ && (is_logical(operation->op) || is_comparison(operation->op))) return truth(*operation);
  if (const auto* node = std::get_if<Not>(&expression.node); node && !trace_) {
    const std::optional<bool> inner = truth(*node->operand);
    return inner ? std::optional(!*inner) : std::nullopt;
  }
  Value temporary;
  return to_boolean(borrow(expression, temporary));
}

std::optional<bool> Evaluator::truth(const Operation& node) {
  if (!charge(1)) return std::nullopt;
  if (is_comparison(node.op)) return compared(node);
  const std::optional<bool> left = truth(*node.left), right = truth(*node.right);
  if (!left || !right) return std::nullopt;
  return node.op == Operator::logical_and ? *left && *right : *left || *right;
}

std::optional<bool> Evaluator::compared(const Operation& node) {
  if (const std::optional<bool> same = is_same_text(node)) return *same == (node.op == Operator::equal);
  Value left_temporary, right_temporary;
  const Value& left = borrow(*node.left, left_temporary);
  const Value& right = borrow(*node.right, right_temporary);
  if (!charge_aggregate(left) || !charge_aggregate(right)) return std::nullopt;
  return compare(node.op, left, right);
}

// The commonest condition, member = 'text', compares bytes where they lie.
std::optional<bool> Evaluator::is_same_text(const Operation& node) const {
  if (node.op != Operator::equal && node.op != Operator::not_equal) return std::nullopt;
  const auto* path = std::get_if<PayloadPath>(&node.left->node);
  const auto* literal = std::get_if<Literal>(&node.right->node);
  if (!path || !literal || !literal->value.is_string()) return std::nullopt;
  const PayloadIndex& index = message_.index();
  if (index.state() != PayloadIndex::State::indexed) return std::nullopt;
  const PayloadIndex::Entry* entry = index.find(path->steps);
  if (!entry || entry->kind != PayloadIndex::Kind::text) return std::nullopt;
  return index.raw(*entry) == literal->value.as_string();
}

bool Evaluator::charge_aggregate(const Value& value) {
  return (!value.is_array() && !value.is_object()) || charge(weight(value, limits::work_max));
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
  if (!charge_aggregate(left) || !charge_aggregate(right)) return Value();
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
  if (!takes(*call.function, call.arguments.size())) return Value();
  boost::container::small_vector<Value, 3> arguments;
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
    const std::size_t place = trace_ ? trace_->enter("an element") : 0;
    if (!select.where || is_true(*select.where)) results.push_back(project(select.projection));
    if (trace_) trace_->leave(place, element, version_);
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
  result.reserve(projection.items.size());
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
