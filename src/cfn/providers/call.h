// What the providers share: calls of operations, and the shapes that templates and APIs spell differently.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "cfn/provider.h"

namespace croft::cfn {

using CallResult = Result<json::object>;

Task<CallResult> call(const ResourceStep& step, std::string_view service, std::string_view operation,
                      json::object input);

bool has_code(const Error& error, std::initializer_list<std::string_view> codes);

// Success when `done` succeeded or was refused because there is nothing (left) of that name.
Result<void> gone(const CallResult& done, std::initializer_list<std::string_view> not_found_codes);

// Copies the members of these names that `from` has.
void copy_members(const json::object& from, std::initializer_list<std::string_view> names, json::object& to);
// True if any member of these names differs between the two.
bool differs(const json::object& a, const json::object& b, std::initializer_list<std::string_view> names);

// Members of these names, at any depth, as numbers and booleans: parameters yield them as text. What spells neither
// stays, for the service to refuse.
struct Spelling {
  std::initializer_list<std::string_view> integers;
  std::initializer_list<std::string_view> booleans;
};
json::value spelled(const json::value& v, const Spelling& spelling);

// A policy document as the text that APIs take; text stays.
std::string document_text(const json::value& document);

// {name: scalar} with every scalar as text.
json::object text_members(const json::object& map);

// What TagResource and UntagResource have to be told, for Tags in the list form [{Key, Value}].
struct TagChange {
  json::array set;                   // [{Key, Value}]
  std::vector<std::string> removed;  // keys
};
TagChange tag_change(const json::object& previous, const json::object& properties);
json::object tag_map(const json::array& tags);  // {Key: Value}
json::array text_array(const std::vector<std::string>& texts);

// A property that is a list or map, empty when it is missing.
json::array list_of(const json::object& properties, std::string_view name);
json::object map_of(const json::object& properties, std::string_view name);

// A property that CloudFormation knows and croft has nothing for.
Error not_supported(std::string_view type, std::string_view property);

}  // namespace croft::cfn
