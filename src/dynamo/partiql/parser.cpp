#include "dynamo/partiql/parser.h"

#include <algorithm>
#include <charconv>

#include "dynamo/errors.h"
#include "dynamo/partiql/limits.h"

namespace croft::dynamo::partiql {

namespace {

using Kind = Expression::Kind;

// Strongest last, as PartiQL binds them.
constexpr int or_precedence = 10, and_precedence = 20, not_precedence = 30, equality = 40, comparison = 50, addition = 60,
              multiplication = 70;

// What may stand behind IS. Source: PartiQL's types; those DynamoDB has not are refused later.
constexpr std::string_view type_names[] = {
    "bag",    "blob", "bool", "boolean", "char",   "character", "clob", "date",   "dec",    "decimal",  "double",
    "float",  "int",  "int4", "int8",    "integer", "list",     "missing", "null", "numeric", "real",   "sexp",
    "smallint", "string", "struct", "symbol", "time", "timestamp", "tuple", "varchar"};

// Keywords that are functions' names, too.
constexpr std::string_view function_keywords[] = {"exists", "count", "avg", "max", "min", "sum", "substring", "char_length",
                                                  "character_length", "octet_length", "bit_length", "upper", "lower",
                                                  "size", "nullif", "coalesce", "sexp", "list", "bag"};

constexpr std::string_view operators[] = {"=", "<", ">", "<=", ">=", "<>", "!=", "+", "-", "*", "/", "%", "||"};
constexpr std::string_view operator_words[] = {"and", "or", "is", "in", "like", "between", "union", "except", "intersect"};

template <class Range>
bool among(const Range& range, std::string_view text) {
  return std::find(std::begin(range), std::end(range), text) != std::end(range);
}

bool is_operator(const Token& token) {
  if (token.kind == Token::Kind::symbol) return among(operators, token.text);
  return token.kind == Token::Kind::word && among(operator_words, token.content);
}

std::string negated_number(std::string text) {
  if (text.starts_with('-')) return text.substr(1);
  return "-" + text;
}

}  // namespace

const Token& Parser::peek(std::size_t ahead) const {
  return tokens_[std::min(position_ + ahead, tokens_.size() - 1)];
}

Token Parser::take() {
  Token token = peek();
  if (position_ + 1 < tokens_.size()) ++position_;
  return token;
}

bool Parser::accept(std::string_view symbol_or_keyword) {
  if (!peek().is(symbol_or_keyword)) return false;
  take();
  return true;
}

bool Parser::accept(std::string_view first, std::string_view second) {
  if (!peek().is(first) || !peek(1).is(second)) return false;
  take();
  take();
  return true;
}

void Parser::expect(std::string_view symbol_or_keyword, std::string_view otherwise) {
  if (!accept(symbol_or_keyword)) fail(otherwise);
}

void Parser::fail(std::string_view detail) {
  if (failed()) return;
  failure_ = validation_error("Statement wasn't well formed, can't be processed: " + std::string(detail));
  position_ = tokens_.size() - 1;
}

void Parser::refuse(std::string message) {
  if (!refusal_) refusal_ = validation_error(std::move(message));
}

Result<void> Parser::finish() {
  accept(";");
  if (!at_end()) fail("Unexpected token after expression");
  if (failure_) return *failure_;
  if (refusal_) return *refusal_;
  return {};
}

bool Parser::enter() {
  if (++depth_ > limits::nesting_max) fail("The statement is nested too deeply");
  return !failed();
}

Expression Parser::made(Kind kind, Position at, std::vector<Expression> operands, std::string text) {
  Expression out{.kind = kind, .at = at, .text = std::move(text), .operands = std::move(operands)};
  for (const Expression& operand : out.operands) out.depth = std::max(out.depth, operand.depth + 1);
  if (out.depth > limits::nesting_max) {
    out.operands.clear();
    fail("The statement is nested too deeply");
  }
  return out;
}

void Parser::unexpected() {
  if (is_operator(peek())) return fail("Unexpected operator");
  if (peek().is("from")) return fail("Expected data manipulation");
  fail(peek().is_keyword() ? "Unexpected keyword" : "Unexpected term");
}

std::optional<Parser::Infix> Parser::infix() const {
  const Token& token = peek();
  const bool negated = token.is("not");
  const Token& word = negated ? peek(1) : token;
  const int words = negated ? 2 : 1;
  if (word.is("in")) return Infix{Kind::in, equality, words, negated};
  if (word.is("between")) return Infix{Kind::between, comparison, words, negated};
  if (word.is("like")) return Infix{Kind::operation, comparison, words, negated, "like"};
  if (negated) return std::nullopt;
  if (token.is("and")) return Infix{Kind::all, and_precedence};
  if (token.is("or")) return Infix{Kind::any, or_precedence};
  if (token.is("is")) return Infix{Kind::is_type, equality, peek(1).is("not") ? 2 : 1, peek(1).is("not")};
  if (token.kind != Token::Kind::symbol) return std::nullopt;
  if (token.text == "=") return Infix{Kind::equal, equality};
  if (token.text == "<>" || token.text == "!=") return Infix{Kind::not_equal, equality};
  if (token.text == "<") return Infix{Kind::less, comparison};
  if (token.text == "<=") return Infix{Kind::less_equal, comparison};
  if (token.text == ">") return Infix{Kind::greater, comparison};
  if (token.text == ">=") return Infix{Kind::greater_equal, comparison};
  if (token.text == "+") return Infix{Kind::plus, addition};
  if (token.text == "-") return Infix{Kind::minus, addition};
  if (token.text == "||") return Infix{Kind::operation, addition, 1, false, "||"};
  for (std::string_view name : {"*", "/", "%"}) {
    if (token.text == name) return Infix{Kind::operation, multiplication, 1, false, name};
  }
  return std::nullopt;
}

Expression Parser::expression(int above) {
  Expression left;
  if (enter()) {
    left = prefix();
    for (std::optional<Infix> op = infix(); !failed() && op && op->precedence > above; op = infix()) {
      left = joined(*op, std::move(left));
    }
  }
  leave();
  return left;
}

Expression Parser::right_of(const Infix& op) {
  if (at_end()) {
    fail("Missing right-hand side expression of infix operator");
    return {};
  }
  return expression(op.precedence);
}

Expression Parser::joined(const Infix& op, Expression left) {
  const Position at = peek().at;
  for (int i = 0; i < op.words; ++i) take();
  std::vector<Expression> operands;
  std::string text(op.name);
  if ((op.kind == Kind::all || op.kind == Kind::any) && left.kind == op.kind) {
    operands = std::move(left.operands);
  } else {
    operands.push_back(std::move(left));
  }
  if (op.kind == Kind::is_type) {
    text = type_name();
  } else if (op.kind == Kind::in && peek().is("(")) {
    operands.push_back(group(true));
  } else {
    operands.push_back(right_of(op));
  }
  if (op.kind == Kind::between) {
    expect("and", "Expected AND after BETWEEN");
    operands.push_back(right_of(op));
  }
  if (op.name == "like" && accept("escape")) operands.push_back(right_of(op));
  Expression out = made(op.kind, at, std::move(operands), std::move(text));
  if (!op.negated) return out;
  std::vector<Expression> inner;
  inner.push_back(std::move(out));
  return made(Kind::negation, at, std::move(inner));
}

std::string Parser::type_name() {
  if (accept("double", "precision")) return "double_precision";
  if (accept("character", "varying")) return "character_varying";
  if (peek().kind != Token::Kind::word || !among(type_names, peek().content)) {
    fail("Expected type name");
    return {};
  }
  std::string name = take().content;
  if (name == "bool") return "boolean";
  if (name == "int") return "integer";
  if (name == "dec") return "decimal";
  return name;
}

Expression Parser::prefix() {
  const Position at = peek().at;
  if (accept("not")) {
    std::vector<Expression> operands;
    operands.push_back(expression(not_precedence));
    return made(Kind::negation, at, std::move(operands));
  }
  if (!peek().is("-") && !peek().is("+")) return term();
  const std::string sign(take().text);
  Expression operand;
  if (enter()) operand = prefix();
  leave();
  if (operand.kind == Kind::number) {
    if (sign == "-") operand.text = negated_number(std::move(operand.text));
    return operand;
  }
  std::vector<Expression> operands;
  operands.push_back(std::move(operand));
  return made(Kind::operation, at, std::move(operands), sign);
}

Expression Parser::term() {
  const Token& token = peek();
  const Position at = token.at;
  switch (token.kind) {
    case Token::Kind::number: return made(Kind::number, at, {}, std::string(take().text));
    case Token::Kind::string: return made(Kind::string, at, {}, take().content);
    case Token::Kind::ion: return made(Kind::ion, at, {}, take().content);
    case Token::Kind::quoted:
    case Token::Kind::word: return name_or_call();
    default: break;
  }
  if (accept("?")) {
    Expression out = made(Kind::parameter, at);
    out.number = parameters_++;
    return out;
  }
  if (token.is("(")) return group(false);
  if (accept("[")) return collection(Kind::list, "]");
  if (accept("<<")) return collection(Kind::bag, ">>");
  if (accept("{")) return tuple();
  unexpected();
  return {};
}

Expression Parser::name_or_call() {
  const Position at = peek().at;
  for (std::string_view word : {"true", "false"}) {
    if (accept(word)) return made(Kind::boolean, at, {}, std::string(word));
  }
  if (accept("null")) return made(Kind::null, at);
  if (accept("missing")) return made(Kind::missing, at);
  const bool function = peek(1).is("(") && (peek().is_name() || among(function_keywords, peek().content));
  if (!peek().is_name() && !function) {
    unexpected();
    return {};
  }
  if (!function) {
    Expression out = made(Kind::path, at);
    out.path.steps.emplace_back(take().name());
    path_tail(out.path);
    return out;
  }
  const Token name = take();
  take();
  if (name.content == "count" && accept("*")) {
    expect(")", "Expected )");
    std::vector<Expression> star;
    star.push_back(made(Kind::star, at));
    return made(Kind::call, at, std::move(star), name.content);
  }
  Expression call = collection(Kind::call, ")");
  call.at = at;
  call.text = name.content;
  return call;
}

// The opening symbol is taken.
Expression Parser::collection(Kind kind, std::string_view end) {
  Expression out{.kind = kind, .at = tokens_[position_ - 1].at};
  std::vector<Expression> members;
  if (enter() && !peek().is(end)) {
    do members.push_back(expression());
    while (accept(","));
  }
  leave();
  expect(end, "Expected " + std::string(end));
  return made(out.kind, out.at, std::move(members));
}

Expression Parser::tuple() {
  const Position at = tokens_[position_ - 1].at;
  std::vector<Expression> members;
  if (enter() && !peek().is("}")) {
    do {
      members.push_back(expression());
      expect(":", "Expected : in tuple");
      members.push_back(expression());
    } while (accept(","));
  }
  leave();
  expect("}", "Expected }");
  return made(Kind::tuple, at, std::move(members));
}

Expression Parser::group(bool always_sequence) {
  const Position at = take().at;
  if (peek().is("select")) {
    fail("Unexpected keyword");
    return {};
  }
  std::vector<Expression> members;
  if (enter()) {
    do members.push_back(expression());
    while (accept(","));
  }
  leave();
  expect(")", "Expected )");
  if (members.size() == 1 && !always_sequence) return std::move(members.front());
  return made(Kind::sequence, at, std::move(members));
}

Path Parser::simple_path() {
  Path path;
  if (!peek().is_name()) {
    fail("Expected identifier for simple path");
    path.steps.emplace_back(std::string());
    return path;
  }
  const Token name = take();
  if (name.name().empty()) refuse("Path component cannot be an empty string");
  path.steps.emplace_back(name.name());
  path_tail(path);
  return path;
}

void Parser::path_tail(Path& path) {
  while (!failed()) {
    if (accept(".")) {
      if (accept("*")) {
        refuse("Unpivot path component like a.*.b are not supported");
      } else if (!peek().is_name()) {
        fail("Invalid path dot component");
      } else {
        const Token name = take();
        if (name.name().empty()) refuse("Path component cannot be an empty string");
        path.steps.emplace_back(name.name());
      }
    } else if (accept("[")) {
      bracket(path);
    } else {
      return;
    }
  }
}

// A list's index, or a map member's name as a string.
void Parser::bracket(Path& path) {
  if (accept("*")) {
    refuse("Wildcard path component like a[*].b are not supported");
    return expect("]", "Expected ]");
  }
  const Expression inside = expression();
  expect("]", "Expected ]");
  if (failed()) return;
  if (inside.kind == Kind::string) {
    path.steps.emplace_back(inside.text);
    return;
  }
  if (inside.kind != Kind::number) return refuse("Unexpected path component" + inside.at.text());
  std::int64_t index = 0;
  const auto [end, failure] = std::from_chars(inside.text.data(), inside.text.data() + inside.text.size(), index);
  if (failure == std::errc() && end != inside.text.data() + inside.text.size())
    return refuse("Unexpected path component" + inside.at.text());
  // Java's int. Source: AWS's own answer.
  if (failure != std::errc() || index < 0 || index > 2147483647) {
    return refuse("List index is not within the allowable range; index: [" + inside.text + "]" + inside.at.text());
  }
  path.steps.emplace_back(static_cast<std::size_t>(index));
}

}  // namespace croft::dynamo::partiql
