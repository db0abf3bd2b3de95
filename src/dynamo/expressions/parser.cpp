#include "dynamo/expressions/parser.h"

#include <algorithm>
#include <charconv>
#include <tuple>

#include "dynamo/errors.h"
#include "dynamo/expressions/reserved_words.h"
#include "dynamo/limits.h"

namespace croft::dynamo {

namespace {

constexpr std::size_t list_index_max = 2147483647;  // Java's int, which AWS's message betrays

// AWS tells the size for these alone.
bool tells_size(std::string_view kind) {
  return kind == "ConditionExpression" || kind == "FilterExpression";
}

}  // namespace

Parser::Parser(std::string_view kind, std::string_view text, std::span<const std::string_view> keywords,
               Placeholders& placeholders)
    : kind_(kind), keywords_(keywords), placeholders_(placeholders) {
  const bool too_long = text.size() > limits::expression_bytes_max;
  tokens_ = tokens(too_long ? std::string_view() : text);
  if (too_long) {
    fail("Expression size has exceeded the maximum allowed size;" +
         (tells_size(kind) ? " expression size: " + std::to_string(text.size()) : ""));
  } else if (tokens_.size() == 1) {
    fail("The expression can not be empty;");
  }
}

const Token& Parser::peek(std::size_t ahead) const {
  return tokens_[std::min(position_ + ahead, tokens_.size() - 1)];
}

Token Parser::take() {
  const Token token = peek();
  if (position_ + 1 < tokens_.size()) ++position_;
  return token;
}

bool Parser::accept(std::string_view symbol_or_keyword) {
  if (!peek().is(symbol_or_keyword)) return false;
  take();
  return true;
}

void Parser::expect(std::string_view symbol) {
  if (!accept(symbol)) syntax_error();
}

// `near` runs from the token before to the one after, with the space between them as it was written.
void Parser::syntax_error() {
  if (failed()) return;
  const Token& token = peek();
  const Token& before = tokens_[position_ > 0 ? position_ - 1 : 0];
  const Token& after = peek(1);
  const Token& last = token.kind == Token::Kind::end ? before : after.kind == Token::Kind::end ? token : after;
  const std::string near(before.text.data(), last.text.data() + last.text.size());
  const std::string_view shown = token.kind == Token::Kind::end ? "<EOF>" : token.text;
  fail("Syntax error; token: \"" + std::string(shown) + "\", near: \"" + near + "\"");
}

void Parser::fail(std::string message) {
  if (failed()) return;
  failure_ = validation_error("Invalid " + kind_ + ": " + message);
  position_ = tokens_.size() - 1;
}

void Parser::note(Fault fault, std::string message) {
  const std::size_t condition = fault < Fault::undefined ? 0 : condition_ + 1;
  if (fault_ && std::tie(fault_->condition, fault_->fault) <= std::tie(condition, fault)) return;
  fault_ = {condition, fault, std::move(message)};
}

bool Parser::is_keyword(const Token& token) const {
  return std::any_of(keywords_.begin(), keywords_.end(), [&](std::string_view keyword) { return token.is(keyword); });
}

bool Parser::at_path() const {
  return peek().kind == Token::Kind::name_placeholder || (peek().kind == Token::Kind::name && !is_keyword(peek()));
}

bool Parser::at_function() const {
  return at_path() && peek().kind == Token::Kind::name && peek(1).is("(");
}

std::string Parser::attribute_name() {
  if (!at_path()) {
    syntax_error();
    return {};
  }
  const Token token = take();
  if (token.kind == Token::Kind::name) {
    if (is_reserved(token.text)) {
      note(reserved_, "Attribute name is a reserved keyword; reserved keyword: " + std::string(token.text));
    }
    return std::string(token.text);
  }
  if (const std::string* name = placeholders_.name(token.text)) return *name;
  note(Fault::undefined, "An expression attribute name used in the document path is not defined; attribute name: " +
                             std::string(token.text));
  return std::string(token.text);
}

std::optional<std::size_t> Parser::list_index() {
  if (peek().kind != Token::Kind::integer) {
    syntax_error();
    return std::nullopt;
  }
  const Token token = take();
  std::size_t index = 0;
  const auto [end, failure] = std::from_chars(token.text.data(), token.text.data() + token.text.size(), index);
  if (failure != std::errc() || index > list_index_max) {
    fail("List index is not within the allowable range; index: [" + std::string(token.text) + "]");
  }
  return index;
}

Path Parser::path() {
  Path path;
  path.steps.emplace_back(attribute_name());
  while (!failed()) {
    if (accept(".")) {
      path.steps.emplace_back(attribute_name());
    } else if (accept("[")) {
      if (const std::optional<std::size_t> index = list_index()) path.steps.emplace_back(*index);
      expect("]");
    } else {
      break;
    }
  }
  if (path.steps.size() > limits::nesting_max) {
    fail("The document path has too many nesting levels; nesting levels: " + std::to_string(path.steps.size()));
  }
  return path;
}

ValuePtr Parser::value() {
  const Token token = take();
  if (ValuePtr value = placeholders_.value(token.text)) return value;
  note(undefined_value_, "An expression attribute value used in expression is not defined; attribute value: " +
                             std::string(token.text));
  return std::make_shared<const AttributeValue>(AttributeValue{Null{}});
}

void Parser::count_operator() {
  if (++operators_ > limits::expression_operators_max) {
    fail("The expression contains too many operators; operator count: " + std::to_string(operators_));
  }
}

bool Parser::enter(std::string_view too_deep) {
  if (++depth_ > limits::expression_nesting_max) fail(std::string(too_deep));
  return !failed();
}

void Parser::check_clashes(const std::vector<const Path*>& paths) {
  if (failed()) return;
  const std::optional<PathClash> found = clash(paths);
  if (found) note(found->overlap ? Fault::overlap : Fault::conflict, found->message);
}

Result<void> Parser::finish() {
  if (peek().kind != Token::Kind::end) syntax_error();
  if (failure_) return *failure_;
  if (fault_) return validation_error("Invalid " + kind_ + ": " + fault_->message);
  return {};
}

}  // namespace croft::dynamo
