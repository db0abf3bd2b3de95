#include "cli/tables_expression.h"

#include <algorithm>

#include "cli/limits.h"
#include "text/encoding.h"

namespace croft::cli {

namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n'; }
bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
bool is_name_part(char c) { return is_name_start(c) || (c >= '0' && c <= '9') || c == '-'; }

// One pass over a text, writing DynamoDB's expression as it goes. The first fault ends it.
class Reader {
 public:
  Reader(Expressions& expressions, std::string_view text) : expressions_(expressions), text_(text) {}

  Result<std::string> condition() {
    std::string out = any_of();
    skip_space();
    if (ok() && at_ < text_.size()) expected("and, or, or the end");
    return result(std::move(out));
  }
  Result<std::string> list_of_paths() {
    std::string out = path();
    while (ok() && take(',')) out += ", " + path();
    skip_space();
    if (ok() && at_ < text_.size()) expected("a comma or the end");
    return result(std::move(out));
  }
  // "n=5": the path, and what follows the sign.
  Result<std::pair<std::string, std::string_view>> assignment() {
    std::string left = path();
    skip_space();
    if (ok() && !take('=')) expected("=");
    if (!ok()) return *fault_;
    return std::pair(std::move(left), text::trim(text_.substr(at_)));
  }
  // NAME OPERATOR and the rest as the value, or nothing when it is something else.
  std::optional<Result<std::string>> comparison_to_the_end() {
    const std::string left = path();
    const std::string sign = ok() ? comparison_sign() : "";
    if (sign.empty()) return std::nullopt;
    const std::string right = value_of(text::trim(text_.substr(at_)), false);
    return result(left + ' ' + sign + ' ' + right);
  }

 private:
  bool ok() const { return !fault_; }
  Result<std::string> result(std::string out) const {
    if (fault_) return *fault_;
    return out;
  }
  void expected(const std::string& what) { refuse("expected " + what); }
  void refuse(const std::string& why) {
    if (!ok()) return;
    const std::string place = "'" + std::string(text_) + "', character " + std::to_string(at_ + 1);
    fault_ = Error{"InvalidCondition", place + ": " + why};
  }

  void skip_space() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }
  bool take(char c) {
    skip_space();
    const bool is = at_ < text_.size() && text_[at_] == c;
    if (is) ++at_;
    return is;
  }
  bool take_word(std::string_view word) {
    skip_space();
    if (text::lower(text_.substr(at_, word.size())) != word) return false;
    const std::size_t end = at_ + word.size();
    if (end < text_.size() && is_name_part(text_[end])) return false;
    at_ = end;
    return true;
  }
  // "size(" and the like: the word and its parenthesis.
  bool take_call(std::string_view word) {
    const std::size_t from = at_;
    if (take_word(word) && take('(')) return true;
    at_ = from;
    return false;
  }

  std::string any_of() {
    if (++depth_ > limits::condition_depth_max) refuse("too many parentheses");
    std::string out = all_of();
    while (ok() && take_word("or")) out += " OR " + all_of();
    --depth_;
    return out;
  }
  std::string all_of() {
    std::string out = one();
    while (ok() && take_word("and")) out += " AND " + one();
    return out;
  }
  std::string one() {
    std::string negations;
    while (take_word("not")) negations += "NOT ";
    if (take('(')) {
      std::string inner = "(" + any_of() + ")";
      if (ok() && !take(')')) expected(")");
      return negations + inner;
    }
    return negations + predicate();
  }

  std::string predicate() {
    static constexpr std::pair<std::string_view, std::string_view> functions[] = {
        {"begins_with", "begins_with"}, {"contains", "contains"},
        {"exists", "attribute_exists"}, {"attribute_exists", "attribute_exists"},
        {"missing", "attribute_not_exists"}, {"attribute_not_exists", "attribute_not_exists"},
        {"type", "attribute_type"}, {"attribute_type", "attribute_type"}};
    for (const auto& [word, function] : functions)
      if (take_call(word)) return call(function);
    const std::string left = operand();
    if (!ok()) return left;
    if (take_word("between")) {
      const std::string low = value();
      if (ok() && !take_word("and")) expected("and");
      return left + " BETWEEN " + low + " AND " + value();
    }
    if (take_word("in")) return left + " IN (" + values();
    const std::string sign = comparison_sign();
    if (sign.empty()) expected("=, !=, <, <=, >, >=, between or in");
    return left + ' ' + sign + ' ' + value();
  }
  std::string call(std::string_view function) {
    std::string out = std::string(function) + '(' + path();
    const bool has_value = function != "attribute_exists" && function != "attribute_not_exists";
    if (function == "attribute_type") type_ = "S";
    if (ok() && has_value && !take(',')) expected(",");
    if (ok() && has_value) out += ", " + value();
    if (ok() && !take(')')) expected(")");
    return out + ')';
  }
  std::string values() {
    if (!take('(')) expected("(");
    std::string out = value();
    while (ok() && take(',')) out += ", " + value();
    if (ok() && !take(')')) expected(")");
    return out + ')';
  }
  std::string comparison_sign() {
    skip_space();
    for (const auto& [sign, written] : {std::pair{"<>", "<>"}, {"!=", "<>"}, {"<=", "<="}, {">=", ">="}, {"==", "="},
                                        {"=", "="}, {"<", "<"}, {">", ">"}}) {
      if (!text_.substr(at_).starts_with(sign)) continue;
      at_ += std::string_view(sign).size();
      return written;
    }
    return "";
  }

