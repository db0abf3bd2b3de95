#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dynamo/expressions/lexer.h"
#include "dynamo/expressions/path.h"
#include "dynamo/expressions/placeholders.h"
#include "types/result.h"

namespace croft::dynamo {

// What the grammars of condition, update and projection expressions share: tokens, paths, placeholders and errors.
//
// After a failure the parser stands at the end of the text, so every loop of a grammar ends by itself; finish() tells
// what went wrong. A syntax error is told before a fault of meaning, whichever comes first in the text.
class Parser {
 protected:
  // Faults of meaning, the first to be told first; from `undefined` on, all of an earlier condition are told before
  // those of a later one. Observed order of AWS's messages.
  enum class Fault {
    reserved_in_update,
    parentheses,
    unknown_function,
    misused_function,
    section,
    reserved,
    undefined,
    undefined_value_in_update,
    overlap,
    conflict,
    changed_type,  // of the value of ADD or DELETE
    operand_count,
    distinct,
    operand
  };

  // `kind` is the parameter's name, as in "Invalid UpdateExpression: ...". `keywords` are never attribute names.
  Parser(std::string_view kind, std::string_view text, std::span<const std::string_view> keywords,
         Placeholders& placeholders);

  const Token& peek(std::size_t ahead = 0) const;
  Token take();
  // Takes the symbol or keyword if it is next.
  bool accept(std::string_view symbol_or_keyword);
  void expect(std::string_view symbol);

  void syntax_error();
  void fail(std::string message);
  void note(Fault fault, std::string message);
  // What is noted from here on belongs to the next condition.
  void end_condition() { ++condition_; }
  bool failed() const { return failure_.has_value(); }

  bool at_path() const;
  Path path();
  // Never null: after a fault it points to some value.
  ValuePtr value();
  bool at_function() const;

  // Counts operators and functions.
  void count_operator();
  // False, with the failure, when parentheses and functions are nested too deeply. Pair with leave().
  bool enter(std::string_view too_deep);
  void leave() { --depth_; }

  // Notes the first clash of paths that are changed or projected together.
  void check_clashes(const std::vector<const Path*>& paths);

  // The error of the whole text, if any. The text must be used up.
  Result<void> finish();

  // Updates tell these in another order.
  Fault reserved_ = Fault::reserved;
  Fault undefined_value_ = Fault::undefined;

 private:
  std::string attribute_name();
  std::optional<std::size_t> list_index();
  bool is_keyword(const Token& token) const;

  std::string kind_;
  std::span<const std::string_view> keywords_;
  Placeholders& placeholders_;
  std::vector<Token> tokens_;
  std::size_t position_ = 0;
  std::size_t operators_ = 0;
  std::size_t depth_ = 0;
  std::size_t condition_ = 0;
  std::optional<Error> failure_;
  struct Noted {
    std::size_t condition;  // 0 for what comes before all conditions
    Fault fault;
    std::string message;
  };
  std::optional<Noted> fault_;
};

}  // namespace croft::dynamo
