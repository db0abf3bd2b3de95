#include "gateway/protocols/form.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <string>

#include "gateway/limits.h"
#include "text/encoding.h"

namespace croft::gateway {

namespace {

// A value, or members by name; never both.
struct Node {
  std::optional<std::string> value;
  std::map<std::string, Node, std::less<>> members;
};

Error malformed(const std::string& why) {
  return {"MalformedQueryString", why, 400};
}

bool insert(Node& root, std::string_view name, std::string value) {
  Node* node = &root;
  for (std::size_t depth = 0; depth < form_name_depth_max; ++depth) {
    const std::size_t dot = std::min(name.find('.'), name.size());
    if (node->value) {
      if (!node->value->empty()) return false;
      node->value.reset();  // `List=` (an empty list) beside members: the members count
    }
    node = &node->members[std::string(name.substr(0, dot))];
    if (dot == name.size()) {
      if (!node->members.empty()) return value.empty();
      node->value = std::move(value);
      return true;
    }
    name.remove_prefix(dot + 1);
  }
  return false;
}

std::optional<unsigned> number_of(std::string_view name) {
  unsigned number = 0;
  const auto [end, failure] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (failure != std::errc() || end != name.data() + name.size() || number == 0) return std::nullopt;
  return number;
}

bool is_list(const Node& node) {
  return !node.members.empty() &&
         std::all_of(node.members.begin(), node.members.end(), [](const auto& m) { return number_of(m.first); });
}

json::value to_json(const Node& node);

json::array list_of(const Node& node) {
  std::map<unsigned, const Node*> ordered;
  for (const auto& [name, member] : node.members) ordered[*number_of(name)] = &member;
  json::array list;
  for (const auto& [number, member] : ordered) list.push_back(to_json(*member));
  return list;
}

// The list below `member` or `entry`, when that is all there is.
const Node* wrapped_list(const Node& node) {
  if (node.members.size() != 1) return nullptr;
  const auto& [name, only] = *node.members.begin();
  return (name == "member" || name == "entry") && is_list(only) ? &only : nullptr;
}

json::value to_json(const Node& node) {
  if (node.value) return json::value(*node.value);
  if (is_list(node)) return list_of(node);
  if (const Node* wrapped = wrapped_list(node)) return list_of(*wrapped);
  json::object object;
  for (const auto& [name, member] : node.members) object[name] = to_json(member);
  return object;
}

}  // namespace

Result<json::object> read_form(std::string_view form) {
  Node root;
  for (std::size_t count = 0; !form.empty(); ++count) {
    if (count >= form_members_max) return malformed("The request has too many parameters.");
    const std::size_t end = std::min(form.find('&'), form.size());
    const std::string_view pair = form.substr(0, end);
    form.remove_prefix(std::min(end + 1, form.size()));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const std::string name = text::percent_decode(pair.substr(0, equals), true);
    std::string value = text::percent_decode(pair.substr(std::min(equals + 1, pair.size())), true);
    if (!text::is_utf8(name) || !text::is_utf8(value)) return malformed("The request is not well-formed UTF-8.");
    if (!insert(root, name, std::move(value)))
      return malformed("The query string is malformed: " + text::printable(name));
  }
  json::object members;
  for (const auto& [name, node] : root.members) members[name] = to_json(node);
  return members;
}

}  // namespace croft::gateway
