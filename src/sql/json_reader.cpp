// read_json: a recursive reader of its own, because integers must stay exact beyond 64 bits.
#include <charconv>

#include "sql/limits.h"
#include "sql/value.h"
#include "text/encoding.h"

namespace croft::sql {
namespace {

void append_utf8(std::string& out, std::uint32_t point) {
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xC0 | (point >> 6));
    out += static_cast<char>(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    out += static_cast<char>(0xE0 | (point >> 12));
    out += static_cast<char>(0x80 | ((point >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (point & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (point >> 18));
    out += static_cast<char>(0x80 | ((point >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((point >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (point & 0x3F));
  }
}

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
      if (!escape(out)) return false;
      plain = at_ + 1;
    }
    return false;
  }

  // At the backslash; ends at the last byte of the escape.
  bool escape(std::string& out) {
    if (++at_ >= text_.size()) return false;
    switch (text_[at_]) {
      case '"': out += '"'; return true;
      case '\\': out += '\\'; return true;
      case '/': out += '/'; return true;
      case 'b': out += '\b'; return true;
      case 'f': out += '\f'; return true;
      case 'n': out += '\n'; return true;
      case 'r': out += '\r'; return true;
      case 't': out += '\t'; return true;
      case 'u': return unicode_escape(out);
      default: return false;
    }
  }

  bool unicode_escape(std::string& out) {
    constexpr std::uint32_t replacement = 0xFFFD;  // for half a surrogate pair
    std::uint32_t point = 0;
    if (!four_hex_digits(at_ + 1, point)) return false;
    at_ += 4;
    if (point >= 0xD800 && point < 0xDC00) {
      std::uint32_t low = 0;
      const bool paired = text_.substr(at_ + 1, 2) == "\\u" && four_hex_digits(at_ + 3, low) && low >= 0xDC00 &&
                          low < 0xE000;
      if (paired) at_ += 6;
      point = paired ? 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00) : replacement;
    } else if (point >= 0xDC00 && point < 0xE000) {
      point = replacement;
    }
    append_utf8(out, point);
    return true;
  }

  bool four_hex_digits(std::size_t from, std::uint32_t& out) const {
    if (from + 4 > text_.size()) return false;
    const char* end = text_.data() + from + 4;
    const auto [stop, failure] = std::from_chars(text_.data() + from, end, out, 16);
    return failure == std::errc() && stop == end;
  }

  bool number(Value& out) {
    const std::size_t start = at_;
    take('-');
    if (take('0')) {
      if (is_digit()) return false;
    } else if (!digits()) {
      return false;
    }
    bool integer = true;
    if (take('.')) {
      integer = false;
      if (!digits()) return false;
    }
    if (peek() == 'e' || peek() == 'E') {
      integer = false;
      ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      if (!digits()) return false;
    }
    out = integer ? Value::number(Number::from_text(text_.substr(start, at_ - start)))
                  : fraction(text_.substr(start, at_ - start));
    return true;
  }

  // AWS reads fractions as doubles: 36.903999599999999 comes out as 36.9039996. What no double holds stays decimal.
  static Value fraction(std::string_view text) {
    double number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure == std::errc()) return Value::number(Number::from_double(number));
    return Value::number(Number::from_text(text));
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
