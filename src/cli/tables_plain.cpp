#include "cli/tables_plain.h"

#include <algorithm>

#include "text/encoding.h"

namespace croft::cli {

namespace {

// Stands for a number while a document goes through the JSON parser, which would make a double of it.
constexpr std::string_view number_mark = "\x01N";
constexpr std::string_view number_mark_text = "{\"\\u0001N\":\"";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Where the string that begins at `at` (a quote) ends; the end of the text when it does not.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size(); ++at) {
    if (text[at] == '\\') ++at;
    else if (text[at] == '"') return at + 1;
  }
  return text.size();
}

// Every number of the document as {mark: "digits"}. What is no number stays, for the parser to refuse.
std::string with_marked_numbers(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 4);
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at + 1;
    if (text[at] == '"') end = end_of_string(text, at);
    else if (is_digit(text[at]) || text[at] == '-')
      end = std::min(text.find_first_not_of("+-.eE0123456789", at), text.size());
    const std::string_view token = text.substr(at, end - at);
    const bool is_number = text[at] != '"' && is_number_text(token);
    if (is_number) out.append(number_mark_text).append(token).append("\"}");
    else out.append(token);
    at = end;
  }
  return out;
}

// The digits of a marked number; nothing for any other value.
const json::string* marked_number(const json::value& value) {
  if (!value.is_object() || value.get_object().size() != 1) return nullptr;
  const auto& member = *value.get_object().begin();
  return member.key() == number_mark ? &member.value().get_string() : nullptr;
}

json::object attributes_of(const json::object& plain);

json::value attribute_of(const json::value& plain) {
  if (const json::string* digits = marked_number(plain)) return json::object{{"N", *digits}};
  switch (plain.kind()) {
    case json::kind::null: return json::object{{"NULL", true}};
    case json::kind::bool_: return json::object{{"BOOL", plain.get_bool()}};
    case json::kind::string: return json::object{{"S", plain.get_string()}};
    case json::kind::array: {
      json::array list;
      for (const json::value& element : plain.get_array()) list.push_back(attribute_of(element));
      return json::object{{"L", std::move(list)}};
    }
    default: return json::object{{"M", attributes_of(plain.get_object())}};
  }
}

json::object attributes_of(const json::object& plain) {
  json::object out;
  for (const auto& member : plain) out[member.key()] = attribute_of(member.value());
  return out;
}

bool all_strings(const json::value& value) {
  const auto is_string = [](const json::value& v) { return v.is_string(); };
  return value.is_array() && std::all_of(value.get_array().begin(), value.get_array().end(), is_string);
}

// The first marked number of a document of DynamoDB JSON, where numbers are strings; part of `value`.
const json::string* stray_number(const json::value& value);

const json::string* stray_number_in(const json::object& members) {
  const json::string* found = nullptr;
  for (const auto& member : members)
    if (!found) found = stray_number(member.value());
  return found;
}

const json::string* stray_number(const json::value& value) {
  if (const json::string* digits = marked_number(value)) return digits;
  if (value.is_object()) return stray_number_in(value.get_object());
  const json::string* found = nullptr;
  if (value.is_array()) {
    for (const json::value& element : value.get_array())
      if (!found) found = stray_number(element);
  }
  return found;
}

Error invalid_item(std::string message) { return {"InvalidItem", std::move(message)}; }

Result<json::object> plain_item(const json::object& document, const KeyTypes& keys) {
  json::object item = attributes_of(document);
  for (const auto& [name, type] : keys) {
    const json::value* plain = json::find(document, name);
    if (!plain || type != "B" || !plain->is_string()) continue;
    if (!text::from_base64(plain->get_string())) return invalid_item(name + " is binary (B), and not base64 here");
    item[name] = json::object{{"B", plain->get_string()}};
  }
  return item;
}

void append_plain(std::string& out, const json::value& attribute);

void append_plain_item(std::string& out, const json::object& item) {
  out += '{';
  bool first = true;
  for (const auto& member : item) {
    if (!std::exchange(first, false)) out += ',';
    json::append_string(out, member.key());
    out += ':';
    append_plain(out, member.value());
  }
  out += '}';
}

