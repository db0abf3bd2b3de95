#include "dynamo/expressions/lexer.h"

#include "text/encoding.h"

namespace croft::dynamo {

namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) { return is_letter(c) || is_digit(c) || c == '_'; }  // names do not begin with _
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool is_utf8_tail(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

template <class Predicate>
std::size_t end_of_run(std::string_view text, std::size_t from, Predicate belongs) {
  while (from < text.size() && belongs(text[from])) ++from;
  return from;
}

// The kind of the token at `at` and where it ends.
std::pair<Token::Kind, std::size_t> scan(std::string_view text, std::size_t at) {
  const char c = text[at];
  if (is_letter(c)) return {Token::Kind::name, end_of_run(text, at, is_word)};
  if (is_digit(c)) return {Token::Kind::integer, end_of_run(text, at, is_digit)};
  if (c == '#') return {Token::Kind::name_placeholder, end_of_run(text, at + 1, is_word)};
  if (c == ':') return {Token::Kind::value_placeholder, end_of_run(text, at + 1, is_word)};
  const std::string_view two = text.substr(at, 2);
  if (two == "<>" || two == "<=" || two == ">=") return {Token::Kind::symbol, at + 2};
  if (std::string_view("=<>()[].,+-").find(c) != std::string_view::npos) return {Token::Kind::symbol, at + 1};
  return {Token::Kind::invalid, end_of_run(text, at + 1, is_utf8_tail)};
}

}  // namespace

bool Token::is(std::string_view symbol_or_keyword) const {
  if (kind == Kind::symbol) return text == symbol_or_keyword;
  return kind == Kind::name && text.size() == symbol_or_keyword.size() && text::upper(text) == symbol_or_keyword;
}

std::vector<Token> tokens(std::string_view expression) {
  std::vector<Token> out;
  for (std::size_t at = 0; at < expression.size();) {
    if (is_space(expression[at])) {
      ++at;
      continue;
    }
    const auto [kind, end] = scan(expression, at);
    out.push_back({kind, expression.substr(at, end - at)});
    at = end;
  }
  out.push_back({Token::Kind::end, expression.substr(expression.size())});
  return out;
}

}  // namespace croft::dynamo
