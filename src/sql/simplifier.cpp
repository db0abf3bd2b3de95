#include "sql/simplifier.h"

#include "sql/children.h"
#include "sql/evaluator.h"
#include "sql/functions/function.h"

namespace croft::sql {
namespace {

bool is_literal(const ExpressionPtr& expression) {
  return std::holds_alternative<Literal>(expression->node);
}

class Simplifier {
 public:
  explicit Simplifier(SqlVersion version)
      : message_(SharedBytes()), constants_(version, message_, context_), version_(version) {}

  // `in_element`: inside a nested query, where names are those of an element.
  void visit(ExpressionPtr& expression, bool in_element) {
    if (!expression) return;
    if (!in_element && make_path(*expression)) return;
    if (auto* select = std::get_if<Subselect>(&expression->node)) {
      visit(select->source, in_element);
      visit(select->where, true);
      for (Projection::Item& item : select->projection.items) visit(item.expression, true);
      return;
    }
    bool are_literals = true;
    for_each_child(*expression, [&](ExpressionPtr& child) {
      visit(child, in_element);
      are_literals = are_literals && is_literal(child);
    });
    prepare_again(*expression);
    if (are_literals && is_pure(*expression)) fold(*expression);
  }

 private:
  // Name, and * with a member, with any members behind.
  static bool make_path(Expression& expression) {
    std::vector<std::string> steps;
    const Expression* at = &expression;
    for (; std::holds_alternative<Member>(at->node); at = std::get<Member>(at->node).object.get()) {
      steps.push_back(std::get<Member>(at->node).name);
    }
    if (const auto* name = std::get_if<Name>(&at->node))
      steps.push_back(name->name);
    else if (!std::holds_alternative<Star>(at->node) || steps.empty())
      return false;
    expression.node = PayloadPath{{steps.rbegin(), steps.rend()}};
    return true;
  }

  // An argument may have become the literal that prepare() looks for. What it says of one is not for the author to
  // hear: the call gives Undefined, as it would have.
  static void prepare_again(Expression& expression) {
    auto* call = std::get_if<Call>(&expression.node);
    if (call && call->function->prepare && takes(*call->function, call->arguments.size()))
      (void)call->function->prepare(*call);
  }

  static bool is_pure(const Expression& expression) {
    if (const auto* call = std::get_if<Call>(&expression.node))
      return !call->asks_external && depends_on_arguments_only(*call->function);
    return std::holds_alternative<Not>(expression.node) || std::holds_alternative<Negation>(expression.node) ||
           std::holds_alternative<Operation>(expression.node) || std::holds_alternative<Cast>(expression.node) ||
           std::holds_alternative<Case>(expression.node) || std::holds_alternative<ArrayLiteral>(expression.node) ||
           std::holds_alternative<ObjectLiteral>(expression.node) || std::holds_alternative<Member>(expression.node);
  }

  // One budget for all constants of a statement; what is beyond it, or large, is left for each message to compute.
  void fold(Expression& expression) {
    Value value = constants_.evaluate(expression);
    if (constants_.failure() || !write_json(value, version_, limits::folded_bytes_max)) return;
    expression.node = Literal{std::move(value)};
  }

  Message message_;
  Context context_;
  Evaluator constants_;
  SqlVersion version_;
};

}  // namespace

void simplify(Statement& statement) {
  Simplifier simplifier(statement.version);
  for (Statement::Variable& variable : statement.variables) simplifier.visit(variable.value, false);
  for (Projection::Item& item : statement.projection.items) simplifier.visit(item.expression, false);
  simplifier.visit(statement.where, false);
}

void simplify(ExpressionPtr& expression, SqlVersion version) {
  Simplifier(version).visit(expression, false);
}

}  // namespace croft::sql
