#include "sql/parser.h"

#include <algorithm>

#include "sql/grammar.h"
#include "text/encoding.h"

namespace croft::sql {
namespace {

// Words that cannot be the name of a payload member where an operand is expected.
bool is_reserved(const Token& token) {
  static constexpr std::string_view words[] = {"SELECT", "FROM", "WHERE", "AS", "AND", "OR", "NOT", "IN"};
  return std::any_of(std::begin(words), std::end(words), [&](std::string_view word) { return token.is_word(word); });
}

std::string description(const Token& token) {
  switch (token.kind) {
    case Token::Kind::end: return "the end of the text";
    case Token::Kind::bad: return std::string(token.text);
    default: return "'" + std::string(token.text.substr(0, 40)) + "'";
  }
}

// What to write instead of that which other dialects of SQL have and this one has not.
std::string_view hint(const Token& token) {
  static constexpr std::pair<std::string_view, std::string_view> words[] = {
      {"LIKE", "; use startswith, endswith, indexof or regexp_matches"},
      {"BETWEEN", "; compare twice and join with AND"},
      {"IS", "; use isNull(x) or isUndefined(x)"},
      {"NOT", "; NOT stands before the whole condition: NOT (a IN b)"},
      {"GROUP", "; a rule looks at one message, there are no groups"},
      {"ORDER", "; a rule looks at one message, there is no order"},
      {"LIMIT", "; a rule looks at one message, there is no limit"},
      {"JOIN", "; a rule looks at one message, there are no joins"},
      {"SET", "; SET stands before SELECT, once"},
  };
  for (const auto& [word, text] : words) {
    if (token.is_word(word)) return text;
  }
  if (token.is_symbol("[")) return "; elements are read with get(array, index)";
  if (token.is_symbol("=")) return "; equality is written with one =";
  return "";
}

int height_of(const ExpressionPtr& e) { return e ? e->height : 0; }

}  // namespace

std::nullptr_t Grammar::fail(std::size_t offset, const std::string& problem) {
  if (!failure_) failure_ = parse_error(lexer_.text(), offset, problem);
  return nullptr;
}

std::nullptr_t Grammar::expected(const std::string& what) {
  if (token_.kind == Token::Kind::bad) return fail(token_.offset, std::string(token_.text));
  return fail(token_.offset, "expected " + what + ", found " + description(token_) + std::string(hint(token_)));
}

bool Grammar::take_word(std::string_view keyword) {
  if (!token_.is_word(keyword)) return false;
  advance();
  return true;
}

bool Grammar::take_symbol(std::string_view symbol) {
  if (!token_.is_symbol(symbol)) return false;
  advance();
  return true;
}

bool Grammar::need_symbol(std::string_view symbol) {
  if (take_symbol(symbol)) return true;
  expected("'" + std::string(symbol) + "'");
  return false;
}

bool Grammar::need_word(std::string_view keyword) {
  if (take_word(keyword)) return true;
  expected(std::string(keyword));
  return false;
}

bool Grammar::need_2016(std::uint32_t offset, const std::string& feature) {
  if (version_ != SqlVersion::v2015_10_08) return true;
  fail(offset, feature + " need SQL version 2016-03-23");
  return false;
}

ExpressionPtr Grammar::make(Expression::Node node, std::uint32_t offset, int height) {
  if (height > limits::expression_height_max) return fail(offset, "the expression is too long");
  auto made = std::make_unique<Expression>();
  made->node = std::move(node);
  made->offset = offset;
  made->height = static_cast<std::uint16_t>(height);
  return made;
}

ExpressionPtr Grammar::operation(Operator op, ExpressionPtr left, ExpressionPtr right) {
  if (!left || !right) return nullptr;
  const std::uint32_t offset = left->offset;
  const int height = 1 + std::max(left->height, right->height);
  return make(Operation{op, std::move(left), std::move(right)}, offset, height);
}

ExpressionPtr Grammar::expression() {
  if (++depth_ > limits::expression_depth_max) return fail(token_.offset, "the statement is nested too deeply");
  ExpressionPtr left = conjunction();
  while (left && take_word("OR")) left = operation(Operator::logical_or, std::move(left), conjunction());
  --depth_;
  return left;
}

ExpressionPtr Grammar::conjunction() {
  ExpressionPtr left = negatable();
  while (left && take_word("AND")) left = operation(Operator::logical_and, std::move(left), negatable());
  return left;
}

ExpressionPtr Grammar::negatable() {
  const std::uint32_t offset = token_.offset;
  if (!take_word("NOT")) return predicate();
  if (++depth_ > limits::expression_depth_max) return fail(offset, "the statement is nested too deeply");
  ExpressionPtr operand = negatable();
  --depth_;
  if (!operand) return nullptr;
  const int height = operand->height + 1;
  return make(Not{std::move(operand)}, offset, height);
}

ExpressionPtr Grammar::predicate() {
  static constexpr std::pair<std::string_view, Operator> comparisons[] = {
      {"=", Operator::equal},         {"<>", Operator::not_equal},
      {"!=", Operator::not_equal},    {"<", Operator::less},
      {"<=", Operator::less_or_equal}, {">", Operator::greater},
      {">=", Operator::greater_or_equal},
  };
  ExpressionPtr left = sum();
  if (!left) return nullptr;
  if (take_word("IN")) return operation(Operator::in, std::move(left), sum());
  for (const auto& [symbol, op] : comparisons) {
    if (take_symbol(symbol)) return operation(op, std::move(left), sum());
  }
  return left;
}

ExpressionPtr Grammar::sum() {
  ExpressionPtr left = product();
  while (left) {
    if (take_symbol("+")) left = operation(Operator::add, std::move(left), product());
    else if (take_symbol("-")) left = operation(Operator::subtract, std::move(left), product());
    else break;
  }
  return left;
}

ExpressionPtr Grammar::product() {
  ExpressionPtr left = signed_operand();
  while (left) {
    if (take_symbol("*")) left = operation(Operator::multiply, std::move(left), signed_operand());
    else if (take_symbol("/")) left = operation(Operator::divide, std::move(left), signed_operand());
    else if (take_symbol("%")) left = operation(Operator::remainder, std::move(left), signed_operand());
    else break;
  }
  return left;
}

ExpressionPtr Grammar::signed_operand() {
  const std::uint32_t offset = token_.offset;
  if (!take_symbol("-")) return postfix();
  ExpressionPtr operand = postfix();
  if (!operand) return nullptr;
  const int height = operand->height + 1;
  return make(Negation{std::move(operand)}, offset, height);
}

ExpressionPtr Grammar::postfix() {
  ExpressionPtr object = primary();
  while (object && take_symbol(".")) {
    if (token_.kind != Token::Kind::word) return expected("the name of a member");
    std::string name(token_.text);
    advance();
    const std::uint32_t offset = object->offset;
    const int height = object->height + 1;
    object = make(Member{std::move(object), std::move(name)}, offset, height);
  }
  return object;
}

ExpressionPtr Grammar::primary() {
  const std::uint32_t offset = token_.offset;
  switch (token_.kind) {
    case Token::Kind::word: return word();
    case Token::Kind::number: return number();
    case Token::Kind::string: {
      Value value = Value::string(std::move(token_.content));
      advance();
      return make(Literal{std::move(value)}, offset);
    }
    case Token::Kind::variable: {
      std::string name = std::move(token_.content);
      advance();
      return make(VariableReference{std::move(name)}, offset);
    }
    case Token::Kind::symbol:
      if (take_symbol("*")) return make(Star{}, offset);
      if (token_.is_symbol("(")) return parenthesized();
      if (token_.is_symbol("[")) return array_literal();
      if (token_.is_symbol("{")) return object_literal();
      break;
    default: break;
  }
  return expected("an expression");
}

ExpressionPtr Grammar::number() {
  const std::uint32_t offset = token_.offset;
  const std::optional<Number> value = Number::from_text(token_.text);
  if (!value) return fail(offset, "the number is out of range");
  advance();
  return make(Literal{Value::number(*value)}, offset);
}

ExpressionPtr Grammar::word() {
  const std::uint32_t offset = token_.offset;
  if (take_word("NULL")) return make(Literal{Value::null()}, offset);
  if (take_word("TRUE")) return make(Literal{Value::boolean(true)}, offset);
  if (take_word("FALSE")) return make(Literal{Value::boolean(false)}, offset);
  if (token_.is_word("CASE")) return case_expression();
  if (is_reserved(token_)) return expected("an expression");
  Lexer ahead = lexer_;
  if (ahead.next().is_symbol("(")) {
    if (token_.is_word("EXISTS")) return exists();
    if (token_.is_word("CAST")) return cast_call();
    return call();
  }
  std::string name(token_.text);
  advance();
  return make(Name{std::move(name)}, offset);
}

bool Grammar::arguments(std::vector<ExpressionPtr>& out, std::string_view close) {
  if (take_symbol(close)) return true;
  do {
    out.push_back(expression());
    if (!out.back()) return false;
  } while (take_symbol(","));
  if (take_symbol(close)) return true;
  return expected("',' or '" + std::string(close) + "'"), false;
}

static int height_above(const std::vector<ExpressionPtr>& children) {
  int height = 0;
  for (const ExpressionPtr& child : children) height = std::max(height, height_of(child));
  return height + 1;
}

ExpressionPtr Grammar::call() {
  const std::uint32_t offset = token_.offset;
  Call call{.name = text::lower(token_.text)};
  advance();
  advance();  // the opening parenthesis
  if (!arguments(call.arguments, ")")) return nullptr;
  const int height = height_above(call.arguments);
  return make(std::move(call), offset, height);
}

ExpressionPtr Grammar::cast_call() {
  const std::uint32_t offset = token_.offset;
  advance();
  advance();  // the opening parenthesis
  ExpressionPtr operand = expression();
  if (!operand || !need_word("AS")) return nullptr;
  const std::optional<CastType> type =
      token_.kind == Token::Kind::word ? cast_type_from(token_.text) : std::nullopt;
  if (!type) return expected("the name of a type to cast to");
  if (!is_in_2015(*type) && !need_2016(token_.offset, "casts to " + std::string(token_.text))) return nullptr;
  advance();
  if (!need_symbol(")")) return nullptr;
  const int height = operand->height + 1;
  return make(Cast{std::move(operand), *type}, offset, height);
}

ExpressionPtr Grammar::case_expression() {
  const std::uint32_t offset = token_.offset;
  advance();
  Case result{.subject = expression()};
  if (!result.subject) return nullptr;
  int height = result.subject->height;
  if (!token_.is_word("WHEN")) return expected("WHEN");
  while (take_word("WHEN")) {
    ExpressionPtr when = expression();
    if (!when || !need_word("THEN")) return nullptr;
    ExpressionPtr then = expression();
    if (!then) return nullptr;
    height = std::max({height, height_of(when), height_of(then)});
    result.branches.push_back({std::move(when), std::move(then)});
  }
  if (take_word("ELSE")) {
    result.otherwise = expression();
    if (!result.otherwise) return nullptr;
    height = std::max(height, height_of(result.otherwise));
  }
  if (!need_word("END")) return nullptr;
  return make(std::move(result), offset, height + 1);
}

ExpressionPtr Grammar::array_literal() {
  const std::uint32_t offset = token_.offset;
  if (!need_2016(offset, "array literals")) return nullptr;
  advance();
  ArrayLiteral result;
  if (!arguments(result.elements, "]")) return nullptr;
  const int height = height_above(result.elements);
  return make(std::move(result), offset, height);
}

ExpressionPtr Grammar::object_literal() {
  const std::uint32_t offset = token_.offset;
  if (!need_2016(offset, "object literals")) return nullptr;
  advance();
  ObjectLiteral result;
  int height = 1;
  if (take_symbol("}")) return make(std::move(result), offset);
  do {
    if (token_.kind != Token::Kind::string) return expected("a member name in quotes");
    std::string name = std::move(token_.content);
    advance();
    if (!need_symbol(":")) return nullptr;
    ExpressionPtr value = expression();
    if (!value) return nullptr;
    height = std::max(height, height_of(value) + 1);
    result.members.emplace_back(std::move(name), std::move(value));
  } while (take_symbol(","));
  if (!take_symbol("}")) return expected("',' or '}'");
  return make(std::move(result), offset, height);
}

ExpressionPtr Grammar::parenthesized() {
  advance();
  ExpressionPtr inner = token_.is_word("SELECT") ? subselect() : expression();
  if (inner && token_.is_symbol(",")) return expected("')' (an array is written [a, b])");
  if (!inner || !need_symbol(")")) return nullptr;
  return inner;
}

ExpressionPtr Grammar::exists() {
  const std::uint32_t offset = token_.offset;
  advance();
  advance();  // the opening parenthesis
  if (!token_.is_word("SELECT")) return expected("SELECT");
  ExpressionPtr inner = subselect();
  if (!inner || !need_symbol(")")) return nullptr;
  const int height = inner->height + 1;
  return make(Exists{std::move(inner)}, offset, height);
}

Result<TemplateExpression> parse_template_expression(std::string_view text, std::size_t from, SqlVersion version) {
  Grammar grammar(text, from, version);
  ExpressionPtr expression = grammar.expression();
  if (expression && !grammar.token().is_symbol("}")) expression = grammar.expected("'}'");
  if (!expression) return *grammar.failure();
  return TemplateExpression{std::move(expression), grammar.token().end};
}

}  // namespace croft::sql
