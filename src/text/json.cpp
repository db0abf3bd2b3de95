#include "text/json.h"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/stream_parser.hpp>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>

namespace croft::json {

static Result<value> parse_into(boost::json::storage_ptr memory, std::string_view text) {
  boost::json::error_code failure;
  boost::json::parse_options options;
  options.max_depth = depth_max;
  boost::json::stream_parser parser(boost::json::storage_ptr(), options);
  parser.reset(std::move(memory));
  std::size_t used = parser.write_some(boost::json::string_view(text.data(), text.size()), failure);
  if (!failure) {
    while (used < text.size() && std::string_view(" \t\r\n").find(text[used]) != std::string_view::npos) ++used;
    if (used < text.size()) failure = boost::json::error::extra_data;
    else parser.finish(failure);
  }
  if (failure) {
    return Error{"SerializationException",
                 "not valid JSON at byte " + std::to_string(used) + ": " + failure.message()};
  }
  return parser.release();
}

// Of eight bytes, whether one is a control character, a quote or a backslash: each test leaves a high bit in such a byte. A
// byte above 0x7f, or one behind a hit, may give a false alarm.
static bool may_need_escape(const char* eight) {
  constexpr std::uint64_t ones = 0x0101010101010101, highs = 0x8080808080808080;
  std::uint64_t bytes;
  std::memcpy(&bytes, eight, sizeof bytes);
  const auto zeros = [&](std::uint64_t x) { return (x - ones) & ~x; };
  return ((zeros(bytes ^ ones * '"') | zeros(bytes ^ ones * '\\') | ((bytes - ones * 0x20) & ~bytes)) & highs) != 0;
}

Result<value> parse(std::string_view text) { return parse_into({}, text); }

Result<value> parse_to_read(std::string_view text) {
  constexpr std::size_t values_for_a_byte = 2;  // a text of many small values takes more; then there is a second block
  return parse_into(boost::json::make_shared_resource<boost::json::monotonic_resource>(text.size() * values_for_a_byte), text);
}

void take_over(object& target, object&& source) {
  std::destroy_at(&target);
  std::construct_at(&target, std::move(source));
}

void append_string(std::string& out, std::string_view text) {
  static constexpr char hex[] = "0123456789abcdef";
  out += '"';
  std::size_t plain = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    while (i + 8 <= text.size() && !may_need_escape(text.data() + i)) i += 8;
    if (i == text.size()) break;
    const unsigned char c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text.substr(plain, i - plain));
    plain = i + 1;
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      case '\b': out += "\\b"; break;
      case '\f': out += "\\f"; break;
      default:
        out += "\\u00";
        out += hex[c >> 4];
        out += hex[c & 15];
    }
  }
  out.append(text.substr(plain));
  out += '"';
}

static void append_number(std::string& out, double number) {
  char buffer[32];
  if (!std::isfinite(number)) {
    out += "null";
    return;
  }
  auto [end, failure] = std::to_chars(buffer, buffer + sizeof buffer, number);
  out.append(buffer, end);
}

static void append_line(std::string& out, int indent) {
  if (indent < 0) return;
  out += '\n';
  out.append(static_cast<std::size_t>(indent) * 2, ' ');
}

// indent < 0: compact.
static void append(std::string& out, const value& v, int indent) {
  const int inner = indent < 0 ? -1 : indent + 1;
  switch (v.kind()) {
    case kind::null: out += "null"; return;
    case kind::bool_: out += v.get_bool() ? "true" : "false"; return;
    case kind::int64: out += std::to_string(v.get_int64()); return;
    case kind::uint64: out += std::to_string(v.get_uint64()); return;
    case kind::double_: append_number(out, v.get_double()); return;
    case kind::string: append_string(out, {v.get_string().data(), v.get_string().size()}); return;
    case kind::array: {
      const array& items = v.get_array();
      out += '[';
      for (std::size_t i = 0; i < items.size(); ++i) {
        if (i) out += ',';
        append_line(out, inner);
        append(out, items[i], inner);
      }
      if (!items.empty()) append_line(out, indent);
      out += ']';
      return;
    }
    case kind::object: {
      bool first = true;
      out += '{';
      for (const auto& [name, member] : v.get_object()) {
        if (!first) out += ',';
        first = false;
        append_line(out, inner);
        append_string(out, {name.data(), name.size()});
        out += indent < 0 ? ":" : ": ";
        append(out, member, inner);
      }
      if (!first) append_line(out, indent);
      out += '}';
      return;
    }
  }
}

std::string dump(const value& v) {
  std::string out;
  append(out, v, -1);
  return out;
}

std::string pretty(const value& v) {
  std::string out;
  append(out, v, 0);
  return out;
}

const value* find(const object& o, std::string_view name) {
  return o.if_contains(boost::json::string_view(name.data(), name.size()));
}

std::string_view string_or(const object& o, std::string_view name, std::string_view otherwise) {
  const value* v = find(o, name);
  if (!v || !v->is_string()) return otherwise;
  return {v->get_string().data(), v->get_string().size()};
}

std::int64_t int_or(const object& o, std::string_view name, std::int64_t otherwise) {
  const value* v = find(o, name);
  if (!v) return otherwise;
  if (v->is_int64()) return v->get_int64();
  if (v->is_uint64()) return std::numeric_limits<std::int64_t>::max();  // larger than any int64: saturates
  return otherwise;
}

bool bool_or(const object& o, std::string_view name, bool otherwise) {
  const value* v = find(o, name);
  return v && v->is_bool() ? v->get_bool() : otherwise;
}

}  // namespace croft::json
