#include "dynamo/partiql/condition_compiler.h"

#include <algorithm>

#include "dynamo/attribute_json.h"
#include "dynamo/errors.h"
#include "dynamo/limits.h"
#include "dynamo/partiql/limits.h"
#include "text/encoding.h"

namespace croft::dynamo::partiql {

namespace {

using Kind = Expression::Kind;
using Comparison = Condition::Kind;

struct Function {
  std::string_view name;
  Comparison kind;
  std::size_t operands;
};
constexpr Function functions[] = {
    {"attribute_exists", Comparison::attribute_exists, 1}, {"attribute_not_exists", Comparison::attribute_not_exists, 1},
    {"attribute_type", Comparison::attribute_type, 2},     {"begins_with", Comparison::begins_with, 2},
    {"contains", Comparison::contains, 2},
};

const Function* function_named(std::string_view name) {
  for (const Function& function : functions) {
    if (function.name == name) return &function;
  }
  return nullptr;
}

std::optional<Comparison> comparison(Kind kind) {
  switch (kind) {
    case Kind::equal: return Comparison::equal;
    case Kind::not_equal: return Comparison::not_equal;
    case Kind::less: return Comparison::less;
    case Kind::less_equal: return Comparison::less_equal;
    case Kind::greater: return Comparison::greater;
    case Kind::greater_equal: return Comparison::greater_equal;
    default: return std::nullopt;
  }
}

// Nothing for a type that DynamoDB has not.
std::optional<Type> type_of_name(std::string_view name) {
  if (name == "null") return Type::null;
  if (name == "boolean") return Type::boolean;
  if (name == "blob") return Type::binary;
  if (name == "string") return Type::string;
  if (name == "numeric") return Type::number;
  if (name == "struct" || name == "tuple") return Type::map;
  if (name == "list") return Type::list;
  return std::nullopt;
}

bool is_boolean(const Expression& expression) {
  switch (expression.kind) {
    case Kind::all: case Kind::any: case Kind::negation: case Kind::between: case Kind::in: case Kind::is_type: return true;
    case Kind::call: return expression.text != "size";
    case Kind::operation: return expression.text == "like";
    default: return comparison(expression.kind).has_value();
  }
}

Condition constant(bool truth) { return {truth ? Comparison::all : Comparison::any, {}, {}}; }

Condition joined(Comparison kind, Condition one, Condition two) {
  Condition out{kind, {}, {}};
  out.children.push_back(std::move(one));
  out.children.push_back(std::move(two));
  return out;
}

std::size_t nodes(const Condition& condition) {
  std::size_t sum = 1 + condition.operands.size();
  for (const Condition& child : condition.children) sum += nodes(child);
  return sum;
}

Condition negated(Condition condition) {
  Condition out{Comparison::none, {}, {}};
  out.children.push_back(std::move(condition));
  return out;
}

Operand value(AttributeValue value) { return Operand::of(std::make_shared<const AttributeValue>(std::move(value))); }

std::string shown(const AttributeValue& value) {
  std::string text = "{" + std::string(type_name(value.type())) + ":";
  if (const std::string* s = value.get<std::string>()) text += *s;
  else if (const Number* n = value.get<Number>()) text += n->text();
  else append_json(text, value);
  return "AttributeValue: " + text + "}";
}

// Keeps the first fault and goes on with something harmless.
class ConditionCompiler {
 public:
  explicit ConditionCompiler(const Parameters& parameters) : parameters_(parameters) {}

  Result<Condition> run(const Expression& where) {
    if (!is_boolean(where)) {
      return validation_error("WHERE clause must contain an expression that resolves to a boolean");
    }
    Condition out = condition(where);
    if (fault_) return *fault_;
    return out;
  }

 private:
  void fault(std::string message) {
    if (!fault_) fault_ = validation_error(std::move(message));
  }

  Condition condition(const Expression& expression) {
    if (fault_) return {};
    switch (expression.kind) {
      case Kind::all: return joined_by(Comparison::all, expression);
      case Kind::any: return joined_by(Comparison::any, expression);
      case Kind::negation: {
        if (is_boolean(expression.operands[0])) return negated(condition(expression.operands[0]));
        fault("The argument to NOT must be a Type or Expression");
        return {};
      }
      case Kind::between: return between(expression);
      case Kind::in: return in(expression);
      case Kind::is_type: return is_type(expression);
      case Kind::call: return call(expression);
      case Kind::operation: fault("Unsupported operator in Condition Expression. Operator: " + expression.text); return {};
      default: return compared(expression);
    }
  }

  Condition joined_by(Comparison kind, const Expression& expression) {
    Condition out{kind, {}, {}};
    for (const Expression& operand : expression.operands) {
      if (!is_boolean(operand)) fault("The arguments to AND/OR must be Expressions");
      else out.children.push_back(condition(operand));
    }
    return out;
  }

