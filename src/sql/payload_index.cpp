#include "sql/payload_index.h"

#include <cstring>

#include "sql/json_text.h"
#include "sql/limits.h"
#include "text/encoding.h"

namespace croft::sql {

// Walks over the text once. Every function returns false when it is not JSON and leaves the position anywhere. The
// text ends with a zero byte, which no JSON has, so that looking at the next byte needs no check.
class PayloadScanner {
 public:
  PayloadScanner(PayloadIndex& index, std::string_view text)
      : index_(index),
        entries_(index.entries_),
        start_(text.data()),
        at_(text.data()),
        end_(text.data() + text.size()) {}
  ~PayloadScanner() { index_.size_ = size_; }

  bool document() {
    skip_space();
    if ((*at_ != '{' && *at_ != '[') || !value(0)) return false;
    skip_space();
    return at_ == end_;
  }
  bool has_non_ascii() const { return non_ascii_ != 0; }
  bool has_odd_number() const { return odd_number_; }

 private:
  using Kind = PayloadIndex::Kind;
  // Longer ones may be out of range for IoT SQL; they are left to the plain reader.
  static constexpr std::ptrdiff_t exponent_digits_max = 2, number_bytes_max = 400;

  bool value(int depth) {
    switch (*at_) {
      case '{':
        return object(depth + 1);
      case '[':
        return array(depth + 1);
      case '"':
        return string();
      case 't':
        return word("true", Kind::true_word);
      case 'f':
        return word("false", Kind::false_word);
      case 'n':
        return word("null", Kind::null_word);
      default:
        return number();
    }
  }

  bool object(int depth) {
    if (depth > limits::json_depth_max) return false;
    const std::uint32_t place = add(at_++, Kind::object);
    skip_space();
    while (*at_ != '}') {
      if (*at_ != '"' || !string()) return false;
      skip_space();
      if (*at_++ != ':') return false;
      skip_space();
      if (!value(depth)) return false;
      skip_space();
      if (*at_ == '}') break;
      if (*at_++ != ',') return false;
      skip_space();
      if (*at_ != '"') return false;
    }
    ++at_;
    close(place, at_);
    return true;
  }

  bool array(int depth) {
    if (depth > limits::json_depth_max) return false;
    const std::uint32_t place = add(at_++, Kind::array);
    skip_space();
    while (*at_ != ']') {
      if (!value(depth)) return false;
      skip_space();
      if (*at_ == ']') break;
      if (*at_++ != ',') return false;
      skip_space();
      if (*at_ == ']') return false;
    }
    ++at_;
    close(place, at_);
    return true;
  }

  bool string() {
    const std::uint32_t place = add(++at_, Kind::text);
    while (*(at_ = end_of_plain(at_, end_, non_ascii_)) != '"') {
      if (*at_ != '\\' || !escape()) return false;
      entries_[place].kind = Kind::escaped_text;
    }
    close(place, at_++);
    return true;
  }

  bool escape() {
    const char letter = at_[1];
    at_ += 2;
    if (letter != 'u') return letter != 0 && std::strchr("\"\\/bfnrt", letter) != nullptr;
    for (int i = 0; i < 4; ++i, ++at_) {
      const char digit = static_cast<char>(*at_ | 0x20);
      if (!is_digit() && (digit < 'a' || digit > 'f')) return false;
    }
    return true;
  }

  bool number() {
    const char* const start = at_;
    Kind kind = Kind::integer;
    at_ += *at_ == '-';
    if (*at_ == '0') {
      ++at_;
      if (is_digit()) return false;
    } else if (!digits()) {
      return false;
    }
    if (*at_ == '.') {
      kind = Kind::fraction;
      ++at_;
      if (!digits()) return false;
    }
    if ((*at_ | 0x20) == 'e') {
      kind = Kind::fraction;
      ++at_;
      at_ += *at_ == '+' || *at_ == '-';
      const char* const exponent = at_;
      if (!digits()) return false;
      odd_number_ |= at_ - exponent > exponent_digits_max;
    }
    odd_number_ |= at_ - start > number_bytes_max;
    close(add(start, kind), at_);
    return true;
  }

