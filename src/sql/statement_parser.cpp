#include <algorithm>

#include "sql/grammar.h"
#include "sql/topic_filter.h"
#include "text/encoding.h"

namespace croft::sql {
namespace {

bool spreads(const Expression& expression) {
  return std::holds_alternative<Star>(expression.node) || std::holds_alternative<ObjectLiteral>(expression.node);
}

}  // namespace

std::string derived_name(const Expression& expression, std::size_t position) {
  if (const auto* member = std::get_if<Member>(&expression.node)) return member->name;
  if (const auto* name = std::get_if<Name>(&expression.node)) return name->name;
  if (const auto* variable = std::get_if<VariableReference>(&expression.node)) return variable->name;
  if (const auto* call = std::get_if<Call>(&expression.node)) return call->name;
  if (std::holds_alternative<Cast>(expression.node)) return "cast";
  return "_" + std::to_string(position);
}

bool Grammar::at_clause_end() const {
  return token_.kind == Token::Kind::end || token_.is_word("FROM") || token_.is_word("WHERE") ||
         token_.is_symbol(")");
}

std::optional<Statement> Grammar::statement() {
  Statement result;
  result.version = version_;
  if (token_.is_word("SET") && !set_clause(result)) return std::nullopt;
  if (!need_word("SELECT") || !projection(result.projection)) return std::nullopt;
  if (token_.is_word("FROM") && !from_clause(result)) return std::nullopt;
  if (take_word("WHERE")) {
    result.where = expression();
    if (!result.where) return std::nullopt;
  }
  if (token_.kind != Token::Kind::end) {
    expected(result.where ? "the end of the statement" : "FROM, WHERE or the end of the statement");
    return std::nullopt;
  }
  return result;
}

bool Grammar::set_clause(Statement& out) {
  advance();
  do {
    if (token_.kind != Token::Kind::variable) return expected("a variable such as @name"), false;
    const std::uint32_t offset = token_.offset;
    std::string name = std::move(token_.content);
    if (name.size() > limits::variable_name_max) {
      return fail(offset, "a variable's name has at most 64 characters"), false;
    }
    if (out.variables.size() == limits::variables_max) return fail(offset, "SET takes at most 10 variables"), false;
    advance();
    if (!need_symbol("=")) return false;
    ExpressionPtr value = expression();
    if (!value) return false;
    out.variables.push_back({std::move(name), std::move(value), offset});
  } while (take_symbol(","));
  return true;
}

// Directly after SELECT, VALUE is the keyword only when an item follows it; otherwise it is a member's name.
bool Grammar::value_follows() const {
  if (!token_.is_word("VALUE")) return false;
  Lexer ahead = lexer_;
  const Token next = ahead.next();
  switch (next.kind) {
    case Token::Kind::end:
    case Token::Kind::bad: return false;
    case Token::Kind::word: {
      static constexpr std::string_view continuations[] = {"AS", "FROM", "WHERE", "IN", "AND", "OR"};
      return std::none_of(std::begin(continuations), std::end(continuations),
                          [&](std::string_view word) { return next.is_word(word); });
    }
    case Token::Kind::symbol: break;
    default: return true;
  }
  if (next.is_symbol("(") || next.is_symbol("[") || next.is_symbol("{")) return true;
  if (!next.is_symbol("*")) return false;
  const Token second = ahead.next();  // VALUE * FROM and VALUE *.x, but value * 2
  return second.kind == Token::Kind::end || second.is_word("FROM") || second.is_word("WHERE") ||
         second.is_symbol(".") || second.is_symbol(")");
}

bool Grammar::projection(Projection& out) {
  out.is_value = value_follows();
  if (out.is_value) {
    advance();
    ExpressionPtr value = expression();
    if (!value) return false;
    if (token_.is_symbol(",")) return expected("one item only after SELECT VALUE"), false;
    out.items.push_back({std::move(value), {}, false});
    return true;
  }
  do {
    if (!out.items.empty() && at_clause_end()) return true;  // AWS's own examples end a list with a comma
    if (!item(out)) return false;
  } while (take_symbol(","));
  return true;
}

bool Grammar::item(Projection& out) {
  const std::uint32_t offset = token_.offset;
  if (out.items.size() == limits::select_items_max) return fail(offset, "SELECT has too many items"), false;
  Projection::Item result{.expression = expression(), .path = {}};
  if (!result.expression) return false;
  if (take_word("AS")) {
    if (!alias(result.path)) return false;
  } else if (spreads(*result.expression)) {
    result.spread = true;
  } else {
    result.path.push_back(derived_name(*result.expression, out.items.size() + 1));
  }
  out.items.push_back(std::move(result));
  return true;
}

bool Grammar::alias(std::vector<std::string>& path) {
  do {
    if (token_.kind != Token::Kind::word) return expected("a name after AS"), false;
    if (path.size() == static_cast<std::size_t>(limits::expression_depth_max)) {
      return fail(token_.offset, "the alias is nested too deeply"), false;
    }
    path.emplace_back(token_.text);
    advance();
  } while (take_symbol("."));
  return true;
}

bool Grammar::from_clause(Statement& out) {
  advance();
  if (token_.kind != Token::Kind::string) return expected("a topic filter in quotes"), false;
  if (std::optional<std::string> problem = topic_filter_problem(token_.content)) {
    return fail(token_.offset, *problem), false;
  }
  out.topic_filter = std::move(token_.content);
  advance();
  return true;
}

ExpressionPtr Grammar::subselect() {
  const std::uint32_t offset = token_.offset;
  if (!need_2016(offset, "nested SELECTs")) return nullptr;
  if (++depth_ > limits::expression_depth_max) return fail(offset, "the statement is nested too deeply");
  advance();
  Subselect result;
  if (!projection(result.projection) || !need_word("FROM")) return nullptr;
  if (token_.kind == Token::Kind::string) return expected("a path, a variable or * to select from");
  result.source = postfix();
  if (!result.source) return nullptr;
  int height = result.source->height;
  if (take_word("AS")) {
    if (token_.kind != Token::Kind::word) return expected("a name after AS");
    result.alias = token_.text;
    advance();
  }
  if (take_word("WHERE")) {
    result.where = expression();
    if (!result.where) return nullptr;
    height = std::max<int>(height, result.where->height);
  }
  for (const Projection::Item& item : result.projection.items) {
    height = std::max<int>(height, item.expression->height);
  }
  --depth_;
  return make(std::move(result), offset, height + 1);
}

Result<Statement> parse_statement(std::string_view text, SqlVersion version) {
  if (text.size() > limits::sql_bytes_max) {
    return Error{"SqlParseException",
                 "the statement is longer than " + std::to_string(limits::sql_bytes_max) + " bytes"};
  }
  if (!text::is_utf8(text)) return Error{"SqlParseException", "the statement is not UTF-8"};
  Grammar grammar(text, 0, version);
  std::optional<Statement> statement = grammar.statement();
  if (!statement) return *grammar.failure();
  return std::move(*statement);
}

}  // namespace croft::sql
