#include "sql/lexer.h"

#include "text/encoding.h"

namespace croft::sql {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_name_char(char c) { return is_letter(c) || is_digit(c); }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// Of a character that begins no token.
std::string_view problem_with(char c) {
  switch (c) {
    case ';':
      return "a statement ends without ;";
    case '`':
      return "names are written without quotes; others are read with get(object, 'name')";
    case '|':
      return "texts are joined with + or concat()";
    case '!':
      return "not is written NOT, not equal <>";
    case '$':
      return "a substitution template belongs into a parameter of an action";
    default:
      return "unexpected character";
  }
}

}  // namespace

bool Token::is_word(std::string_view keyword) const {
  if (kind != Kind::word || text.size() != keyword.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char upper = text[i] >= 'a' && text[i] <= 'z' ? static_cast<char>(text[i] - 'a' + 'A') : text[i];
    if (upper != keyword[i]) return false;
  }
  return true;
}

Error parse_error(std::string_view text, std::size_t offset, const std::string& problem) {
  int line = 1, column = 1;
  for (std::size_t i = 0; i < offset && i < text.size(); ++i) {
    if (text[i] == '\n') {
      ++line;
      column = 1;
    } else if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) {  // not the inside of a character
      ++column;
    }
  }
  return {"SqlParseException",
          "line " + std::to_string(line) + ", column " + std::to_string(column) + ": " + problem};
}

Token Lexer::next() {
  while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  Token token;
  token.offset = token.end = static_cast<std::uint32_t>(at_);
  if (at_ == text_.size()) return token;
  const char c = text_[at_];
  if (is_letter(c)) return word(std::move(token));
  if (is_digit(c)) return number(std::move(token));
  if (c == '\'' || c == '"') return string(std::move(token));
  if (c == '@') return variable(std::move(token));
  return symbol(std::move(token));
}

Token Lexer::finish(Token token, Token::Kind kind) {
  token.kind = kind;
  token.end = static_cast<std::uint32_t>(at_);
  token.text = text_.substr(token.offset, at_ - token.offset);
  return token;
}

Token Lexer::bad(Token token, std::string_view problem) {
  token.kind = Token::Kind::bad;
  token.end = static_cast<std::uint32_t>(text_.size());
  token.text = problem;
  at_ = text_.size();
  return token;
}

Token Lexer::word(Token token) {
  while (at_ < text_.size() && is_name_char(text_[at_])) ++at_;
  return finish(std::move(token), Token::Kind::word);
}

Token Lexer::variable(Token token) {
  const std::size_t start = ++at_;
  while (at_ < text_.size() && is_name_char(text_[at_])) ++at_;
  if (at_ == start) return bad(std::move(token), "a variable needs a name after @");
  token.content = text_.substr(start, at_ - start);
  return finish(std::move(token), Token::Kind::variable);
}

Token Lexer::number(Token token) {
  const auto digits = [&] {
    const std::size_t start = at_;
    while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
    return at_ > start;
  };
  digits();
  if (at_ < text_.size() && text_[at_] == '.') {
    ++at_;
    if (!digits()) return bad(std::move(token), "digits must follow the decimal point");
  }
  if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
    ++at_;
    if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
    if (!digits()) return bad(std::move(token), "digits must follow the exponent sign");
  }
  if (at_ < text_.size() && is_name_char(text_[at_])) {
    return bad(std::move(token), "a name cannot start with a digit; use get() for such members");
  }
  return finish(std::move(token), Token::Kind::number);
}

Token Lexer::string(Token token) {
  const char quote = text_[at_++];
  for (;;) {
    const std::size_t close = text_.find(quote, at_);
    if (close == std::string_view::npos) return bad(std::move(token), "the string is not closed");
    token.content.append(text_.substr(at_, close - at_));
    at_ = close + 1;
    if (at_ == text_.size() || text_[at_] != quote) return finish(std::move(token), Token::Kind::string);
    token.content += quote;  // a doubled quote stands for one
    ++at_;
  }
}

Token Lexer::symbol(Token token) {
  const std::string_view two = text_.substr(at_, 2);
  if (two == "--" || two == "/*") return bad(std::move(token), "comments are not supported");
  if (two == "<>" || two == "!=" || two == "<=" || two == ">=") {
    at_ += 2;
    return finish(std::move(token), Token::Kind::symbol);
  }
  if (std::string_view("()[]{},.:=<>+-*/%").find(text_[at_]) == std::string_view::npos) {
    return bad(std::move(token), problem_with(text_[at_]));
  }
  ++at_;
  return finish(std::move(token), Token::Kind::symbol);
}

}  // namespace croft::sql
