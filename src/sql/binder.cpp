#include "sql/binder.h"

#include <algorithm>
#include <utility>

#include "sql/functions/function.h"
#include "sql/lexer.h"

namespace croft::sql {
namespace {

class Binder {
 public:
  Binder(SqlVersion version, std::string_view text) : version_(version), text_(text) {}

  void declare(const std::string& name) { variables_.push_back(name); }
  bool is_declared(const std::string& name) const {
    return std::find(variables_.begin(), variables_.end(), name) != variables_.end();
  }

  void visit(Expression& expression) {
    if (failure_) return;
    const std::uint32_t outer = std::exchange(offset_, expression.offset);
    std::visit([this](auto& node) { bind(node); }, expression.node);
    offset_ = outer;
  }
  void visit(const ExpressionPtr& expression) {
    if (expression) visit(*expression);
  }
  void visit(Projection& projection) {
    for (Projection::Item& item : projection.items) visit(item.expression);
  }

  void fail(std::uint32_t offset, const std::string& problem) {
    if (!failure_) failure_ = parse_error(text_, offset, problem);
  }
  const std::optional<Error>& failure() const { return failure_; }
  bool calls_external() const { return calls_external_; }

 private:
  void bind(Literal&) {}
  void bind(Star&) {}
  void bind(Name&) {}
  void bind(Member& node) { visit(node.object); }
  void bind(Not& node) { visit(node.operand); }
  void bind(Negation& node) { visit(node.operand); }
  void bind(Cast& node) { visit(node.operand); }
  void bind(Exists& node) { visit(node.subselect); }
  void bind(Operation& node) {
    visit(node.left);
    visit(node.right);
  }
  void bind(Case& node) {
    visit(node.subject);
    for (Case::Branch& branch : node.branches) {
      visit(branch.when);
      visit(branch.then);
    }
    visit(node.otherwise);
  }
  void bind(ArrayLiteral& node) {
    for (ExpressionPtr& element : node.elements) visit(element);
  }
  void bind(ObjectLiteral& node) {
    for (auto& [name, value] : node.members) visit(value);
  }
  void bind(Subselect& node) {
    visit(node.projection);
    visit(node.source);
    visit(node.where);
  }
  void bind(VariableReference& node) {
    const auto found = std::find(variables_.begin(), variables_.end(), node.name);
    if (found == variables_.end()) return fail(offset_, "the variable @" + node.name + " is not declared in SET");
    node.slot = static_cast<std::uint8_t>(found - variables_.begin());
  }
  void bind(Call& node);

  SqlVersion version_;
  std::string_view text_;
  std::vector<std::string> variables_;
  std::uint32_t offset_ = 0;
  bool in_default_ = false;  // inside the second argument of get_or_default
  bool calls_external_ = false;
  std::optional<Error> failure_;
};

void Binder::bind(Call& node) {
  const std::uint32_t offset = offset_;
  node.function = find_function(node.name);
  if (!node.function) return fail(offset, "there is no function " + node.name);
  if (node.function->since > version_) {
    return fail(offset, node.name + " needs SQL version " + std::string(name_of(node.function->since)));
  }
  if (node.function->is_external) {
    calls_external_ = true;
    if (in_default_) return fail(offset, "the default of get_or_default cannot call " + node.name);
  }
  for (std::size_t i = 0; i < node.arguments.size(); ++i) {
    const bool outer = in_default_;
    in_default_ |= node.function->absorbs_failure && i > 0;
    visit(node.arguments[i]);
    in_default_ = outer;
  }
  const int count = static_cast<int>(node.arguments.size());
  if (failure_ || !node.function->prepare) return;
  if (count < node.function->arguments_min || count > node.function->arguments_max) return;
  if (const std::string problem = node.function->prepare(node); !problem.empty()) fail(offset, problem);
}

}  // namespace

std::optional<Error> bind_statement(Statement& statement, std::string_view text) {
  Binder binder(statement.version, text);
  for (Statement::Variable& variable : statement.variables) {
    binder.visit(variable.value);
    if (binder.is_declared(variable.name)) binder.fail(variable.offset, "@" + variable.name + " is set twice");
    binder.declare(variable.name);
  }
  binder.visit(statement.projection);
  binder.visit(statement.where);
  statement.calls_external = binder.calls_external();
  return binder.failure();
}

std::optional<Error> bind_expression(Expression& expression, SqlVersion version,
                                     const std::vector<std::string>& variables, std::string_view text,
                                     bool& calls_external) {
  Binder binder(version, text);
  for (const std::string& name : variables) binder.declare(name);
  binder.visit(expression);
  calls_external |= binder.calls_external();
  return binder.failure();
}

}  // namespace croft::sql