  bool is_digit() const { return static_cast<unsigned char>(*at_ - '0') < 10; }
  bool digits() {
    if (!is_digit()) return false;
    do ++at_;
    while (is_digit());
    return true;
  }

  bool word(std::string_view expected, Kind kind) {
    if (std::strncmp(at_, expected.data(), expected.size()) != 0) return false;
    const std::uint32_t place = add(at_, kind);
    close(place, at_ += expected.size());
    return true;
  }

  void skip_space() {
    while (*at_ == ' ' || *at_ == '\t' || *at_ == '\n' || *at_ == '\r') ++at_;
  }

  std::uint32_t add(const char* begin, Kind kind) {
    if (size_ == index_.capacity_) grow();
    PayloadIndex::Entry& entry = entries_[size_];
    entry.begin = static_cast<std::uint32_t>(begin - start_);
    entry.kind = kind;
    return size_++;
  }
  void close(std::uint32_t place, const char* end) {
    PayloadIndex::Entry& entry = entries_[place];
    entry.end = static_cast<std::uint32_t>(end - start_);
    entry.next = size_;
  }
  void grow() {
    const std::uint32_t capacity = index_.capacity_ * 4;
    std::unique_ptr<PayloadIndex::Entry[]> larger(new PayloadIndex::Entry[capacity]);
    std::memcpy(larger.get(), entries_, size_ * sizeof(PayloadIndex::Entry));
    index_.more_ = std::move(larger);
    entries_ = index_.entries_ = index_.more_.get();
    index_.capacity_ = capacity;
  }

  PayloadIndex& index_;
  PayloadIndex::Entry* entries_;
  std::uint32_t size_ = 0;
  const char* const start_;
  const char* at_;
  const char* const end_;
  unsigned non_ascii_ = 0;
  bool odd_number_ = false;
};

PayloadIndex::State PayloadIndex::read(const std::string& text) {
  text_ = text;
  if (text.size() > limits::indexed_bytes_max) return state_ = State::plain_reader;
  PayloadScanner scanner(*this, text_);
  if (!scanner.document() || (scanner.has_non_ascii() && !text::is_utf8(text_))) return state_ = State::not_json;
  return state_ = scanner.has_odd_number() ? State::plain_reader : State::indexed;
}

const PayloadIndex::Entry* PayloadIndex::member(const Entry& object, std::string_view name) const {
  if (object.kind != Kind::object) return nullptr;
  const Entry* found = nullptr;
  const Entry* const end = entries_ + object.next;
  for (const Entry* key = &object + 1; key != end; key = entries_ + key[1].next) {
    const std::string_view written = raw(*key);
    const bool same = key->kind == Kind::text ? written == name : unescaped(written) == name;
    if (same) found = key + 1;
  }
  return found;
}

const PayloadIndex::Entry* PayloadIndex::find(std::span<const std::string> path) const {
  const Entry* entry = entries_;
  for (std::size_t i = 0; entry && i < path.size(); ++i) entry = member(*entry, path[i]);
  return entry;
}

Value PayloadIndex::value(const Entry& entry) const {
  const Entry* const end = entries_ + entry.next;
  switch (entry.kind) {
    case Kind::object: {
      Object members;
      members.reserve(static_cast<std::size_t>(end - &entry) / 2);  // as many, when none holds others
      for (const Entry* key = &entry + 1; key != end; key = entries_ + key[1].next) {
        members.append(key->kind == Kind::text ? std::string(raw(*key)) : unescaped(raw(*key)), value(key[1]));
      }
      members.drop_repeated();
      return Value::object(std::move(members));
    }
    case Kind::array: {
      Array elements;
      for (const Entry* element = &entry + 1; element != end; element = entries_ + element->next) {
        elements.push_back(value(*element));
      }
      return Value::array(std::move(elements));
    }
    case Kind::text:
      return Value::string(std::string(raw(entry)));
    case Kind::escaped_text:
      return Value::string(unescaped(raw(entry)));
    case Kind::integer:
    case Kind::fraction:
      return Value::number(Number::from_json(raw(entry)));
    case Kind::true_word:
      return Value::boolean(true);
    case Kind::false_word:
      return Value::boolean(false);
    case Kind::null_word:
      break;
  }
  return Value::null();
}

}  // namespace croft::sql