void append_digits(std::string& out, std::string_view digits) {
  if (is_number_text(digits)) out += digits;
  else json::append_string(out, digits);
}

void append_list(std::string& out, std::string_view type, const json::array& list) {
  out += '[';
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (i > 0) out += ',';
    if (type == "L") append_plain(out, list[i]);
    else if (type == "NS" && list[i].is_string()) append_digits(out, list[i].get_string());
    else out += json::dump(list[i]);
  }
  out += ']';
}

void append_plain(std::string& out, const json::value& attribute) {
  if (!is_attribute(attribute)) {
    out += json::dump(attribute);
    return;
  }
  const auto& member = *attribute.get_object().begin();
  const std::string_view type = member.key();
  const json::value& value = member.value();
  if (type == "N") append_digits(out, value.get_string());
  else if (type == "NULL") out += "null";
  else if (type == "M") append_plain_item(out, value.get_object());
  else if (value.is_array()) append_list(out, type, value.get_array());
  else out += json::dump(value);
}

}  // namespace

bool is_number_text(std::string_view text) {
  std::size_t at = 0;
  const auto digits = [&] {
    const std::size_t from = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    return at - from;
  };
  if (at < text.size() && text[at] == '-') ++at;
  const std::size_t first = at, whole = digits();
  if (whole == 0 || (whole > 1 && text[first] == '0')) return false;
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (digits() == 0) return false;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (digits() == 0) return false;
  }
  return at == text.size();
}

bool is_attribute(const json::value& value) {
  if (!value.is_object() || value.get_object().size() != 1) return false;
  const auto& member = *value.get_object().begin();
  const std::string_view type = member.key();
  if (type == "S" || type == "N" || type == "B") return member.value().is_string();
  if (type == "BOOL" || type == "NULL") return member.value().is_bool();
  if (type == "M") return member.value().is_object();
  if (type == "L") return member.value().is_array();
  return (type == "SS" || type == "NS" || type == "BS") && all_strings(member.value());
}

json::value attribute_of_text(std::string_view text) {
  auto parsed = json::parse(with_marked_numbers(text));
  return parsed ? attribute_of(*parsed) : json::value(json::object{{"S", text}});
}

Result<json::object> read_item(std::string_view text, const KeyTypes& keys, std::string_view partition_key) {
  auto parsed = json::parse(with_marked_numbers(text));
  // The position is the original text's, as the numbers were not longer in it.
  if (!parsed) {
    auto original = json::parse(text);
    return invalid_item(original ? parsed.error().message : original.error().message);
  }
  if (!parsed->is_object()) return invalid_item("an item is a JSON object");
  const json::object* document = &parsed->get_object();
  const json::value* inner = document->size() == 1 ? json::find(*document, "Item") : nullptr;
  if (inner && inner->is_object() && partition_key != "Item") document = &inner->get_object();
  const json::value* key = json::find(*document, partition_key);
  if (!key) return invalid_item("the key " + std::string(partition_key) + " is missing");
  if (!is_attribute(*key)) return plain_item(*document, keys);
  for (const auto& member : *document) {
    if (!is_attribute(member.value()))
      return invalid_item(std::string(partition_key) + " is DynamoDB JSON, and " + std::string(member.key()) + " is not");
  }
  if (const json::string* digits = stray_number_in(*document))
    return invalid_item("numbers of DynamoDB JSON are strings, and " + std::string(*digits) + " is none");
  return *document;
}

Result<json::value> key_value(std::string_view name, std::string_view type, std::string_view text) {
  if (type == "N" && !is_number_text(text))
    return Error{"InvalidKey", std::string(name) + " is a number (N), and '" + std::string(text) + "' is none"};
  if (type == "B" && !text::from_base64(text))
    return Error{"InvalidKey", std::string(name) + " is binary (B), and '" + std::string(text) + "' is not base64"};
  return json::value(json::object{{type, text}});
}

std::string plain_json(const json::object& item) {
  std::string out;
  append_plain_item(out, item);
  return out;
}

std::string plain_json(const json::value& attribute) {
  std::string out;
  append_plain(out, attribute);
  return out;
}

}  // namespace croft::cli
