// The parser's working state. parser.cpp has the expressions, statement_parser.cpp the clauses.
#pragma once

#include <optional>
#include <string>

#include "sql/limits.h"
#include "sql/parser.h"

namespace croft::sql {

// The member an item without alias goes to: the last step of a path, the name of a function or variable, otherwise
// the item's position as _1, _2 (undocumented by AWS; PartiQL does it so). `position` counts from 1.
std::string derived_name(const Expression& expression, std::size_t position);

// Recursive descent, one function for each rule of the grammar. A function that fails notes the first failure and
// returns null; callers pass null on.
class Grammar {
 public:
  Grammar(std::string_view text, std::size_t from, SqlVersion version)
      : lexer_(text, from), token_(lexer_.next()), version_(version) {}

  std::optional<Statement> statement();
  ExpressionPtr expression();
  const Token& token() const { return token_; }
  const std::optional<Error>& failure() const { return failure_; }
  std::nullptr_t expected(const std::string& what);

 private:
  // Clauses.
  bool set_clause(Statement& out);
  bool projection(Projection& out);
  bool value_follows() const;
  bool item(Projection& out);
  bool alias(std::vector<std::string>& path);
  bool from_clause(Statement& out);
  ExpressionPtr subselect();
  bool at_clause_end() const;

  // Expressions, loosest first.
  ExpressionPtr conjunction();
  ExpressionPtr negatable();
  ExpressionPtr predicate();
  ExpressionPtr sum();
  ExpressionPtr product();
  ExpressionPtr signed_operand();
  ExpressionPtr postfix();
  ExpressionPtr primary();
  ExpressionPtr word();
  ExpressionPtr number();
  ExpressionPtr call();
  ExpressionPtr cast_call();
  ExpressionPtr case_expression();
  ExpressionPtr array_literal();
  ExpressionPtr object_literal();
  ExpressionPtr parenthesized();
  ExpressionPtr exists();
  bool arguments(std::vector<ExpressionPtr>& out, std::string_view close);

  // Null when the tree would be higher than limits::expression_height_max.
  ExpressionPtr make(Expression::Node node, std::uint32_t offset, int height = 1);
  ExpressionPtr operation(Operator op, ExpressionPtr left, ExpressionPtr right);

  void advance() { token_ = lexer_.next(); }
  bool take_word(std::string_view keyword);
  bool take_symbol(std::string_view symbol);
  bool need_symbol(std::string_view symbol);
  bool need_word(std::string_view keyword);
  std::nullptr_t fail(std::size_t offset, const std::string& problem);
  bool need_2016(std::uint32_t offset, const std::string& feature);

  Lexer lexer_;
  Token token_;
  SqlVersion version_;
  int depth_ = 0;
  std::optional<Error> failure_;
};

}  // namespace croft::sql
