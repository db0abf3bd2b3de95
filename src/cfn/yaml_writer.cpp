#include "cfn/yaml_writer.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "cfn/json_view.h"
#include "text/encoding.h"

namespace croft::cfn {
namespace {

constexpr std::size_t simple_key_bytes_max = 1'000;  // YAML 1.1: 1024 characters

// Words that YAML 1.1 readers take for booleans or null.
bool is_reserved_word(std::string_view s) {
  static constexpr std::array<std::string_view, 9> words = {"true", "false", "yes", "no", "on",
                                                            "off",  "null",  "y",   "n"};
  return std::find(words.begin(), words.end(), text::lower(s)) != words.end();
}

// Starts with a letter or `/`, and holds nothing that ends or starts anything in YAML. Narrow on purpose.
bool is_plain(std::string_view s) {
  if (s.empty() || s.back() == ' ' || s.back() == ':' || is_reserved_word(s)) return false;
  if (!std::isalpha(static_cast<unsigned char>(s[0])) && s[0] != '/') return false;
  const bool is_safe = std::all_of(s.begin(), s.end(), [](unsigned char c) {
    return std::isalnum(c) || std::string_view(" _-./:+=@()$;").find(static_cast<char>(c)) != std::string_view::npos;
  });
  return is_safe && s.find(": ") == std::string_view::npos;
}

void replace_all(std::string& s, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = s.find(from, at)) != std::string::npos; at += to.size())
    s.replace(at, from.size(), to);
}

void append_text(std::string& out, std::string_view s) {
  if (is_plain(s)) {
    out += s;
    return;
  }
  std::string quoted;  // JSON's escapes are YAML's, and YAML has four more characters that end lines or vanish
  json::append_string(quoted, s);
  replace_all(quoted, "\xC2\x85", "\\u0085");
  replace_all(quoted, "\xE2\x80\xA8", "\\u2028");
  replace_all(quoted, "\xE2\x80\xA9", "\\u2029");
  replace_all(quoted, "\xEF\xBB\xBF", "\\uFEFF");
  out += quoted;
}

// YAML 1.1 knows a float by its dot.
std::string float_text(double n) {
  std::string text = json::dump(json::value(n));
  if (text.find('.') != std::string::npos) return text;
  const std::size_t exponent = std::min(text.find('e'), text.size());
  return text.insert(exponent, ".0");
}

bool is_block(const json::value& v) {
  return (v.is_array() && !v.get_array().empty()) || (v.is_object() && !v.get_object().empty());
}

void append_flat(std::string& out, const json::value& v) {
  if (v.is_string())
    append_text(out, view(v.get_string()));
  else if (v.is_double())
    out += float_text(v.get_double());
  else
    out += json::dump(v);
}

void append_block(std::string& out, const json::value& v, std::size_t indent);

// The key with its colon. Beyond YAML's length for simple keys it needs the `?` form.
void append_key(std::string& out, std::string_view name, std::size_t indent) {
  std::string key;
  append_text(key, name);
  if (key.size() > simple_key_bytes_max) {
    out += "? " + key + "\n" + std::string(indent, ' ') + ":";
    return;
  }
  out += key + ":";
}

void append_members(std::string& out, const json::object& members, std::size_t indent) {
  bool first = true;
  for (const auto& [name, member] : members) {
    if (!first) out.append(indent, ' ');
    first = false;
    append_key(out, view(name), indent);
    if (!is_block(member)) {
      out += ' ';
      append_flat(out, member);
      out += '\n';
      continue;
    }
    out += '\n';
    out.append(indent + 2, ' ');
    append_block(out, member, indent + 2);
  }
}

// Writes `v` where the cursor already stands at column `indent`.
void append_block(std::string& out, const json::value& v, std::size_t indent) {
  if (!is_block(v)) {
    append_flat(out, v);
    out += '\n';
    return;
  }
  if (const json::object* members = v.if_object()) return append_members(out, *members, indent);
  bool first = true;
  for (const json::value& item : v.get_array()) {
    if (!first) out.append(indent, ' ');
    first = false;
    out += "- ";
    append_block(out, item, indent + 2);
  }
}

}  // namespace

std::string write_yaml(const json::value& v) {
  std::string out;
  append_block(out, v, 0);
  return out;
}

}  // namespace croft::cfn
