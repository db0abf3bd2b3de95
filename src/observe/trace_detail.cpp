#include "observe/trace_detail.h"

#include "observe/limits.h"
#include "text/encoding.h"
#include "text/json.h"

namespace croft::trace {

namespace {

// The longest beginning that ends with a whole character.
std::string_view beginning(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  std::size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end);
}

}  // namespace

Detail& Detail::name(std::string_view name) {
  if (!members_.empty()) members_ += ',';
  json::append_string(members_, name);
  members_ += ':';
  return *this;
}

Detail& Detail::text(std::string_view member, std::string_view value) {
  const std::string_view shown = beginning(value, limits::text_bytes_max);
  name(member);
  if (text::is_utf8(shown)) json::append_string(members_, shown);
  else json::append_string(members_, text::printable(shown, shown.size()));
  return shown.size() == value.size() ? *this : flag(std::string(member) + "Cut", true);
}

Detail& Detail::number(std::string_view member, std::int64_t value) {
  name(member);
  members_ += std::to_string(value);
  return *this;
}

Detail& Detail::flag(std::string_view member, bool value) {
  name(member);
  members_ += value ? "true" : "false";
  return *this;
}

Detail& Detail::json(std::string_view member, std::string_view value) {
  if (value.empty() || value.size() > limits::text_bytes_max) return text(member, value);
  name(member);
  members_ += value;
  return *this;
}

Detail& Detail::error(std::string_view code, std::string_view message) {
  name("error");
  members_ += '{' + Detail().text("code", code).text("message", message).take() + '}';
  return *this;
}

}  // namespace croft::trace