  // A condition may be compared with a boolean, or with another condition.
  Condition compared(const Expression& expression) {
    const Comparison kind = *comparison(expression.kind);
    const Expression& left = expression.operands[0];
    const Expression& right = expression.operands[1];
    if (is_boolean(left)) return truth_compared(kind, left, right);
    if (is_boolean(right)) return truth_compared(kind, right, left);
    Condition out{kind, {}, {}};
    out.operands.push_back(operand(left));
    out.operands.push_back(operand(right));
    check_distinct(operator_name(kind), out.operands);
    for (const Operand& one : out.operands) check_comparable(kind, one);
    return out;
  }

  Condition truth_compared(Comparison kind, const Expression& truth, const Expression& other) {
    if (kind != Comparison::equal && kind != Comparison::not_equal) {
      fault_operand_type(operator_name(kind), Type::boolean);
      return {};
    }
    Condition equal = truth_equal(condition(truth), other);
    return kind == Comparison::equal ? equal : negated(std::move(equal));
  }

  Condition truth_equal(Condition holds, const Expression& other) {
    if (!afford(holds)) return {};
    if (is_boolean(other)) {
      const Condition same = condition(other);
      if (!afford(same)) return {};
      Condition both = joined(Comparison::all, holds, same);
      return joined(Comparison::any, std::move(both), joined(Comparison::all, negated(holds), negated(same)));
    }
    const Operand wanted = operand(other);
    if (wanted.value && !wanted.size) {
      const bool* boolean = wanted.value->get<bool>();
      if (!boolean) return constant(false);
      return *boolean ? holds : negated(std::move(holds));
    }
    const auto is = [&](bool truth_value) {
      return Condition{Comparison::equal, {}, {wanted, value({truth_value})}};
    };
    Condition both = joined(Comparison::all, holds, is(true));
    return joined(Comparison::any, std::move(both), joined(Comparison::all, negated(holds), is(false)));
  }

  // Comparing a condition takes it twice, so nested ones would grow without end.
  bool afford(const Condition& copied) {
    copied_ += nodes(copied);
    if (copied_ > limits::copied_nodes_max) fault("The expression contains too many comparisons of conditions");
    return !fault_;
  }

  Condition between(const Expression& expression) {
    Condition out{Comparison::between, {}, {}};
    for (const Expression& one : expression.operands) out.operands.push_back(operand(one));
    for (const Operand& one : out.operands) check_comparable(Comparison::between, one);
    check_bounds(out.operands[1], out.operands[2]);
    return out;
  }

  Condition in(const Expression& expression) {
    const Expression& left = expression.operands[0];
    const Expression& set = expression.operands[1];
    const bool sequence = set.kind == Kind::list || set.kind == Kind::sequence || set.kind == Kind::bag;
    if (!sequence || set.operands.empty() || (left.kind != Kind::path && left.kind != Kind::call && !is_boolean(left))) {
      fault("IN operator must have a left hand argument of type Variable Reference and right hand argument of type Seq "
            "with at least one member");
      return {};
    }
    if (set.operands.size() > croft::dynamo::limits::in_operands_max) {
      fault("The IN operator is provided with too many operands; number of operands: " +
            std::to_string(set.operands.size()));
      return {};
    }
    if (is_boolean(left)) {
      Condition out{Comparison::any, {}, {}};
      const Condition holds = condition(left);
      for (const Expression& one : set.operands) out.children.push_back(truth_equal(holds, one));
      return out;
    }
    Condition out{Comparison::in, {}, {}};
    out.operands.push_back(operand(left));
    for (const Expression& one : set.operands) out.operands.push_back(operand(one));
    return out;
  }

  Condition is_type(const Expression& expression) {
    const Expression& left = expression.operands[0];
    if (left.kind != Kind::path && !is_value(left)) {
      fault("The left hand side argument to IS must be a Variable Reference, Literal, or Path");
      return {};
    }
    const std::optional<Type> type = type_of_name(expression.text);
    const bool missing = expression.text == "missing";
    if (!type && !missing) {
      fault("Unsupported data type for IS operator: " + text::upper(expression.text) +
            ". Supported data types are [MISSING, NULL, BOOLEAN, BLOB, STRING, NUMERIC, STRUCT, TUPLE, LIST]");
      return {};
    }
    const Operand tested = operand(left);
    if (tested.value) return constant(!missing && tested.value->type() == *type);
    if (missing) return {Comparison::attribute_not_exists, {}, {tested}};
    return {Comparison::attribute_type, {}, {tested, value({std::string(type_name(*type))})}};
  }

