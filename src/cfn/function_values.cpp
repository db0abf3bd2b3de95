#include "cfn/function_values.h"

#include <charconv>

#include "cfn/errors.h"
#include "cfn/json_view.h"
#include "cfn/limits.h"
#include "cfn/references.h"

namespace croft::cfn {

Error template_error(std::string what) {
  return validation_error("Template error: " + std::move(what));
}

Error malformed(std::string_view function) {
  const std::string every = "every " + std::string(function) + " object ";
  if (function == "Ref") return template_error(every + "must have a single String value.");
  if (function == "Fn::Base64" || function == "Fn::GetAZs") {
    return template_error(every + "must have a String-typed value.");
  }
  if (function == "Fn::ImportValue") return template_error("the attribute in Fn::ImportValue must be a string");
  if (function == "Fn::If") return template_error("Fn::If requires a list argument with three parameters");
  if (function == "Fn::Select") {
    return template_error(every + "requires two parameters, the index and the list of values to choose from");
  }
  if (function == "Fn::Join") {
    return template_error(every +
                          "requires two parameters, (1) a string delimiter and (2) a list of strings to be joined or "
                          "a function that returns a list of strings (such as Fn::GetAZs) to be joined.");
  }
  if (function == "Fn::Split") {
    return template_error(
        every +
        "requires two parameters, (1) a string delimiter and (2) a string to be split or a function "
        "that returns a string to be split.");
  }
  return template_error(every +
                        "requires three parameters, the map name, map key and the attribute for return value");
}

Error too_large() {
  return template_error("the values of the functions are too large");
}

Result<json::value> join_values(std::string_view delimiter, json::array parts, const Error& otherwise) {
  std::string text;
  bool is_known = true;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    auto part = scalar_text(parts[i]);
    if (!part && !as_call(parts[i])) return otherwise;
    if (!part) {
      is_known = false;
      continue;
    }
    if (i) text += delimiter;
    text += *part;
    if (text.size() > resolved_bytes_max) return too_large();
  }
  if (is_known) return json::value(json::string(text));
  return json::value(single("Fn::Join", json::array{json::string(delimiter), std::move(parts)}));
}

Result<json::value> select_value(const json::array& arguments, const Scope&) {
  const auto text = scalar_text(arguments[0]);
  const json::array* list = arguments[1].if_array();
  if (!text || !list) return malformed("Fn::Select");
  std::size_t index = 0;
  auto [end, failure] = std::from_chars(text->data(), text->data() + text->size(), index);
  if (failure != std::errc() || end != text->data() + text->size()) return malformed("Fn::Select");
  if (index >= list->size()) {
    return template_error("Fn::Select cannot select nonexistent value at index " + std::to_string(index));
  }
  return (*list)[index];
}

Result<json::value> split_value(const json::array& arguments, const Scope&) {
  const auto delimiter = scalar_text(arguments[0]);
  const auto text = scalar_text(arguments[1]);
  if (!delimiter || delimiter->empty() || !text) return malformed("Fn::Split");
  json::array pieces;
  for (std::size_t from = 0;;) {
    const std::size_t to = text->find(*delimiter, from);
    pieces.emplace_back(text->substr(from, to - from));
    if (pieces.size() * sizeof(json::value) > resolved_bytes_max) return too_large();
    if (to == std::string::npos) break;
    from = to + delimiter->size();
  }
  return json::value(std::move(pieces));
}

Result<json::value> find_in_map(const json::array& arguments, const Scope& scope) {
  std::string path;
  const json::object* level = &scope.mappings;
  for (std::size_t i = 0; i < 3; ++i) {
    auto key = scalar_text(arguments[i]);
    if (!key) return malformed("Fn::FindInMap");
    path += (i ? "::" : "") + *key;
    const json::value* found = level ? json::find(*level, *key) : nullptr;
    if (i == 2 && found) return *found;
    level = found ? found->if_object() : nullptr;
  }
  return template_error("Unable to get mapping for " + path);
}

std::size_t size_of(const json::value& v) {
  if (const json::string* s = v.if_string()) return s->size() + sizeof(json::value);
  std::size_t size = sizeof(json::value);
  if (const json::array* items = v.if_array()) {
    for (const json::value& item : *items) size += size_of(item);
  }
  if (const json::object* members = v.if_object()) {
    for (const auto& [name, member] : *members) size += name.size() + size_of(member);
  }
  return size;
}

}  // namespace croft::cfn
