#include "dynamo/partiql/update_compiler.h"

#include "dynamo/errors.h"
#include "text/encoding.h"

namespace croft::dynamo::partiql {

namespace {

using Kind = Expression::Kind;

bool is_set(Type type) { return type == Type::string_set || type == Type::number_set || type == Type::binary_set; }

Error operand_type(std::string_view name, Type type) {
  return validation_error("Incorrect operand type for operator or function; operator or function: " + std::string(name) +
                          ", operand type: " + std::string(type_name(type)));
}

class UpdateCompiler {
 public:
  explicit UpdateCompiler(const Parameters& parameters) : parameters_(parameters) {}

  Result<Update> run(const UpdateStatement& statement) {
    for (const auto& action : statement.actions) {
      if (const Path* path = std::get_if<Path>(&action)) {
        out_.removes.push_back(*path);
        continue;
      }
      const Result<void> added = add(std::get<UpdateStatement::Set>(action));
      if (!added) return added.error();
    }
    if (const std::optional<PathClash> found = clash(out_.paths())) return validation_error(found->message);
    return std::move(out_);
  }

 private:
  Result<void> add(const UpdateStatement::Set& set) {
    const Expression& value = set.value;
    if (value.kind == Kind::call && (value.text == "set_add" || value.text == "set_delete")) return change(set);
    Update::Set out;
    out.path = set.path;
    const bool arithmetic = value.kind == Kind::plus || value.kind == Kind::minus;
    Result<UpdateOperand> left = operand(arithmetic ? value.operands[0] : value);
    if (!left) return left.error();
    out.left = *std::move(left);
    if (arithmetic) {
      const std::string_view sign = value.kind == Kind::plus ? "+" : "-";
      out.arithmetic = value.kind == Kind::plus ? Update::Arithmetic::plus : Update::Arithmetic::minus;
      Result<UpdateOperand> right = operand(value.operands[1]);
      if (!right) return right.error();
      out.right = *std::move(right);
      for (const UpdateOperand* one : {&out.left, &out.right}) {
        if (one->value && one->value->type() != Type::number) return operand_type(sign, one->value->type());
        if (one->kind == UpdateOperand::Kind::list_append) return operand_type(sign, Type::list);
      }
    }
    out_.sets.push_back(std::move(out));
    return {};
  }

  // a = set_add(a, <<...>>)
  Result<void> change(const UpdateStatement::Set& set) {
    const Expression& call = set.value;
    const std::string name = text::upper(call.text);
    if (call.operands.size() != 2) {
      return validation_error(name + " must have exactly two arguments" + call.at.text());
    }
    const Expression& first = call.operands[0];
    if (first.kind != Kind::path || !(first.path == set.path)) {
      return validation_error("The first argument to " + name + " must equal the assignment value" + call.at.text());
    }
    const Error no_set = validation_error("The second argument to " + name + " must be a value with type SET" + first.at.text());
    if (!is_value(call.operands[1])) return no_set;
    Result<AttributeValue> members = value_of(call.operands[1], parameters_);
    if (!members) return members.error();
    if (!is_set(members->type())) return no_set;
    (call.text == "set_add" ? out_.adds : out_.deletes)
        .push_back({set.path, std::make_shared<const AttributeValue>(*std::move(members))});
    return {};
  }

  Result<UpdateOperand> operand(const Expression& expression) {
    UpdateOperand out;
    switch (expression.kind) {
      case Kind::path:
        out.kind = UpdateOperand::Kind::path;
        out.path = expression.path;
        return out;
      case Kind::call: return list_append(expression);
      case Kind::is_type: return validation_error("IS operator is not supported in update expressions");
      case Kind::missing: return validation_error("MISSING must be compared using IS operator");
      case Kind::plus:
      case Kind::minus: return unsupported(expression.kind == Kind::plus ? "+" : "-");
      case Kind::operation: return unsupported(expression.text);
      case Kind::all: return unsupported("AND");
      case Kind::any: return unsupported("OR");
      case Kind::negation: return unsupported("NOT");
      case Kind::equal: return unsupported("=");
      case Kind::not_equal: return unsupported("<>");
      case Kind::less: return unsupported("<");
      case Kind::less_equal: return unsupported("<=");
      case Kind::greater: return unsupported(">");
      case Kind::greater_equal: return unsupported(">=");
      case Kind::between: return unsupported("BETWEEN");
      case Kind::in: return unsupported("IN");
      default: break;
    }
    Result<AttributeValue> value = value_of(expression, parameters_);
    if (!value) return value.error();
    out.value = std::make_shared<const AttributeValue>(*std::move(value));
    return out;
  }

  static Error unsupported(std::string_view op) {
    return validation_error("Unsupported operator in Update Expression. Operator: " + std::string(op));
  }

  Result<UpdateOperand> list_append(const Expression& call) {
    if (call.text != "list_append") {
      return validation_error("Unrecognized function: " + call.text + call.at.text());
    }
    if (call.operands.size() != 2) {
      return validation_error(
          "Incorrect number of operands for operator or function; operator or function: list_append, number of operands: " +
          std::to_string(call.operands.size()));
    }
    UpdateOperand out;
    out.kind = UpdateOperand::Kind::list_append;
    for (const Expression& argument : call.operands) {
      Result<UpdateOperand> one = operand(argument);
      if (!one) return one;
      if (one->value && one->value->type() != Type::list) return operand_type("list_append", one->value->type());
      out.arguments.push_back(*std::move(one));
    }
    return out;
  }

  const Parameters& parameters_;
  Update out_;
};

}  // namespace

Result<Update> update_of(const UpdateStatement& statement, const Parameters& parameters) {
  return UpdateCompiler(parameters).run(statement);
}

}  // namespace croft::dynamo::partiql
