#include "dynamo/attribute_json.h"

#include <algorithm>

#include "dynamo/errors.h"
#include "dynamo/limits.h"
#include "text/encoding.h"

namespace croft::dynamo {

namespace {

Result<AttributeValue> read(const json::value& document, std::size_t level);

std::string_view view(const json::string& s) { return {s.data(), s.size()}; }

// What AWS says when a member has another JSON type than its shape.
Error wrong_json_type(const json::value& found, std::string_view wanted) {
  switch (found.kind()) {
    case json::kind::array: return serialization_error("Unrecognized collection type class java.lang.String");
    case json::kind::object: return serialization_error("Start of structure or map found where not expected.");
    case json::kind::bool_:
      return serialization_error(std::string(found.get_bool() ? "TRUE_VALUE" : "FALSE_VALUE") +
                                 " cannot be converted to " + std::string(wanted));
    case json::kind::string:
      return serialization_error("STRING_VALUE cannot be converted to " + std::string(wanted));
    default: return serialization_error("NUMBER_VALUE cannot be converted to " + std::string(wanted));
  }
}

Result<std::string_view> text_of(const json::value& v) {
  if (!v.is_string()) return wrong_json_type(v, "String");
  return view(v.get_string());
}

Result<std::string> bytes_of(const json::value& v) {
  const Result<std::string_view> text = text_of(v);
  if (!text) return text.error();
  if (text->size() % 4 != 0) {
    return serialization_error("Base64 encoded length is expected a multiple of 4 bytes but found: " +
                               std::to_string(text->size()));
  }
  std::optional<std::string> bytes = text::from_base64(*text);
  if (!bytes) return serialization_error("Invalid Base64 content");
  return *std::move(bytes);
}

Result<Number> number_of(const json::value& v) {
  const Result<std::string_view> text = text_of(v);
  if (!text) return text.error();
  return Number::parse(*text);
}

Result<bool> bool_of(const json::value& v) {
  if (v.is_bool()) return v.get_bool();
  if (!v.is_string()) return wrong_json_type(v, "Boolean");
  const std::optional<bool> truth = truth_of(view(v.get_string()));
  if (!truth) return serialization_error("Unexpected token received from parser");
  return *truth;
}

Error duplicates(const json::array& members, std::string_view tail) {
  std::string list;
  for (const json::value& member : members) {
    if (!list.empty()) list += ", ";
    list += view(member.get_string());
  }
  return invalid_parameter("Input collection [" + list + "]" + std::string(tail) + "contains duplicates.");
}

// Sorts, or answers the error when one member comes twice.
template <class T>
bool sort_unique(std::vector<T>& members) {
  std::sort(members.begin(), members.end());
  return std::adjacent_find(members.begin(), members.end()) == members.end();
}

template <class T, class ReadMember>
Result<std::vector<T>> read_members(const json::array& members, ReadMember read_member) {
  std::vector<T> out;
  out.reserve(members.size());
  for (const json::value& member : members) {
    auto one = read_member(member);
    if (!one) return one.error();
    out.emplace_back(*std::move(one));
  }
  return out;
}

bool has_null(const json::array& members) {
  return std::any_of(members.begin(), members.end(), [](const json::value& member) { return member.is_null(); });
}

Result<AttributeValue> read_set(Type type, const json::value& document) {
  if (!document.is_array()) return serialization_error("Unexpected field type");
  const json::array& members = document.get_array();
  if (type == Type::string_set) {
    if (members.empty()) return invalid_parameter("An string set  may not be empty");
    if (has_null(members)) return invalid_parameter("An string set may not have a null string as a member");
    auto strings = read_members<std::string>(members, text_of);
    if (!strings) return strings.error();
    if (!sort_unique(*strings)) return duplicates(members, " ");
    return AttributeValue{StringSet{*std::move(strings)}};
  }
  if (type == Type::number_set) {
    if (members.empty()) return invalid_parameter("An number set  may not be empty");
    if (has_null(members)) return invalid_parameter("An number set may not have a null string as a member");
    auto numbers = read_members<Number>(members, number_of);
    if (!numbers) return numbers.error();
    if (!sort_unique(*numbers)) return validation_error("Input collection contains duplicates");
    return AttributeValue{NumberSet{*std::move(numbers)}};
  }
  if (members.empty()) return invalid_parameter("Binary sets should not be empty");
  if (has_null(members)) return invalid_parameter("Binary sets may not contain null values");
  auto binaries = read_members<std::string>(members, bytes_of);
  if (!binaries) return binaries.error();
  if (!sort_unique(*binaries)) return duplicates(members, "of type BS ");
  return AttributeValue{BinarySet{*std::move(binaries)}};
}

Result<Map> read_map(const json::value& document, std::size_t level) {
  if (!document.is_object()) return serialization_error("Unexpected field type");
  std::vector<Attribute> attributes;
  attributes.reserve(document.get_object().size());
  for (const auto& [name, member] : document.get_object()) {
    Result<AttributeValue> value = read(member, level);
    if (!value) return value.error();
    attributes.push_back({std::string(name.data(), name.size()), *std::move(value)});
  }
  return Map(std::move(attributes));
}

Result<AttributeValue> read_list(const json::value& document, std::size_t level) {
  if (!document.is_array()) return serialization_error("Unexpected field type");
  List list;
  list.elements.reserve(document.get_array().size());
  for (const json::value& element : document.get_array()) {
    Result<AttributeValue> value = read(element, level);
    if (!value) return value.error();
    list.elements.push_back(*std::move(value));
  }
  return AttributeValue{std::move(list)};
}

template <class T, class Wrap>
Result<AttributeValue> wrapped(Result<T> value, Wrap wrap) {
  if (!value) return value.error();
  return AttributeValue{wrap(*std::move(value))};
}

Result<AttributeValue> read_typed(Type type, const json::value& document, std::size_t level) {
  switch (type) {
    case Type::string: return wrapped(text_of(document), [](std::string_view text) { return std::string(text); });
    case Type::number: return wrapped(number_of(document), [](Number number) { return number; });
    case Type::binary: return wrapped(bytes_of(document), [](std::string bytes) { return Binary{std::move(bytes)}; });
    case Type::boolean: return wrapped(bool_of(document), [](bool value) { return value; });
    case Type::null: {
      const Result<bool> truth = bool_of(document);
      if (!truth) return truth.error();
      if (!*truth) return invalid_parameter("Null attribute value types must have the value of true");
      return AttributeValue{Null{}};
    }
    case Type::map: return wrapped(read_map(document, level + 1), [](Map map) { return map; });
    case Type::list: return read_list(document, level + 1);
    default: return read_set(type, document);
  }
}

// A value with several types. What is wrong with one of them is told first, in the order of AWS's shape.
Error several_types(const json::object& value, std::size_t level) {
  for (const char* name : {"S", "B", "N", "BOOL", "NULL", "BS", "NS", "SS", "L", "M"}) {
    const json::value* content = json::find(value, name);
    if (!content || content->is_null()) continue;
    const Result<AttributeValue> one = read_typed(*type_named(name), *content, level);
    if (!one) return one.error();
  }
  return validation_error(
      "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes");
}

// Unknown type names are ignored, as AWS ignores unknown members.
Result<AttributeValue> read(const json::value& document, std::size_t level) {
  if (!document.is_object()) return serialization_error("Unexpected value type in payload");
  if (level >= limits::nesting_max) {
    return validation_error(
        "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported "
        "limit");
  }
  const json::value* content = nullptr;
  Type type = Type::null;
  for (const auto& [name, member] : document.get_object()) {
    const std::optional<Type> named = type_named({name.data(), name.size()});
    if (!named || member.is_null()) continue;
    if (content) return several_types(document.get_object(), level);
    content = &member;
    type = *named;
  }
  if (!content) {
    return validation_error("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes");
  }
  return read_typed(type, *content, level);
}

template <class Members, class AppendMember>
void append_array(std::string& out, const Members& members, AppendMember append_member) {
  out += '[';
  bool first = true;
  for (const auto& member : members) {
    if (!first) out += ',';
    first = false;
    append_member(member);
  }
  out += ']';
}

void append_content(std::string& out, const AttributeValue& value) {
  const auto quoted_base64 = [&out](std::string_view bytes) {
    out.append("\"").append(text::base64(bytes)).append("\"");
  };
  const auto quoted_number = [&out](const Number& number) { out.append("\"").append(number.text()).append("\""); };
  switch (value.type()) {
    case Type::string: return json::append_string(out, *value.get<std::string>());
    case Type::number: return quoted_number(*value.get<Number>());
    case Type::binary: return quoted_base64(value.get<Binary>()->bytes);
    case Type::boolean: out += *value.get<bool>() ? "true" : "false"; return;
    case Type::null: out += "true"; return;
    case Type::map: return append_json(out, *value.get<Map>());
    case Type::list:
      return append_array(out, value.get<List>()->elements, [&](const AttributeValue& v) { append_json(out, v); });
    case Type::string_set:
      return append_array(out, value.get<StringSet>()->members,
                          [&](const std::string& s) { json::append_string(out, s); });
    case Type::number_set: return append_array(out, value.get<NumberSet>()->members, quoted_number);
    case Type::binary_set: return append_array(out, value.get<BinarySet>()->members, quoted_base64);
  }
}

}  // namespace

std::optional<bool> truth_of(std::string_view word) {
  const std::string text = text::lower(word);
  if (text == "true" || text == "1" || text == "yes") return true;
  if (text == "false" || text == "0" || text == "no") return false;
  return std::nullopt;
}

Result<AttributeValue> attribute_value(const json::value& document) { return read(document, 0); }

Result<Item> item(const json::value& document) { return read_map(document, 0); }

void append_json(std::string& out, const AttributeValue& value) {
  out.append("{\"").append(type_name(value.type())).append("\":");
  append_content(out, value);
  out += '}';
}

void append_json(std::string& out, const Item& item) {
  out += '{';
  bool first = true;
  for (const Attribute& attribute : item) {
    if (!first) out += ',';
    first = false;
    json::append_string(out, attribute.name);
    out += ':';
    append_json(out, attribute.value);
  }
  out += '}';
}

json::object to_json(const Item& item) {
  std::string text;
  append_json(text, item);
  return json::parse(text).value().as_object();
}

}  // namespace croft::dynamo
