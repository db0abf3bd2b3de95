// read_json: a recursive reader of its own, because integers must stay exact beyond 64 bits. Payloads of messages go through
// PayloadIndex, which has to agree with it.
#include "sql/json_text.h"
#include "sql/limits.h"
#include "sql/value.h"
#include "text/encoding.h"

namespace croft::sql {
namespace {

// Every function returns false when the text is not JSON and leaves the position anywhere.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool document(Value& out) {
    skip_space();
    if (!value(out, 0)) return false;
    skip_space();
    return at_ == text_.size();
  }

 private:
  bool value(Value& out, int depth) {
    switch (peek()) {
      case '{': return object(out, depth + 1);
      case '[': return array(out, depth + 1);
      case '"': {
        std::string content;
        if (!string(content)) return false;
        out = Value::string(std::move(content));
        return true;
      }
      case 't': out = Value::boolean(true); return word("true");
      case 'f': out = Value::boolean(false); return word("false");
      case 'n': out = Value::null(); return word("null");
      default: return number(out);
    }
  }

  bool object(Value& out, int depth) {
    if (depth > limits::json_depth_max) return false;
    ++at_;
    Object members;
    skip_space();
    if (!take('}')) {
      do {
        skip_space();
        std::string name;
        if (peek() != '"' || !string(name)) return false;
        skip_space();
        if (!take(':')) return false;
        skip_space();
        Value member;
        if (!value(member, depth)) return false;
        members.append(std::move(name), std::move(member));
        skip_space();
      } while (take(','));
      if (!take('}')) return false;
    }
    members.drop_repeated();
    out = Value::object(std::move(members));
    return true;
  }

  bool array(Value& out, int depth) {
    if (depth > limits::json_depth_max) return false;
    ++at_;
    Array elements;
    skip_space();
    if (!take(']')) {
      do {
        skip_space();
        Value element;
        if (!value(element, depth)) return false;
        elements.push_back(std::move(element));
        skip_space();
      } while (take(','));
      if (!take(']')) return false;
    }
    out = Value::array(std::move(elements));
    return true;
  }

  bool string(std::string& out) {
    ++at_;
    std::size_t plain = at_;
    for (; at_ < text_.size(); ++at_) {
      const unsigned char c = static_cast<unsigned char>(text_[at_]);
      if (c == '"') {
        out.append(text_.substr(plain, at_ - plain));
        ++at_;
        return true;
      }
      if (c < 0x20) return false;
      if (c != '\\') continue;
      out.append(text_.substr(plain, at_ - plain));
      if (!read_escape(text_, at_, out)) return false;
      plain = at_ + 1;
    }
    return false;
  }

  bool number(Value& out) {
    const std::size_t start = at_;
    take('-');
    if (take('0')) {
      if (is_digit()) return false;
    } else if (!digits()) {
      return false;
    }
    if (take('.') && !digits()) return false;
    if (peek() == 'e' || peek() == 'E') {
      ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      if (!digits()) return false;
    }
    out = Value::number(Number::from_json(text_.substr(start, at_ - start)));
    return true;
  }

  bool digits() {
    if (!is_digit()) return false;
    while (is_digit()) ++at_;
    return true;
  }

  bool word(std::string_view expected) {
    if (text_.substr(at_, expected.size()) != expected) return false;
    at_ += expected.size();
    return true;
  }

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool is_digit() const { return peek() >= '0' && peek() <= '9'; }
  bool take(char c) {
    if (peek() != c || at_ >= text_.size()) return false;
    ++at_;
    return true;
  }
  void skip_space() {
    while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r') ++at_;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::optional<Value> read_json(std::string_view text) {
  if (!text::is_utf8(text)) return std::nullopt;
  Value value;
  if (!Reader(text).document(value)) return std::nullopt;
  return value;
}

}  // namespace croft::sql
