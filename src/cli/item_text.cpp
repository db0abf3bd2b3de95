#include "cli/item_text.h"

#include <charconv>

#include "cli/terminal.h"

namespace croft::cli {

namespace {

// The type's name and the value, of an attribute {"S": …}; null for anything else.
std::pair<std::string_view, const json::value*> typed(const json::value& attribute) {
  if (!attribute.is_object() || attribute.get_object().size() != 1) return {"", nullptr};
  const auto& member = *attribute.get_object().begin();
  return {member.key(), &member.value()};
}

json::value number_of(std::string_view digits) {
  std::int64_t whole = 0;
  auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), whole);
  if (failure == std::errc() && end == digits.data() + digits.size()) return whole;
  double fraction = 0;
  auto [fraction_end, fraction_failure] = std::from_chars(digits.data(), digits.data() + digits.size(), fraction);
  constexpr std::size_t exact_digits_max = 15;  // of a double
  if (fraction_failure == std::errc() && fraction_end == digits.data() + digits.size() &&
      digits.size() <= exact_digits_max) {
    return fraction;
  }
  return json::value(digits);
}

}  // namespace

json::value plain_value(const json::value& attribute) {
  const auto [type, value] = typed(attribute);
  if (!value) return attribute;
  if (type == "N" && value->is_string()) return number_of(value->get_string());
  if (type == "NULL") return nullptr;
  if (type == "M" && value->is_object()) return plain_item(value->get_object());
  if (value->is_array() && (type == "L" || type == "NS")) {
    json::array list;
    for (const json::value& element : value->get_array()) {
      const bool is_digits = type == "NS" && element.is_string();
      list.push_back(is_digits ? number_of(element.get_string()) : plain_value(element));
    }
    return list;
  }
  return *value;
}

json::object plain_item(const json::object& item) {
  json::object plain;
  for (const auto& member : item) plain[member.key()] = plain_value(member.value());
  return plain;
}

std::string cell_text(const json::value& attribute) {
  const auto [type, value] = typed(attribute);
  if (value && value->is_string()) return shown(std::string_view(value->get_string()));
  return shown(json_line(plain_value(attribute)));
}

bool is_number(const json::value& attribute) {
  return typed(attribute).first == "N";
}

}  // namespace croft::cli
