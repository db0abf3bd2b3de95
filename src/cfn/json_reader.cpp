#include "cfn/json_reader.h"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "cfn/errors.h"
#include "cfn/limits.h"

namespace croft::cfn {
namespace {

// Builds the value and watches for names that come twice in one object.
struct Handler {
  static constexpr std::size_t max_array_size = template_nodes_max;
  static constexpr std::size_t max_object_size = template_nodes_max;
  static constexpr std::size_t max_string_size = expanded_bytes_max;
  static constexpr std::size_t max_key_size = expanded_bytes_max;
  using error_code = boost::json::error_code;
  using string_view = boost::json::string_view;

  boost::json::value_stack values;
  std::vector<std::set<std::string>> names;  // of the objects that are open
  std::string name;                          // so far, of one that comes in parts
  std::string duplicate;

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_array_begin(error_code&) { return true; }
  bool on_array_end(std::size_t count, error_code&) { return values.push_array(count), true; }
  bool on_object_begin(error_code&) { return names.emplace_back(), true; }
  bool on_object_end(std::size_t count, error_code&) {
    names.pop_back();
    values.push_object(count);
    return true;
  }
  bool on_string_part(string_view s, std::size_t, error_code&) { return values.push_chars(s), true; }
  bool on_string(string_view s, std::size_t, error_code&) { return values.push_string(s), true; }
  bool on_key_part(string_view s, std::size_t, error_code&) {
    name.append(s.data(), s.size());
    values.push_chars(s);
    return true;
  }
  bool on_key(string_view s, std::size_t, error_code& failure) {
    name.append(s.data(), s.size());
    values.push_key(s);
    if (!names.back().insert(name).second) {
      duplicate = name;
      failure = boost::json::error::syntax;
      return false;
    }
    name.clear();
    return true;
  }
  bool on_number_part(string_view, error_code&) { return true; }
  bool on_int64(std::int64_t n, string_view, error_code&) { return values.push_int64(n), true; }
  bool on_uint64(std::uint64_t n, string_view, error_code&) { return values.push_uint64(n), true; }
  bool on_double(double n, string_view, error_code& failure) {
    values.push_double(n);
    if (!std::isfinite(n)) failure = boost::json::error::syntax;  // 1e999
    return !failure;
  }
  bool on_bool(bool b, error_code&) { return values.push_bool(b), true; }
  bool on_null(error_code&) { return values.push_null(), true; }
  bool on_comment_part(string_view, error_code&) { return true; }
  bool on_comment(string_view, error_code&) { return true; }
};

std::string place(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t newline = before.rfind('\n');
  const std::size_t column = newline == std::string_view::npos ? before.size() + 1 : before.size() - newline;
  return " (line " + std::to_string(line) + ", column " + std::to_string(column) + ")";
}

}  // namespace

Result<json::value> read_json(std::string_view text) {
  boost::json::parse_options options;
  options.max_depth = template_depth_max;
  boost::json::basic_parser<Handler> parser(options);
  parser.handler().values.reset();

  boost::json::error_code failure;
  std::size_t used = parser.write_some(false, text.data(), text.size(), failure);
  const std::size_t rest = text.find_first_not_of(" \t\r\n", used);
  if (!failure && rest != std::string_view::npos) {
    used = rest;
    failure = boost::json::error::extra_data;
  }
  if (!parser.handler().duplicate.empty()) {
    return validation_error("Template format error: Duplicate key " + parser.handler().duplicate + "." +
                            place(text, used));
  }
  if (failure) return validation_error("Template format error: JSON not well-formed." + place(text, used));
  return parser.handler().values.release();
}

}  // namespace croft::cfn
