#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace croft::dynamo::partiql {

// Where something stands in a statement, in characters from 1.
struct Position {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  std::uint32_t length = 0;

  // As messages end: " at 1:8:16".
  std::string text() const;
};

struct Token {
  enum class Kind { word, quoted, string, number, ion, symbol, end };

  Kind kind = Kind::end;
  std::string_view text;  // as written, into the statement
  std::string content;    // a word in lower case; what the quotes hold
  Position at;

  bool is(std::string_view symbol_or_word) const {
    return kind == Kind::symbol ? text == symbol_or_word : kind == Kind::word && content == symbol_or_word;
  }
  // A word that is no name unless it is quoted.
  bool is_keyword() const;
  // Something that names an attribute, a table or an index.
  bool is_name() const { return kind == Kind::quoted || (kind == Kind::word && !is_keyword()); }
  std::string name() const { return kind == Kind::quoted ? content : std::string(text); }
};

// The last one is `end`. Nothing when a character belongs to no token, when a quote or comment does not end, or when an
// exponent does not fit 32 bits.
std::optional<std::vector<Token>> tokens(std::string_view statement);

// The keywords of SQL-92 and those of PartiQL, in lower case.
// Source: the PartiQL specification and its reference implementation, whose parser AWS's messages betray.
bool is_keyword(std::string_view lower_case);

}  // namespace croft::dynamo::partiql
