#pragma once

#include <string_view>
#include <vector>

namespace croft::dynamo {

struct Token {
  enum class Kind { name, name_placeholder, value_placeholder, integer, symbol, invalid, end } kind;
  std::string_view text;  // points into the expression

  // Whether it is this symbol, or this keyword in upper or lower case.
  bool is(std::string_view symbol_or_keyword) const;
};

// Never fails: a character of no token becomes an `invalid` one, which no grammar takes. The last token is `end`.
std::vector<Token> tokens(std::string_view expression);

}  // namespace croft::dynamo