  Condition call(const Expression& expression) {
    const Function* function = function_named(expression.text);
    if (!function) {
      fault("Unrecognized function: " + expression.text + expression.at.text());
      return {};
    }
    if (expression.operands.size() != function->operands) {
      fault("Incorrect number of operands for operator or function; operator or function: " + expression.text +
            ", number of operands: " + std::to_string(expression.operands.size()));
      return {};
    }
    Condition out{function->kind, {}, {}};
    for (const Expression& one : expression.operands) out.operands.push_back(operand(one));
    check_call(*function, out.operands);
    return out;
  }

  Operand operand(const Expression& expression) {
    if (expression.kind == Kind::path) return Operand::of(expression.path);
    if (expression.kind == Kind::missing) {
      fault("MISSING must be compared using IS operator");
    } else if (expression.kind == Kind::call && expression.text == "size") {
      return size(expression);
    } else if (expression.kind == Kind::call && !function_named(expression.text)) {
      fault("Unrecognized function: " + expression.text + expression.at.text());
    } else if (expression.kind == Kind::plus || expression.kind == Kind::minus || expression.kind == Kind::operation) {
      const std::string sign = expression.kind == Kind::plus ? "+" : expression.kind == Kind::minus ? "-" : expression.text;
      fault("Unsupported operator in Condition Expression. Operator: " + sign);
    } else if (is_boolean(expression)) {
      fault("Unsupported token in expression: " + expression.text);
    } else {
      Result<AttributeValue> literal = value_of(expression, parameters_);
      if (literal) return value(*std::move(literal));
      if (!fault_) fault_ = literal.error();
    }
    return value({Null{}});
  }

  Operand size(const Expression& call) {
    if (call.operands.size() != 1) {
      fault("Incorrect number of operands for operator or function; operator or function: size, number of operands: " +
            std::to_string(call.operands.size()));
      return value({Null{}});
    }
    Operand out = operand(call.operands[0]);
    if (out.value && !out.size) {
      const Type type = out.value->type();
      if (type == Type::number || type == Type::boolean || type == Type::null) fault_operand_type("size", type);
    }
    out.size = true;
    return out;
  }

  void fault_operand_type(std::string_view name, Type type) {
    fault("Incorrect operand type for operator or function; operator or function: " + std::string(name) +
          ", operand type: " + std::string(type_name(type)));
  }

  void check_distinct(std::string_view name, const std::vector<Operand>& operands) {
    if (operands[0].value || operands[1].value || operands[0].size != operands[1].size) return;
    if (operands[0].path != operands[1].path) return;
    fault("The first operand must be distinct from the remaining operands for this operator or function; operator: " +
          std::string(name) + ", first operand: " + operands[0].path.text());
  }

  void check_comparable(Comparison kind, const Operand& operand) {
    if (!operand.value || operand.size || kind == Comparison::equal || kind == Comparison::not_equal) return;
    const Type type = operand.value->type();
    if (type != Type::string && type != Type::number && type != Type::binary) fault_operand_type(operator_name(kind), type);
  }

  void check_bounds(const Operand& lower, const Operand& upper) {
    if (!lower.value || !upper.value || lower.size || upper.size) return;
    const std::optional<std::strong_ordering> order = compare(*lower.value, *upper.value);
    if (order && *order <= 0) return;
    const std::string bounds =
        "lower bound operand: " + shown(*lower.value) + ", upper bound operand: " + shown(*upper.value);
    fault(order ? "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; " + bounds
                : "The BETWEEN operator requires same data type for lower and upper bounds; " + bounds);
  }

  void check_call(const Function& function, const std::vector<Operand>& operands) {
    const AttributeValue* last = operands.back().value && !operands.back().size ? operands.back().value.get() : nullptr;
    if (function.operands == 1) {
      if (!operands[0].value && !operands[0].size) return;
      return fault("Operator or function requires a document path; operator or function: " + std::string(function.name));
    }
    check_distinct(function.name, operands);
    if (function.kind == Comparison::begins_with) {
      if (last && last->type() != Type::string && last->type() != Type::binary) {
        fault_operand_type(function.name, last->type());
      }
    } else if (function.kind == Comparison::attribute_type) {
      if (!last) {
        fault("Incorrect operand type for operator or function; operator or function: attribute_type, operand type: "
              "{NS,SS,L,BS,N,M,B,BOOL,NULL,S}");
      } else if (last->type() != Type::string) {
        fault_operand_type(function.name, last->type());
      } else if (!type_named(*last->get<std::string>())) {
        fault("Invalid attribute type name found; type: " + *last->get<std::string>() +
              ", valid types: {N,BS,L,B,NULL,M,S,SS,NS,BOOL}");
      }
    }
  }

  const Parameters& parameters_;
  std::optional<Error> fault_;
  std::size_t copied_ = 0;
};

}  // namespace

Result<Condition> condition_of(const Expression& where, const Parameters& parameters) {
  return ConditionCompiler(parameters).run(where);
}

}  // namespace croft::dynamo::partiql
