#include "sql/binder.h"

#include <algorithm>
#include <utility>

#include "sql/functions/function.h"
#include "sql/lexer.h"
#include "sql/limits.h"

namespace croft::sql {
namespace {

class Binder {
 public:
  enum class Place : std::uint8_t { statement, parameter };
  Binder(SqlVersion version, std::string_view text, Place place) : version_(version), text_(text), place_(place) {}

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
  const std::vector<std::string_view>& externals() const { return externals_; }

 private:
  void bind(Literal&) {}
  void bind(Star&) {}
  void bind(Name&) {}
  void bind(PayloadPath&) {}
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
  void add_external(const Call& node);
  void add_protobuf();

  SqlVersion version_;
  std::string_view text_;
  Place place_;
  std::vector<std::string> variables_;
  std::uint32_t offset_ = 0;
  bool in_default_ = false;  // inside the second argument of get_or_default
  std::vector<std::string_view> externals_;
  int protobufs_ = 0;
  std::optional<Error> failure_;
};

// ", did you mean upper?" for uper.
static std::string suggestion(std::string_view name) {
  const std::string_view nearest = nearest_function(name);
  return nearest.empty() ? "" : "; did you mean " + std::string(nearest) + "?";
}

void Binder::bind(Call& node) {
  const std::uint32_t offset = offset_;
  node.function = find_function(node.name);
  if (!node.function) return fail(offset, "there is no function " + node.name + suggestion(node.name));
  if (node.function->since > version_) {
    return fail(offset, node.name + " needs SQL version " + std::string(name_of(node.function->since)));
  }
  if (node.function->is_external) add_external(node);
  if (failure_) return;
  for (std::size_t i = 0; i < node.arguments.size(); ++i) {
    const bool outer = in_default_;
    in_default_ |= node.function->absorbs_failure && i > 0;
    visit(node.arguments[i]);
    in_default_ = outer;
  }
  const int count = static_cast<int>(node.arguments.size());
  if (failure_ || !node.function->prepare) return;
  if (count < node.function->arguments_min || count > node.function->arguments_max) return;
  if (const std::string problem = node.function->prepare(node); !problem.empty()) return fail(offset, problem);
  if (!node.asks_external) return;
  add_external(node);
  add_protobuf();
}

void Binder::add_external(const Call& node) {
  if (in_default_) return fail(offset_, "the default of get_or_default cannot call " + node.name);
  const std::string_view name = node.function->name;
  if (std::find(externals_.begin(), externals_.end(), name) == externals_.end()) externals_.push_back(name);
}

// Source: AWS IoT developer guide, "Decoding protobuf message payloads", limitations.
void Binder::add_protobuf() {
  if (place_ == Place::parameter) fail(offset_, "a substitution template cannot decode protobuf");
  if (++protobufs_ > limits::protobuf_calls_max) fail(offset_, "a statement can decode protobuf twice");
}

}  // namespace

std::optional<Error> bind_statement(Statement& statement, std::string_view text) {
  Binder binder(statement.version, text, Binder::Place::statement);
  for (Statement::Variable& variable : statement.variables) {
    binder.visit(variable.value);
    if (binder.is_declared(variable.name)) binder.fail(variable.offset, "@" + variable.name + " is set twice");
    binder.declare(variable.name);
  }
  binder.visit(statement.projection);
  binder.visit(statement.where);
  statement.externals = binder.externals();
  return binder.failure();
}

std::optional<Error> bind_expression(Expression& expression, SqlVersion version,
                                     const std::vector<std::string>& variables, std::string_view text,
                                     std::vector<std::string_view>& externals) {
  Binder binder(version, text, Binder::Place::parameter);
  for (const std::string& name : variables) binder.declare(name);
  binder.visit(expression);
  externals.insert(externals.end(), binder.externals().begin(), binder.externals().end());
  return binder.failure();
}

}  // namespace croft::sql
