#include "identity/policy_variables.h"

#include <cstdint>
#include <cstring>

#include "text/encoding.h"

namespace croft::identity {

namespace {

using Length = std::uint32_t;  // as it lies in memory

void append_length(std::string& packed, std::size_t length) {
  const auto number = static_cast<Length>(length);
  char bytes[sizeof number];
  std::memcpy(bytes, &number, sizeof number);
  packed.append(bytes, sizeof bytes);
}

void append_text(std::string& packed, std::string_view text) {
  append_length(packed, text.size());
  packed += text;
}

// The text after the length at `at`.
std::string_view text_at(const char* at) {
  Length length;
  std::memcpy(&length, at, sizeof length);
  return {at + sizeof length, length};
}

const char* end_of(std::string_view text) { return text.data() + text.size(); }

}  // namespace

std::string_view PolicyVariables::Values::const_iterator::operator*() const { return text_at(at_); }

PolicyVariables::Values::const_iterator& PolicyVariables::Values::const_iterator::operator++() {
  at_ = end_of(text_at(at_));
  return *this;
}

PolicyVariables::Values::const_iterator PolicyVariables::Values::const_iterator::operator++(int) {
  const const_iterator before = *this;
  ++*this;
  return before;
}

PolicyVariables& PolicyVariables::set(std::string_view name, std::span<const std::string_view> values) {
  const std::string key = normal(name);
  std::string now;
  for (const char* at = packed_.data(); at != end_of(packed_);) {
    const std::string_view known = text_at(at), known_values = text_at(end_of(known));
    if (known != key) now.append(at, end_of(known_values));
    at = end_of(known_values);
  }
  std::string list;
  for (const std::string_view value : values) append_text(list, value);
  append_text(now, key);
  append_text(now, list);
  packed_ = std::string(now);  // no longer than it must be
  return *this;
}

std::optional<PolicyVariables::Values> PolicyVariables::find(std::string_view normal_name) const {
  for (const char* at = packed_.data(); at != end_of(packed_);) {
    const std::string_view name = text_at(at), values = text_at(end_of(name));
    if (name == normal_name) return values.empty() ? std::nullopt : std::optional(Values(values));
    at = end_of(values);
  }
  return std::nullopt;
}

std::string PolicyVariables::normal(std::string_view name) {
  const std::size_t bracket = name.find('[');
  if (bracket == std::string_view::npos) return text::lower(name);
  return text::lower(name.substr(0, bracket)) + std::string(name.substr(bracket));
}

}  // namespace croft::identity
