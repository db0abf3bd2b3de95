#include "cfn/providers/call.h"

#include <algorithm>
#include <charconv>

#include "cfn/intrinsics.h"
#include "cfn/json_view.h"

namespace croft::cfn {
namespace {

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

json::value spelled_integer(const json::value& v) {
  const json::string* text = v.if_string();
  if (!text) return v;
  std::int64_t number = 0;
  auto [end, fault] = std::from_chars(text->data(), text->data() + text->size(), number);
  return fault == std::errc() && end == text->data() + text->size() ? json::value(number) : v;
}

json::value spelled_boolean(const json::value& v) {
  if (v.is_string() && v.get_string() == "true") return true;
  if (v.is_string() && v.get_string() == "false") return false;
  return v;
}

std::string tag_value(const json::array& tags, std::string_view key) {
  for (const json::value& tag : tags) {
    const json::object* members = tag.if_object();
    if (members && json::string_or(*members, "Key", "") == key) {
      return std::string(json::string_or(*members, "Value", ""));
    }
  }
  return {};
}

bool has_tag(const json::array& tags, std::string_view key) {
  return std::any_of(tags.begin(), tags.end(), [&](const json::value& tag) {
    return tag.is_object() && json::string_or(tag.get_object(), "Key", "") == key;
  });
}

}  // namespace

Task<CallResult> call(const ResourceStep& step, std::string_view service, std::string_view operation,
                      json::object input) {
  std::string service_name(service);
  std::string operation_name(operation);
  auto output = co_await step.api.call(std::move(service_name), std::move(operation_name), std::move(input));
  co_return output;
}

bool has_code(const Error& error, std::initializer_list<std::string_view> codes) {
  return is_one_of(error.code, codes);
}

Result<void> gone(const CallResult& done, std::initializer_list<std::string_view> not_found_codes) {
  if (done || has_code(done.error(), not_found_codes)) return {};
  return done.error();
}

void copy_members(const json::object& from, std::initializer_list<std::string_view> names, json::object& to) {
  for (std::string_view name : names) {
    if (const json::value* v = json::find(from, name)) to[name] = *v;
  }
}

bool differs(const json::object& a, const json::object& b, std::initializer_list<std::string_view> names) {
  return std::any_of(names.begin(), names.end(), [&](std::string_view name) {
    const json::value* in_a = json::find(a, name);
    const json::value* in_b = json::find(b, name);
    return in_a && in_b ? *in_a != *in_b : in_a != in_b;
  });
}

json::value spelled(const json::value& v, const Spelling& spelling) {
  if (const json::array* items = v.if_array()) {
    json::array out;
    for (const json::value& item : *items) out.push_back(spelled(item, spelling));
    return out;
  }
  const json::object* members = v.if_object();
  if (!members) return v;
  json::object out;
  for (const auto& [name, member] : *members) {
    if (is_one_of(view(name), spelling.integers)) out.emplace(name, spelled_integer(member));
    else if (is_one_of(view(name), spelling.booleans)) out.emplace(name, spelled_boolean(member));
    else out.emplace(name, spelled(member, spelling));
  }
  return out;
}

std::string document_text(const json::value& document) {
  return document.is_string() ? str(document.get_string()) : json::dump(document);
}

json::object text_members(const json::object& map) {
  json::object out;
  for (const auto& [name, v] : map) {
    auto text = scalar_text(v);
    out.emplace(name, text ? json::value(json::string(*text)) : v);
  }
  return out;
}

TagChange tag_change(const json::object& previous, const json::object& properties) {
  const json::array before = list_of(previous, "Tags");
  const json::array after = list_of(properties, "Tags");
  TagChange change;
  for (const json::value& tag : after) {
    const json::object* members = tag.if_object();
    if (!members) continue;
    const std::string_view key = json::string_or(*members, "Key", "");
    const bool is_same = has_tag(before, key) && tag_value(before, key) == tag_value(after, key);
    if (!is_same) change.set.push_back(tag);
  }
  for (const json::value& tag : before) {
    const json::object* members = tag.if_object();
    if (!members) continue;
    const std::string_view key = json::string_or(*members, "Key", "");
    if (!has_tag(after, key)) change.removed.emplace_back(key);
  }
  return change;
}

json::object tag_map(const json::array& tags) {
  json::object map;
  for (const json::value& tag : tags) {
    const json::object* members = tag.if_object();
    if (!members) continue;
    const json::value* v = json::find(*members, "Value");
    auto text = v ? scalar_text(*v) : std::nullopt;
    map[json::string_or(*members, "Key", "")] = text.value_or("");
  }
  return map;
}

json::array text_array(const std::vector<std::string>& texts) {
  json::array out;
  for (const std::string& text : texts) out.emplace_back(text);
  return out;
}

json::array list_of(const json::object& properties, std::string_view name) {
  const json::value* v = json::find(properties, name);
  return v && v->is_array() ? v->get_array() : json::array();
}

json::object map_of(const json::object& properties, std::string_view name) {
  const json::object* found = find_object(properties, name);
  return found ? *found : json::object();
}

Error not_supported(std::string_view type, std::string_view property) {
  return {"UnsupportedProperty", std::string(type) + " property " + std::string(property) + " is not supported by croft",
          400};
}

}  // namespace croft::cfn
