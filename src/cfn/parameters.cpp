#include "cfn/parameters.h"

#include <re2/re2.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "cfn/errors.h"
#include "cfn/intrinsics.h"
#include "cfn/json_view.h"
#include "cfn/limits.h"
#include "text/encoding.h"

namespace croft::cfn {
namespace {

std::optional<double> number(std::string_view s) {
  s = text::trim(s);
  if (s.starts_with('+')) s.remove_prefix(1);
  double n = 0;
  auto [end, failure] = std::from_chars(s.data(), s.data() + s.size(), n);
  if (failure != std::errc() || end != s.data() + s.size() || !std::isfinite(n)) return std::nullopt;
  return n;
}

bool is_known_type(std::string_view type) {
  if (type == "String" || type == "Number" || type == "List<Number>" || type == "CommaDelimitedList") return true;
  if (type.starts_with("AWS::SSM::Parameter::")) return false;
  if (type.starts_with("List<") && type.ends_with(">")) type = type.substr(5, type.size() - 6);
  return type == "String" || type.starts_with("AWS::");
}

Error not_a_string(std::string_view member) {
  return validation_error("Template format error: Every " + std::string(member) + " member must be a string.");
}

Result<std::vector<std::string>> texts(const json::value& v, std::string_view member) {
  std::vector<std::string> found;
  const json::array* items = v.if_array();
  if (!items) {
    return validation_error("Template format error: Every " + std::string(member) + " member must be a list.");
  }
  for (const json::value& item : *items) {
    auto text = scalar_text(item);
    if (!text) return not_a_string(member);
    found.push_back(std::move(*text));
  }
  return found;
}

// The members that bound a number; `into` is a double or an int64.
template <class T>
Result<void> read_bound(const json::value& v, std::string_view member, std::optional<T>& into) {
  auto text = scalar_text(v);
  auto n = text ? number(*text) : std::nullopt;
  if (!n || std::abs(*n) > 1e15) {
    return validation_error("Template format error: Every " + std::string(member) + " member must be a number.");
  }
  into = static_cast<T>(*n);
  return {};
}

Result<void> read_member(std::string_view member, const json::value& v, Parameter& p) {
  if (member == "AllowedValues") {
    auto values = texts(v, member);
    if (!values) return values.error();
    p.allowed_values = std::move(*values);
    return {};
  }
  if (member == "MinValue") return read_bound(v, member, p.min_value);
  if (member == "MaxValue") return read_bound(v, member, p.max_value);
  if (member == "MinLength") return read_bound(v, member, p.min_length);
  if (member == "MaxLength") return read_bound(v, member, p.max_length);

  auto text = scalar_text(v);
  const bool known = member == "Type" || member == "Default" || member == "Description" || member == "NoEcho" ||
                     member == "AllowedPattern" || member == "ConstraintDescription";
  if (!known) return validation_error("Invalid template parameter property '" + std::string(member) + "'");
  if (!text) return not_a_string(member);
  if (member == "Type") p.type = *text;
  if (member == "Default") p.default_value = *text;
  if (member == "Description") p.description = *text;
  if (member == "NoEcho") p.no_echo = text::lower(*text) == "true";
  if (member == "AllowedPattern") p.allowed_pattern = *text;
  if (member == "ConstraintDescription") p.constraint_description = *text;
  return {};
}

Result<Parameter> read_parameter(std::string name, const json::value& declaration) {
  Parameter p{.name = std::move(name)};
  const bool alphanumeric =
      std::all_of(p.name.begin(), p.name.end(), [](unsigned char c) { return std::isalnum(c); });
  if (p.name.empty() || !alphanumeric || p.name.size() > logical_id_bytes_max) {
    return validation_error("Template format error: Parameter name " + p.name + " is non alphanumeric.");
  }
  const json::object* members = declaration.if_object();
  if (!members) return validation_error("Template format error: Every Parameters member must be an object.");
  for (const auto& [member, v] : *members) {
    auto done = read_member(view(member), v, p);
    if (!done) return done.error();
  }
  if (p.type.empty()) {
    return validation_error("Template format error: Every Parameters object must contain a Type member.");
  }
  if (!is_known_type(p.type)) {
    return validation_error("Template format error: Unrecognized parameter type: " + p.type);
  }
  return p;
}

std::vector<std::string> split_list(std::string_view list) {
  std::vector<std::string> items;
  if (text::trim(list).empty()) return items;
  for (;;) {
    const std::size_t comma = list.find(',');
    items.emplace_back(text::trim(list.substr(0, comma)));
    if (comma == std::string_view::npos) return items;
    list.remove_prefix(comma + 1);
  }
}

// A number as people write it: 5, not 5.000000.
std::string shown(double n) {
  return json::dump(json::value(n));
}

// Why `item` is refused, as what follows "Parameter 'X' "; "" when it is fine. `pattern` may be null.
std::string objection(const Parameter& p, const std::string& item, const RE2* pattern) {
  const bool is_number = p.type == "Number" || p.type == "List<Number>";
  const auto n = number(item);
  const auto length = static_cast<std::int64_t>(item.size());
  if (is_number && !n) return "must be a number.";
  if (!p.allowed_values.empty() &&
      std::find(p.allowed_values.begin(), p.allowed_values.end(), item) == p.allowed_values.end()) {
    return "must be one of AllowedValues";
  }
  if (pattern && !RE2::FullMatch(item, *pattern)) return "must match pattern " + p.allowed_pattern;
  if (!is_number && p.min_length && length < *p.min_length) {
    return "must contain at least " + std::to_string(*p.min_length) + " characters";
  }
  if (!is_number && p.max_length && length > *p.max_length) {
    return "must contain at most " + std::to_string(*p.max_length) + " characters";
  }
  if (n && p.min_value && *n < *p.min_value) return "must be a number not less than " + shown(*p.min_value);
  if (n && p.max_value && *n > *p.max_value) return "must be a number not greater than " + shown(*p.max_value);
  return "";
}

Result<json::value> bind(const Parameter& p, const std::string& given) {
  if (given.size() > parameter_value_bytes_max) {
    return validation_error("Parameter '" + p.name + "' must contain at most " +
                            std::to_string(parameter_value_bytes_max) + " characters");
  }
  std::optional<RE2> pattern;
  if (!p.allowed_pattern.empty()) {
    pattern.emplace(p.allowed_pattern, RE2::Quiet);
    if (!pattern->ok()) {
      return validation_error("Template format error: AllowedPattern of parameter " + p.name +
                              " is not supported: " + pattern->error());
    }
  }
  const std::vector<std::string> items = p.is_list() ? split_list(given) : std::vector<std::string>{given};
  for (const std::string& item : items) {
    const std::string why = objection(p, item, pattern ? &*pattern : nullptr);
    if (why.empty()) continue;
    if (p.constraint_description.empty()) return validation_error("Parameter '" + p.name + "' " + why);
    return validation_error("Parameter " + p.name + " failed to satisfy constraint: " + p.constraint_description);
  }
  if (!p.is_list()) return json::value(json::string(given));
  json::array list;
  for (const std::string& item : items) list.emplace_back(item);
  return json::value(std::move(list));
}

std::string bracketed(const std::vector<std::string>& names) {
  std::string out = "[";
  for (const std::string& name : names) out += (out.size() > 1 ? ", " : "") + name;
  return out + "]";
}

}  // namespace

bool Parameter::is_list() const {
  return type == "CommaDelimitedList" || type.starts_with("List<");
}

Result<std::vector<Parameter>> read_parameters(const json::object& section) {
  if (section.size() > parameters_max) {
    return validation_error("Template format error: Number of parameters, " + std::to_string(section.size()) +
                            ", is greater than maximum allowed, " + std::to_string(parameters_max));
  }
  std::vector<Parameter> parameters;
  for (const auto& [name, declaration] : section) {
    auto parameter = read_parameter(str(name), declaration);
    if (!parameter) return parameter.error();
    parameters.push_back(std::move(*parameter));
  }
  return parameters;
}

Result<ParameterValues> bind_parameters(const std::vector<Parameter>& declared,
                                        const std::map<std::string, std::string, std::less<>>& given) {
  std::vector<std::string> unknown;
  for (const auto& [name, value] : given) {
    const bool is_declared =
        std::any_of(declared.begin(), declared.end(), [&](const Parameter& p) { return p.name == name; });
    if (!is_declared) unknown.push_back(name);
  }
  if (!unknown.empty()) {
    return validation_error("Parameters: " + bracketed(unknown) + " do not exist in the template");
  }

  std::vector<std::string> missing;
  for (const Parameter& p : declared) {
    if (!p.default_value && !given.contains(p.name)) missing.push_back(p.name);
  }
  if (!missing.empty()) return validation_error("Parameters: " + bracketed(missing) + " must have values");

  ParameterValues values;
  for (const Parameter& p : declared) {
    auto it = given.find(p.name);
    auto bound = bind(p, it != given.end() ? it->second : *p.default_value);
    if (!bound) return bound.error();
    values.emplace(p.name, std::move(*bound));
  }
  return values;
}

}  // namespace croft::cfn
