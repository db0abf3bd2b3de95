#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "types/result.h"

namespace croft::sql {

struct Token {
  enum class Kind : std::uint8_t { end, word, variable, number, string, symbol, bad };

  Kind kind = Kind::end;
  std::uint32_t offset = 0;   // first byte in the text
  std::uint32_t end = 0;      // one past the last byte
  std::string_view text;      // as written; for bad: what is wrong
  std::string content;        // string: without quotes; variable: without the @

  // Keywords in any case.
  bool is_word(std::string_view keyword) const;
  bool is_symbol(std::string_view symbol) const { return kind == Kind::symbol && text == symbol; }
};

// "line 2, column 7: problem", columns counted in characters. Always code SqlParseException.
Error parse_error(std::string_view text, std::size_t offset, const std::string& problem);

// Cuts SQL text into tokens one at a time; a token that cannot be is returned as bad, and only matters when the
// parser comes to it (a substitution template goes on in another language after the closing brace).
class Lexer {
 public:
  explicit Lexer(std::string_view text, std::size_t from = 0) : text_(text), at_(from) {}

  Token next();
  std::string_view text() const { return text_; }

 private:
  Token word(Token token);
  Token variable(Token token);
  Token number(Token token);
  Token string(Token token);
  Token symbol(Token token);
  Token finish(Token token, Token::Kind kind);
  Token bad(Token token, std::string_view problem);

  std::string_view text_;
  std::size_t at_;
};

}  // namespace croft::sql
