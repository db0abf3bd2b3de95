#include "dynamo/partiql/token.h"

#include <charconv>

#include "text/encoding.h"

namespace croft::dynamo::partiql {

namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_utf8_tail(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

// The exponent and the scale it leaves must fit 32 bits.
bool exponent_fits(std::string_view exponent, std::size_t fraction_digits) {
  if (exponent.starts_with('+')) exponent.remove_prefix(1);
  std::int32_t value = 0;
  const auto [end, failure] = std::from_chars(exponent.data(), exponent.data() + exponent.size(), value);
  if (failure != std::errc() || end != exponent.data() + exponent.size()) return false;
  return static_cast<std::int64_t>(fraction_digits) - value <= INT32_MAX;
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  std::optional<std::vector<Token>> run() {
    for (;;) {
      if (!skip_space_and_comments()) return std::nullopt;
      Token token;
      token.at = position_;
      const std::size_t start = at_;
      if (at_ < text_.size() && !scan(token)) return std::nullopt;
      token.text = text_.substr(start, at_ - start);
      move_over(token.text);
      token.at.length = position_.column - token.at.column;
      if (token.kind == Token::Kind::word) token.content = text::lower(token.text);
      out_.push_back(std::move(token));
      if (out_.back().kind == Token::Kind::end) return std::move(out_);
    }
  }

 private:
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  void move_over(std::string_view passed) {
    for (char c : passed) {
      if (c == '\n') position_ = {position_.line + 1, 1, 0};
      else if (!is_utf8_tail(c)) ++position_.column;
    }
  }

  bool skip_space_and_comments() {
    const std::size_t start = at_;
    for (;;) {
      while (is_space(peek())) ++at_;
      if (peek() == '-' && peek(1) == '-') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (peek() == '/' && peek(1) == '*') {
        const std::size_t end = text_.find("*/", at_ + 2);
        if (end == std::string_view::npos) return false;
        at_ = end + 2;
      } else {
        break;
      }
    }
    move_over(text_.substr(start, at_ - start));
    return true;
  }

  bool scan(Token& token) {
    const char c = peek();
    if (is_letter(c)) {
      token.kind = Token::Kind::word;
      while (is_letter(peek()) || is_digit(peek())) ++at_;
      return true;
    }
    if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return number(token);
    if (c == '\'') return quoted(token, Token::Kind::string);
    if (c == '"') return quoted(token, Token::Kind::quoted);
    if (c == '`') return quoted(token, Token::Kind::ion);
    return symbol(token);
  }

  bool number(Token& token) {
    token.kind = Token::Kind::number;
    while (is_digit(peek())) ++at_;
    std::size_t fraction = 0;
    if (peek() == '.') {
      for (++at_; is_digit(peek()); ++at_) ++fraction;
    }
    if (peek() == 'e' || peek() == 'E') {
      const std::size_t exponent = ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      while (is_digit(peek())) ++at_;
      if (!exponent_fits(text_.substr(exponent, at_ - exponent), fraction)) return false;
    }
    return !is_letter(peek());
  }

  // A quote inside is written twice.
  bool quoted(Token& token, Token::Kind kind) {
    token.kind = kind;
    const char quote = text_[at_++];
    for (; at_ < text_.size(); ++at_) {
      if (text_[at_] == quote) {
        if (peek(1) != quote) {
          ++at_;
          return true;
        }
        ++at_;
      }
      token.content += text_[at_];
    }
    return false;
  }

  bool symbol(Token& token) {
    token.kind = Token::Kind::symbol;
    const std::string_view two = text_.substr(at_, 2);
    for (std::string_view known : {"<<", ">>", "<=", ">=", "<>", "!=", "||"}) {
      if (two != known) continue;
      at_ += 2;
      return true;
    }
    if (std::string_view("=<>()[]{},.:;*+-/%?").find(peek()) == std::string_view::npos || peek() == '\0') return false;
    ++at_;
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  Position position_;
  std::vector<Token> out_;
};

}  // namespace

std::string Position::text() const {
  return " at " + std::to_string(line) + ":" + std::to_string(column) + ":" + std::to_string(length);
}

bool Token::is_keyword() const { return kind == Kind::word && partiql::is_keyword(content); }

std::optional<std::vector<Token>> tokens(std::string_view statement) { return Lexer(statement).run(); }

}  // namespace croft::dynamo::partiql