  std::string operand() {
    if (!take_call("size")) return path();
    std::string out = "size(" + path();
    if (ok() && !take(')')) expected(")");
    type_ = "";
    return out + ')';
  }

  // Leaves in type_ what values beside it are.
  std::string path() {
    const std::string first = name();
    std::string out = expressions_.name(first);
    type_ = expressions_.type_of(first);
    while (ok() && at_ < text_.size() && (text_[at_] == '.' || text_[at_] == '[')) {
      type_ = "";
      if (text_[at_++] == '.') {
        out += '.' + expressions_.name(name());
        continue;
      }
      const std::size_t end = std::min(text_.find_first_not_of("0123456789", at_), text_.size());
      if (end == at_ || end == text_.size() || text_[end] != ']') expected("a number and ]");
      out += '[' + std::string(text_.substr(at_, end - at_)) + ']';
      at_ = end + 1;
    }
    return out;
  }
  std::string name() {
    skip_space();
    if (at_ < text_.size() && text_[at_] == '`') return quoted('`');
    const std::size_t from = at_;
    if (at_ < text_.size() && is_name_start(text_[at_]))
      while (at_ < text_.size() && is_name_part(text_[at_])) ++at_;
    if (at_ == from) expected("the name of an attribute");
    return std::string(text_.substr(from, at_ - from));
  }
  // What stands between two of `mark`; a doubled one is one of the text.
  std::string quoted(char mark) {
    std::string out;
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == mark) {
        const bool is_doubled = at_ + 1 < text_.size() && text_[at_ + 1] == mark;
        if (!is_doubled) return ++at_, out;
        ++at_;
      }
      out += text_[at_];
    }
    expected(std::string("a closing ") + mark);
    return out;
  }

  std::string value() {
    skip_space();
    if (!ok()) return {};
    const char c = at_ < text_.size() ? text_[at_] : '\0';
    if (c == '`') return keeping_type([&] { return path(); });
    if (c == '\'' || c == '"') {
      const std::string content = quoted(c);
      return ok() ? value_of(content, true) : std::string();
    }
    const std::size_t end = std::min(text_.find_first_of(" \t\n,()", at_), text_.size());
    if (end == at_) {
      expected("a value");
      return {};
    }
    const std::string_view word = text_.substr(at_, end - at_);
    at_ = end;
    return value_of(word, false);
  }
  template <class F>
  std::string keeping_type(F f) {
    const std::string type = type_;
    std::string out = f();
    type_ = type;
    return out;
  }
  std::string value_of(std::string_view word, bool is_quoted) {
    if (!type_.empty()) {
      auto typed = key_value("it", type_, word);
      if (!typed) refuse("a value of type " + type_ + " is needed here");
      return typed ? expressions_.value(*typed) : std::string();
    }
    if (is_quoted) return expressions_.value(json::object{{"S", word}});
    if (is_number_text(word)) return expressions_.value(json::object{{"N", word}});
    if (word == "true" || word == "false") return expressions_.value(json::object{{"BOOL", word == "true"}});
    if (word == "null") return expressions_.value(json::object{{"NULL", true}});
    return expressions_.value(json::object{{"S", word}});
  }

  Expressions& expressions_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::string type_;
  std::optional<Error> fault_;
};

}  // namespace

Result<std::string> Expressions::condition(std::string_view text) { return Reader(*this, text).condition(); }

Result<std::string> Expressions::key_condition(std::string_view text) {
  const Expressions before = *this;  // what a failed first attempt leaves behind is forgotten
  if (auto simple = Reader(*this, text).comparison_to_the_end()) return *simple;
  *this = before;
  return condition(text);
}

Result<std::string> Expressions::projection(std::string_view names) { return Reader(*this, names).list_of_paths(); }

Result<std::string> Expressions::path(std::string_view text) { return Reader(*this, text).list_of_paths(); }

Result<std::string> Expressions::assignment(std::string_view text, std::string_view between) {
  const auto parts = Reader(*this, text).assignment();
  if (!parts) return parts.error();
  return parts->first + std::string(between) + value(attribute_of_text(parts->second));
}

std::string Expressions::name(std::string_view attribute) {
  const auto known = std::find(names_.begin(), names_.end(), attribute);
  const std::size_t n = static_cast<std::size_t>(known - names_.begin());
  if (known == names_.end()) names_.emplace_back(attribute);
  return "#" + std::to_string(n);
}

std::string Expressions::value(json::value attribute) {
  values_.push_back(std::move(attribute));
  return ":" + std::to_string(values_.size() - 1);
}

std::string_view Expressions::type_of(std::string_view attribute) const {
  const auto found = types_.find(attribute);
  return found == types_.end() ? std::string_view() : found->second;
}

void Expressions::add_to(json::object& request) const {
  json::object names, values;
  for (std::size_t n = 0; n < names_.size(); ++n) names["#" + std::to_string(n)] = names_[n];
  for (std::size_t n = 0; n < values_.size(); ++n) values[":" + std::to_string(n)] = values_[n];
  if (!names.empty()) request["ExpressionAttributeNames"] = std::move(names);
  if (!values.empty()) request["ExpressionAttributeValues"] = std::move(values);
}

}  // namespace croft::cli
