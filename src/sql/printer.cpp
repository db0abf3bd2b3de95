#include "sql/printer.h"

#include "sql/functions/function.h"
#include "sql/grammar.h"
#include "text/encoding.h"

namespace croft::sql {
namespace {

// How tightly an expression holds together: the levels of Grammar, loosest first.
enum class Level : std::uint8_t {
  disjunction,
  conjunction,
  negatable,
  predicate,
  sum,
  product,
  signed_operand,
  postfix,
  primary
};

constexpr std::pair<std::string_view, Level> of_operator(Operator op) {
  switch (op) {
    case Operator::logical_or:
      return {" OR ", Level::disjunction};
    case Operator::logical_and:
      return {" AND ", Level::conjunction};
    case Operator::equal:
      return {" = ", Level::predicate};
    case Operator::not_equal:
      return {" <> ", Level::predicate};
    case Operator::less:
      return {" < ", Level::predicate};
    case Operator::less_or_equal:
      return {" <= ", Level::predicate};
    case Operator::greater:
      return {" > ", Level::predicate};
    case Operator::greater_or_equal:
      return {" >= ", Level::predicate};
    case Operator::in:
      return {" IN ", Level::predicate};
    case Operator::add:
      return {" + ", Level::sum};
    case Operator::subtract:
      return {" - ", Level::sum};
    case Operator::multiply:
      return {" * ", Level::product};
    case Operator::divide:
      return {" / ", Level::product};
    case Operator::remainder:
      return {" % ", Level::product};
  }
  return {" ? ", Level::disjunction};
}

Level next(Level level) {
  return static_cast<Level>(static_cast<int>(level) + 1);
}

Level level_of(const Expression& expression) {
  if (const auto* node = std::get_if<Operation>(&expression.node)) return of_operator(node->op).second;
  if (std::holds_alternative<Not>(expression.node)) return Level::negatable;
  if (std::holds_alternative<Negation>(expression.node)) return Level::signed_operand;
  if (std::holds_alternative<Member>(expression.node)) return Level::postfix;
  return Level::primary;
}

std::string_view name_of(CastType type) {
  switch (type) {
    case CastType::string:
      return "String";
    case CastType::integer:
      return "Int";
    case CastType::double_precision:
      return "Double";
    case CastType::decimal:
      return "Decimal";
    case CastType::boolean:
      return "Boolean";
  }
  return "";
}

class Printer {
 public:
  explicit Printer(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  void print(const Statement& statement);
  // In parentheses when it holds together less than `least`.
  void print(const Expression& expression, Level least = Level::disjunction);
  std::string take();

 private:
  bool is_full() const { return out_.size() > bytes_max_; }
  void put(std::string_view text) { out_ += text; }
  void put_string(std::string_view text);
  template <class List, class Each>
  void put_list(const List& list, Each each);

  void node(const Literal& literal);
  void node(const Star&) { put("*"); }
  void node(const Name& name) { put(name.name); }
  void node(const PayloadPath& path);
  void node(const VariableReference& variable) { put("@" + variable.name); }
  void node(const Member& member);
  void node(const Not& negated);
  void node(const Negation& negated);
  void node(const Operation& operation);
  void node(const Cast& cast);
  void node(const Case& choice);
  void node(const ArrayLiteral& array);
  void node(const ObjectLiteral& object);
  void node(const Call& call);
  void node(const Subselect& select);
  void node(const Exists& exists);
  void print(const Projection& projection);
  void print(const Projection::Item& item, std::size_t position);

  std::size_t bytes_max_;
  std::string out_;
};

std::string Printer::take() {
  if (!is_full()) return std::move(out_);
  std::size_t end = bytes_max_;
  while (end > 0 && (static_cast<unsigned char>(out_[end]) & 0xC0) == 0x80) --end;  // not inside a character
  return out_.substr(0, end) + "...";
}

void Printer::put_string(std::string_view text) {
  put("'");
  for (const char c : text) {
    out_ += c;
    if (c == '\'') out_ += c;
  }
  put("'");
}

template <class List, class Each>
void Printer::put_list(const List& list, Each each) {
  bool first = true;
  for (const auto& element : list) {
    if (is_full()) return;
    if (!first) put(", ");
    first = false;
    each(element);
  }
}

void Printer::print(const Expression& expression, Level least) {
  if (is_full()) return;
  const bool parentheses = level_of(expression) < least;
  if (parentheses) put("(");
  std::visit([this](const auto& content) { node(content); }, expression.node);
  if (parentheses) put(")");
}

void Printer::node(const Literal& literal) {
  const Value& value = literal.value;
  switch (value.kind()) {
    case Value::Kind::null:
      return put("NULL");
    case Value::Kind::boolean:
      return put(value.as_boolean() ? "TRUE" : "FALSE");
    case Value::Kind::number:
      return put(value.as_number().exact_text());
    case Value::Kind::string:
      return put_string(value.as_string());
    case Value::Kind::undefined:
      return put("undefined");
    default:
      return put(write_json(value, SqlVersion::v2016_03_23, limits::folded_bytes_max).value_or("..."));
  }
}

void Printer::node(const PayloadPath& path) {
  for (std::size_t i = 0; i < path.steps.size(); ++i) put((i ? "." : "") + path.steps[i]);
}

// `1.a` would be half a number.
void Printer::node(const Member& member) {
  const auto* literal = std::get_if<Literal>(&member.object->node);
  const bool is_number = literal && literal->value.is_number();
  if (is_number) put("(");
  print(*member.object, Level::postfix);
  if (is_number) put(")");
  put("." + member.name);
}

void Printer::node(const Not& negated) {
  put("NOT ");
  print(*negated.operand, Level::negatable);
}

void Printer::node(const Negation& negated) {
  put("-");
  print(*negated.operand, Level::postfix);
}

// AND, OR and arithmetic lean to the left; comparisons do not chain.
void Printer::node(const Operation& operation) {
  const auto [symbol, level] = of_operator(operation.op);
  print(*operation.left, level == Level::predicate ? Level::sum : level);
  put(symbol);
  print(*operation.right, next(level));
}

void Printer::node(const Cast& cast) {
  put("cast(");
  print(*cast.operand);
  put(" AS ");
  put(name_of(cast.type));
  put(")");
}

void Printer::node(const Case& choice) {
  put("CASE ");
  print(*choice.subject);
  for (const Case::Branch& branch : choice.branches) {
    put(" WHEN ");
    print(*branch.when);
    put(" THEN ");
    print(*branch.then);
  }
  if (choice.otherwise) {
    put(" ELSE ");
    print(*choice.otherwise);
  }
  put(" END");
}

void Printer::node(const ArrayLiteral& array) {
  put("[");
  put_list(array.elements, [this](const ExpressionPtr& element) { print(*element); });
  put("]");
}

void Printer::node(const ObjectLiteral& object) {
  put("{");
  put_list(object.members, [this](const auto& member) {
    put_string(member.first);
    put(": ");
    print(*member.second);
  });
  put("}");
}

void Printer::node(const Call& call) {
  put(call.name + "(");
  put_list(call.arguments, [this](const ExpressionPtr& argument) { print(*argument); });
  put(")");
}

// The source starts with a name, a variable, * or a parenthesis, never with a quote.
void Printer::node(const Subselect& select) {
  put("(SELECT ");
  print(select.projection);
  put(" FROM ");
  Printer source(bytes_max_);
  source.print(*select.source, Level::postfix);
  const bool is_text = source.out_.starts_with('\'');
  put((is_text ? "(" : "") + source.out_ + (is_text ? ")" : ""));
  if (!select.alias.empty()) put(" AS " + select.alias);
  if (select.where) {
    put(" WHERE ");
    print(*select.where);
  }
  put(")");
}

void Printer::node(const Exists& exists) {
  put("EXISTS ");
  print(*exists.subselect);
}

// SELECT VALUE is only understood before certain tokens, a parenthesis among them, and a first item that is named
// "value" would be taken for it.
void Printer::print(const Projection& projection) {
  if (projection.is_value) {
    put("VALUE (");
    print(*projection.items[0].expression);
    return put(")");
  }
  std::size_t position = 0;
  put_list(projection.items, [&](const Projection::Item& item) { print(item, ++position); });
}

void Printer::print(const Projection::Item& item, std::size_t position) {
  Printer text(bytes_max_);
  text.print(*item.expression);
  const bool is_value_word = position == 1 && text::lower(std::string_view(text.out_).substr(0, 5)) == "value";
  put((is_value_word ? "(" : "") + text.out_ + (is_value_word ? ")" : ""));
  if (item.spread || (item.path.size() == 1 && item.path[0] == derived_name(*item.expression, position))) return;
  put(" AS ");
  for (std::size_t i = 0; i < item.path.size(); ++i) put((i ? "." : "") + item.path[i]);
}

void Printer::print(const Statement& statement) {
  if (!statement.variables.empty()) {
    put("SET ");
    put_list(statement.variables, [this](const Statement::Variable& variable) {
      put("@" + variable.name + " = ");
      print(*variable.value);
    });
    put(" ");
  }
  put("SELECT ");
  print(statement.projection);
  if (!statement.topic_filter.empty()) {
    put(" FROM ");
    put_string(statement.topic_filter);
  }
  if (statement.where) {
    put(" WHERE ");
    print(*statement.where);
  }
}

}  // namespace

std::string to_sql(const Statement& statement) {
  Printer printer(std::string::npos);
  printer.print(statement);
  return printer.take();
}

std::string to_sql(const Expression& expression, std::size_t bytes_max) {
  Printer printer(bytes_max);
  printer.print(expression);
  return printer.take();
}

}  // namespace croft::sql
