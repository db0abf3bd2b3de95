#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dynamo/partiql/statement.h"

namespace croft::dynamo::partiql {

// What the parsers of statements and of expressions share: tokens and errors.
//
// After a failure the parser stands at the end, so every loop of the grammar ends by itself; finish() tells what went
// wrong. What the grammar refuses is told before what DynamoDB does not have, whichever comes first in the text.
class Parser {
 public:
  explicit Parser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  // Operators that bind more strongly than `above` and their operands.
  Expression expression(int above = 0);
  // A path of names and list indexes, as data manipulation has it.
  Path simple_path();

  std::size_t parameters() const { return parameters_; }

 protected:
  const Token& peek(std::size_t ahead = 0) const;
  Token take();
  bool accept(std::string_view symbol_or_keyword);
  // Two words or none.
  bool accept(std::string_view first, std::string_view second);
  void expect(std::string_view symbol_or_keyword, std::string_view otherwise);
  bool at_end() const { return peek().kind == Token::Kind::end; }

  void fail(std::string_view detail);
  void refuse(std::string message);
  bool failed() const { return failure_.has_value(); }
  // The error of the whole text, if any. The text must be used up, but for a semicolon.
  Result<void> finish();

 private:
  struct Infix {
    Expression::Kind kind;
    int precedence;
    int words = 1;
    bool negated = false;
    std::string_view name{};
  };
  std::optional<Infix> infix() const;
  Expression joined(const Infix& op, Expression left);
  Expression right_of(const Infix& op);
  Expression prefix();
  Expression term();
  Expression name_or_call();
  Expression group(bool always_sequence);
  Expression collection(Expression::Kind kind, std::string_view end);
  Expression tuple();
  void path_tail(Path& path);
  void bracket(Path& path);
  std::string type_name();
  void unexpected();

  Expression made(Expression::Kind kind, Position at, std::vector<Expression> operands = {}, std::string text = {});
  // False, with a failure, when the recursion goes too deep. Pair with leave().
  bool enter();
  void leave() { --depth_; }

  std::vector<Token> tokens_;
  std::size_t position_ = 0;
  std::size_t depth_ = 0;
  std::size_t parameters_ = 0;
  std::optional<Error> failure_, refusal_;
};

}  // namespace croft::dynamo::partiql
