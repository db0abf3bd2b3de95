#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "sql/value.h"

namespace croft::sql {

// Where each value of a JSON text lies, found in one pass that checks the whole text and builds nothing: a rule that
// reads three members of a payload makes values of these three.
//
// Borrows the text. Cost: about 1 ns a byte; no allocation up to `inline_max` values. Threads: any, once read() is
// done.
class PayloadIndex {
 public:
  enum class Kind : std::uint8_t {
    object,
    array,
    text,
    escaped_text,
    integer,
    fraction,
    true_word,
    false_word,
    null_word
  };
  struct Entry {
    std::uint32_t begin, end;  // in the text; of strings without the quotes
    std::uint32_t next : 28;   // the position behind this value and all that is in it
    Kind kind : 4;

    bool is_aggregate() const { return kind == Kind::object || kind == Kind::array; }
    bool is_number() const { return kind == Kind::integer || kind == Kind::fraction; }
  };

  PayloadIndex() = default;
  PayloadIndex(const PayloadIndex&) = delete;
  PayloadIndex& operator=(const PayloadIndex&) = delete;

  // What read() found. `plain_reader`: a text with a number that IoT SQL has no value for, which changes what is a
  // member and what is not, or with very many values; ask read_json().
  enum class State : std::uint8_t { unread, not_json, indexed, plain_reader };
  State read(const std::string& text);
  State state() const { return state_; }

  // The rest is for an indexed text.
  const Entry& root() const { return entries_[0]; }
  std::string_view raw(const Entry& entry) const { return text_.substr(entry.begin, entry.end - entry.begin); }
  // The last member of that name; null when there is none or `object` is none.
  const Entry* member(const Entry& object, std::string_view name) const;
  // Down from the root. Null as soon as a step is missing.
  const Entry* find(std::span<const std::string> path) const;
  // As read_json() gives it.
  Value value(const Entry& entry) const;

 private:
  friend class PayloadScanner;
  static constexpr std::size_t inline_max = 40;

  std::string_view text_;
  State state_ = State::unread;
  std::uint32_t size_ = 0, capacity_ = inline_max;
  Entry first_[inline_max];
  std::unique_ptr<Entry[]> more_;
  Entry* entries_ = first_;
};

}  // namespace croft::sql
