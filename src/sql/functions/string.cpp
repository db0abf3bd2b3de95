// String functions. Text arguments go through To String; Null and Undefined give Undefined.
#include <algorithm>

#include "sql/functions/function.h"
#include "sql/letter_case.h"

namespace croft::sql {
namespace {

using OptionalText = std::optional<std::string>;

bool starts_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }

std::int64_t character_count(std::string_view text) {
  return std::count_if(text.begin(), text.end(), starts_character);
}

// The byte at which character `index` starts; the size of the text for any index past its end.
std::size_t byte_of_character(std::string_view text, std::int64_t index) {
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    if (starts_character(text[at]) && index-- == 0) break;
  }
  return at;
}

template <std::string (*change)(std::string_view)>
Value changed(const Invocation& in) {
  const OptionalText text = in.text(0);
  return text ? Value::string(change(*text)) : Value();
}

template <bool at_start, bool at_end>
std::string trimmed(std::string_view text) {
  constexpr std::string_view space = " \t\r\n\f\v";
  if constexpr (at_start) text.remove_prefix(std::min(text.find_first_not_of(space), text.size()));
  if constexpr (at_end) text = text.substr(0, text.find_last_not_of(space) + 1);
  return std::string(text);
}

// The second argument is the number of spaces to add, not the width to reach.
OptionalText padding(const Invocation& in) {
  const std::optional<Number> count = in.number(1);
  if (!count) return std::nullopt;
  const auto spaces = std::clamp<std::int64_t>(count->floor_int64(), 0, limits::pad_spaces_max);
  return std::string(static_cast<std::size_t>(spaces), ' ');
}

Value pad_left(const Invocation& in) {
  const OptionalText text = in.text(0), spaces = padding(in);
  return text && spaces ? Value::string(*spaces + *text) : Value();
}

Value pad_right(const Invocation& in) {
  const OptionalText text = in.text(0), spaces = padding(in);
  return text && spaces ? Value::string(*text + *spaces) : Value();
}

Value length(const Invocation& in) {
  const OptionalText text = in.text(0);
  return text ? Value::integer(character_count(*text)) : Value();
}

Value byte_count(const Invocation& in) {
  const OptionalText text = in.text(0);
  return text ? Value::integer(static_cast<std::int64_t>(text->size())) : Value();
}

// -1 when it is not there, as in Java; AWS does not say.
Value index_of(const Invocation& in) {
  const OptionalText text = in.text(0), part = in.text(1);
  if (!text || !part) return Value();
  const std::size_t at = text->find(*part);
  if (at == std::string::npos) return Value::integer(-1);
  return Value::integer(character_count(std::string_view(*text).substr(0, at)));
}

Value starts_with(const Invocation& in) {
  const OptionalText text = in.text(0), part = in.text(1);
  return text && part ? Value::boolean(text->starts_with(*part)) : Value();
}

Value ends_with(const Invocation& in) {
  const OptionalText text = in.text(0), part = in.text(1);
  return text && part ? Value::boolean(text->ends_with(*part)) : Value();
}

Value substring(const Invocation& in) {
  const OptionalText text = in.text(0);
  const std::optional<Number> first = in.number(1);
  if (!text || !first) return Value();
  const std::int64_t length = character_count(*text);
  std::int64_t end = length;
  if (in.size() == 3) {
    const std::optional<Number> last = in.number(2);
    if (!last) return Value();
    end = std::clamp<std::int64_t>(last->floor_int64(), 0, length);
  }
  const std::int64_t start = std::clamp<std::int64_t>(first->floor_int64(), 0, length);
  if (start >= end) return Value::string("");
  const std::size_t from = byte_of_character(*text, start);
  return Value::string(text->substr(from, byte_of_character(*text, end) - from));
}

// Java's String.replace: an empty part stands between all characters.
Value replace(const Invocation& in) {
  const OptionalText text = in.text(0), part = in.text(1), by = in.text(2);
  if (!text || !part || !by) return Value();
  std::string out;
  std::size_t at = 0;
  while (at <= text->size()) {
    const std::size_t found = part->empty() ? at : text->find(*part, at);
    if (found == std::string::npos) break;
    out.append(*text, at, found - at);
    out += *by;
    if (out.size() > limits::output_bytes_max) return Value();
    at = found + part->size();
    if (!part->empty()) continue;
    if (at == text->size()) return Value::string(std::move(out));
    const std::size_t next = at + byte_of_character(std::string_view(*text).substr(at), 1);
    out.append(*text, at, next - at);
    at = next;
  }
  out.append(*text, at);
  return Value::string(std::move(out));
}

Value concat_arrays(const Invocation& in) {
  Array all;
  for (const Value& argument : in.arguments) {
    if (!argument.is_array()) {
      all.push_back(argument);
      continue;
    }
    if (!in.evaluator.charge(argument.as_array().size())) return Value();
    all.insert(all.end(), argument.as_array().begin(), argument.as_array().end());
  }
  return Value::array(std::move(all));
}

Value concat(const Invocation& in) {
  if (in.size() == 0) return Value();
  if (in.size() == 1) return in[0];
  const auto any = [&](bool (Value::*is)() const) {
    return std::any_of(in.arguments.begin(), in.arguments.end(), [&](const Value& v) { return (v.*is)(); });
  };
  if (any(&Value::is_undefined)) return Value();
  if (any(&Value::is_array)) return concat_arrays(in);
  if (!any(&Value::is_string)) return Value();
  std::string all;
  for (std::size_t i = 0; i < in.size(); ++i) {
    const OptionalText text = in.text(i);
    if (!text || !in.evaluator.charge(text->size())) return Value();
    all += *text;
  }
  return Value::string(std::move(all));
}

Value character(const Invocation& in) {
  const std::optional<Number> code = in.number(0);
  if (!code) return Value();
  const std::int64_t point = code->floor_int64();
  return point >= 0 && point < 128 ? Value::string(std::string(1, static_cast<char>(point))) : Value();
}

constexpr SqlVersion v2015 = SqlVersion::v2015_10_08;
constexpr SqlVersion v2016 = SqlVersion::v2016_03_23;

constexpr Function rows[] = {
    {"lower", 1, 1, v2015, changed<lower_case>},
    {"upper", 1, 1, v2015, changed<upper_case>},
    {"trim", 1, 1, v2015, changed<trimmed<true, true>>},
    {"ltrim", 1, 1, v2015, changed<trimmed<true, false>>},
    {"rtrim", 1, 1, v2015, changed<trimmed<false, true>>},
    {"lpad", 2, 2, v2015, pad_left},
    {"rpad", 2, 2, v2015, pad_right},
    {"length", 1, 1, v2016, length},
    {"numbytes", 1, 1, v2016, byte_count},
    {"indexof", 2, 2, v2016, index_of},
    {"startswith", 2, 2, v2015, starts_with},
    {"endswith", 2, 2, v2015, ends_with},
    {"substring", 2, 3, v2015, substring},
    {"replace", 3, 3, v2015, replace},
    {"concat", 0, any_number, v2015, concat},
    {"chr", 1, 1, v2015, character},
};

}  // namespace

std::span<const Function> string_functions() { return rows; }

}  // namespace croft::sql
