#include "dynamo/expressions/placeholders.h"

#include <algorithm>

#include "dynamo/attribute_json.h"
#include "dynamo/errors.h"
#include "dynamo/limits.h"

namespace croft::dynamo {

namespace {

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool is_placeholder(std::string_view key, char mark) {
  return key.size() > 1 && key[0] == mark && std::all_of(key.begin() + 1, key.end(), is_word);
}

// AWS tells the size for names alone.
Error key_too_long(std::string_view parameter, std::size_t size, char mark) {
  return validation_error(std::string(parameter) +
                          " contains invalid key: The expression attribute map contains a key that is too long;" +
                          (mark == '#' ? " size of key: " + std::to_string(size) : ""));
}

// The member as an object that has something in it and whose keys are placeholders.
Result<const json::object*> members(std::string_view parameter, const json::value& document, char mark) {
  if (!document.is_object()) return serialization_error("Unexpected field type");
  const json::object& object = document.get_object();
  if (object.empty()) return validation_error(std::string(parameter) + " must not be empty");
  for (const auto& [key, member] : object) {
    if (key.size() > limits::placeholder_bytes_max) return key_too_long(parameter, key.size(), mark);
    if (is_placeholder({key.data(), key.size()}, mark)) continue;
    return validation_error(std::string(parameter) + " contains invalid key: Syntax error; key: \"" +
                            std::string(key.data(), key.size()) + "\"");
  }
  return &object;
}

template <class Entries>
auto* look_up(Entries& entries, std::string_view key) {
  const auto found =
      std::find_if(entries.begin(), entries.end(), [&](const auto& entry) { return entry.key == key; });
  return found == entries.end() ? nullptr : &*found;
}

template <class Entries>
Result<void> check_used(std::string_view parameter, const Entries& entries) {
  std::string unused;
  for (const auto& entry : entries) {
    if (entry.used) continue;
    if (!unused.empty()) unused += ", ";
    unused += entry.key;
  }
  if (unused.empty()) return {};
  return validation_error("Value provided in " + std::string(parameter) + " unused in expressions: keys: {" + unused +
                          "}");
}

}  // namespace

Result<Placeholders> Placeholders::read(const json::value* names, const json::value* values) {
  Placeholders out;
  if (names) {
    const auto object = members("ExpressionAttributeNames", *names, '#');
    if (!object) return object.error();
    for (const auto& [key, member] : **object) {
      if (!member.is_string()) return serialization_error("Unexpected field type");
      const std::string placeholder(key.data(), key.size());
      const std::string_view name(member.get_string().data(), member.get_string().size());
      const Result<void> checked = check_attribute_name(name);
      if (!checked) {
        return validation_error("ExpressionAttributeNames contains invalid value: " + checked.error().message +
                                " for key " + placeholder);
      }
      out.names_.push_back({placeholder, std::string(name)});
    }
  }
  if (values) {
    const auto object = members("ExpressionAttributeValues", *values, ':');
    if (!object) return object.error();
    std::size_t total = 0;
    for (const auto& [key, member] : **object) {
      const std::string name(key.data(), key.size());
      Result<AttributeValue> value = attribute_value(member);
      if (!value && value.error().code == "SerializationException") return value.error();
      if (!value) {
        return validation_error("ExpressionAttributeValues contains invalid value: " + value.error().message +
                                " for key " + name);
      }
      total += counted_bytes(*value);
      if (total > limits::placeholders_bytes_max) {
        return validation_error("ExpressionAttributeValues exceeds max size");
      }
      out.values_.push_back({name, std::make_shared<const AttributeValue>(*std::move(value))});
    }
  }
  return out;
}

const std::string* Placeholders::name(std::string_view placeholder) {
  auto* entry = look_up(names_, placeholder);
  if (!entry) return nullptr;
  entry->used = true;
  return &entry->content;
}

ValuePtr Placeholders::value(std::string_view placeholder) {
  auto* entry = look_up(values_, placeholder);
  if (!entry) return nullptr;
  entry->used = true;
  return entry->content;
}

Result<void> Placeholders::check_all_used() const {
  const Result<void> names = check_used("ExpressionAttributeNames", names_);
  if (!names) return names;
  return check_used("ExpressionAttributeValues", values_);
}

}  // namespace croft::dynamo
