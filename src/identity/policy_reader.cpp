#include <algorithm>

#include "identity/policy.h"
#include "identity/policy_errors.h"
#include "identity/policy_limits.h"
#include "text/encoding.h"
#include "text/json.h"

namespace croft::identity {

using Syntax = PolicyPattern::Syntax;
using Case = PolicyPattern::Case;

// Turns the members of a document into a Policy; the first thing that is wrong ends it.
class PolicyReader {
 public:
  static Result<Policy::Statement> statement(const json::value& value);

 private:
  static Result<void> effect(const json::object& members, Policy::Statement& out);
  static Result<void> actions(const json::object& members, Policy::Statement& out);
  static Result<void> resources(const json::object& members, Policy::Statement& out);
  static Result<void> conditions(const json::object& members, Policy::Statement& out);
};

namespace {

const char* const syntax = "Invalid policy syntax.";

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool only_members(const json::object& object, std::initializer_list<std::string_view> allowed) {
  return std::all_of(object.begin(), object.end(), [&](const auto& member) {
    return std::find(allowed.begin(), allowed.end(), std::string_view(member.key())) != allowed.end();
  });
}

// A string or an array of strings with at least one.
Result<std::vector<std::string>> texts(const json::value& value) {
  std::vector<std::string> texts;
  const json::array one{value};
  for (const json::value& item : value.is_array() ? value.get_array() : one) {
    if (!item.is_string()) return malformed_policy(syntax);
    texts.emplace_back(item.get_string());
  }
  if (texts.empty()) return malformed_policy(syntax);
  return texts;
}

// Exactly one of the two members.
Result<std::pair<const json::value*, bool>> one_of(const json::object& members, std::string_view plain,
                                                   std::string_view negated) {
  const json::value* is = json::find(members, plain);
  const json::value* is_not = json::find(members, negated);
  if ((is == nullptr) == (is_not == nullptr)) return malformed_policy(syntax);
  return std::pair{is ? is : is_not, is_not != nullptr};
}

bool is_action(std::string_view text) {
  if (text == "*") return true;
  const std::size_t colon = text.find(':');
  return colon != 0 && colon != std::string_view::npos && colon + 1 < text.size() &&
         text.find(':', colon + 1) == std::string_view::npos &&
         text.find_first_of(" \t\r\n") == std::string_view::npos;
}

// "*", or something that can be an ARN.
bool is_resource(std::string_view text) {
  return text == "*" || text.starts_with("arn:") || text.starts_with("*:") || text.starts_with("arn*");
}

}  // namespace

Result<void> PolicyReader::effect(const json::object& members, Policy::Statement& out) {
  const std::string_view effect = json::string_or(members, "Effect", "");
  if (effect != "Allow" && effect != "Deny") return malformed_policy(syntax);
  out.effect = effect == "Deny" ? Policy::Effect::deny : Policy::Effect::allow;
  return {};
}

Result<void> PolicyReader::actions(const json::object& members, Policy::Statement& out) {
  auto member = one_of(members, "Action", "NotAction");
  if (!member) return member.error();
  auto values = texts(*member->first);
  if (!values) return values.error();
  out.not_action = member->second;
  for (const std::string& value : *values) {
    if (!is_action(value)) return malformed_policy("The following actions are invalid : " + text::printable(value));
    out.actions.emplace_back(value, Syntax::wildcards, Case::insensitive);
  }
  return {};
}

Result<void> PolicyReader::resources(const json::object& members, Policy::Statement& out) {
  auto member = one_of(members, "Resource", "NotResource");
  if (!member) return member.error();
  auto values = texts(*member->first);
  if (!values) return values.error();
  out.not_resource = member->second;
  for (const std::string& value : *values) {
    if (!is_resource(value))
      return malformed_policy("The following resources are invalid : " + text::printable(value));
    out.resources.emplace_back(value, Syntax::wildcards_variables);
  }
  return {};
}

Result<void> PolicyReader::conditions(const json::object& members, Policy::Statement& out) {
  const json::value* block = json::find(members, "Condition");
  if (!block) return {};
  if (!block->is_object()) return malformed_policy(syntax);
  for (const auto& [name, keys] : block->get_object()) {
    if (!keys.is_object()) return malformed_policy(syntax);
    for (const auto& [key, values] : keys.get_object()) {
      auto condition = PolicyCondition::compile(name, key, values);
      if (!condition) return condition.error();
      out.conditions.push_back(std::move(*condition));
    }
  }
  return {};
}

Result<Policy::Statement> PolicyReader::statement(const json::value& value) {
  if (!value.is_object()) return malformed_policy(syntax);
  const json::object& members = value.get_object();
  if (!only_members(members, {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"})) {
    return malformed_policy(syntax);
  }
  const json::value* sid = json::find(members, "Sid");
  if (sid && !sid->is_string()) return malformed_policy(syntax);

  Policy::Statement statement;
  if (sid) statement.sid = std::string(sid->get_string());
  for (auto read : {effect, actions, resources, conditions}) {
    auto done = read(members, statement);
    if (!done) return done.error();
  }
  return statement;
}

Result<Policy> Policy::parse(std::string name, std::string_view document) {
  const auto characters = std::count_if(document.begin(), document.end(), [](char c) { return !is_space(c); });
  if (static_cast<std::size_t>(characters) > limits::policy_characters_max ||
      document.size() > limits::policy_bytes_max) {
    return malformed_policy("Policy document exceeds the limit of 2048 characters, not counting white space.");
  }
  auto root = json::parse(document);
  if (!root || !root->is_object()) return malformed_policy({});

  const json::object& members = root->get_object();
  if (!only_members(members, {"Version", "Id", "Statement"})) return malformed_policy(syntax);
  if (json::string_or(members, "Version", "") != "2012-10-17") return malformed_policy(syntax);
  const json::value* statements = json::find(members, "Statement");
  if (!statements) return malformed_policy(syntax);

  Policy policy;
  policy.name_ = std::move(name);
  const json::array one{*statements};
  for (const json::value& value : statements->is_array() ? statements->get_array() : one) {
    auto statement = PolicyReader::statement(value);
    if (!statement) return statement.error();
    policy.statements_.push_back(std::move(*statement));
  }
  if (policy.statements_.empty()) return malformed_policy(syntax);
  policy.mentions_certificate_ = text::lower(json::dump(*root)).find("iot:certificate") != std::string::npos;
  return policy;
}

}  // namespace croft::identity
