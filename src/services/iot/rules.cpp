#include "services/iot/rules.h"

#include "identity/trust_policy.h"
#include "mqtt/topic.h"
#include "services/iot/input.h"

namespace croft::services::iot {

namespace {

using gateway::Call;
using gateway::Reply;
using rules::RuleDefinition;

// The body is the TopicRulePayload itself; in process it may stand under its member name.
RuleDefinition definition_of(const Call& call) {
  const json::value* nested = json::find(call.input, "topicRulePayload");
  const json::object& payload = nested && nested->is_object() ? nested->get_object() : call.input;
  return RuleDefinition::from_payload(Input(call).required("ruleName"), payload).value();
}

// Roles that croft's IAM knows must let AWS IoT assume them; any other is only a name here.
void check_roles(const json::value& part, const identity::Roles& roles) {
  if (part.is_array()) {
    for (const json::value& one : part.get_array()) check_roles(one, roles);
    return;
  }
  if (!part.is_object()) return;
  for (const auto& [name, member] : part.get_object()) {
    check_roles(member, roles);
    if (name != "roleArn" || !member.is_string()) continue;
    const auto role = roles.find_by_arn(member.get_string());
    if (role && !identity::trusts_service(role->trust_policy, "iot.amazonaws.com"))
      throw ApiError(rules::invalid_request("Unable to assume the role " + role->arn +
                                            ": its trust policy does not name iot.amazonaws.com."));
  }
}

RuleDefinition checked_definition(const Call& call, const identity::Roles& roles) {
  RuleDefinition definition = definition_of(call);
  check_roles(definition.actions, roles);
  if (definition.error_action) check_roles(*definition.error_action, roles);
  return definition;
}

Task<Reply> create_topic_rule(RuleParts parts, Call& call) {
  parts.engine.create(checked_definition(call, parts.roles)).value();
  co_await parts.store.durable();
  co_return Reply{};
}

Task<Reply> replace_topic_rule(RuleParts parts, Call& call) {
  parts.engine.replace(checked_definition(call, parts.roles)).value();
  co_await parts.store.durable();
  co_return Reply{};
}

Task<Reply> get_topic_rule(RuleParts parts, Call& call) {
  const RuleDefinition rule = parts.engine.get(Input(call).required("ruleName")).value();
  co_return Reply{.output = {{"ruleArn", parts.engine.arn(rule.name)}, {"rule", rule.to_json()}}};
}

// With `topic`: the rules that select from it.
bool is_listed(const RuleDefinition& rule, const std::string& filter, const std::string& topic, std::string_view disabled) {
  if (!topic.empty() && filter != topic && !mqtt::matches(filter, topic)) return false;
  return disabled.empty() || (disabled == "true") == rule.disabled;
}

Task<Reply> list_topic_rules(RuleParts parts, Call& call) {
  const Input input(call);
  const things::PageRequest page = input.results_page();
  json::array listed;
  std::string next;
  for (const RuleDefinition& rule : parts.engine.list()) {
    if (!page.after.empty() && rule.name <= page.after) continue;
    auto query = sql::Query::compile(rule.sql, rule.sql_version);
    const std::string filter = query ? query->topic_filter() : "";
    const json::value* disabled = json::find(call.input, "ruleDisabled");
    const std::string wanted =
        disabled ? (disabled->is_bool() ? (disabled->get_bool() ? "true" : "false") : input.text("ruleDisabled")) : "";
    if (!is_listed(rule, filter, input.text("topic"), wanted)) continue;
    if (listed.size() == page.limit) {
      next = std::string(listed.back().at("ruleName").as_string());
      break;
    }
    listed.push_back(json::object{{"ruleArn", parts.engine.arn(rule.name)},
                                  {"ruleName", rule.name},
                                  {"topicPattern", filter},
                                  {"createdAt", rule.created_at.seconds()},
                                  {"ruleDisabled", rule.disabled}});
  }
  json::object output{{"rules", std::move(listed)}};
  set_next(output, "nextToken", next);
  co_return Reply{.output = std::move(output)};
}

Task<Reply> enable_topic_rule(RuleParts parts, Call& call) {
  parts.engine.set_enabled(Input(call).required("ruleName"), true).value();
  co_await parts.store.durable();
  co_return Reply{};
}

Task<Reply> disable_topic_rule(RuleParts parts, Call& call) {
  parts.engine.set_enabled(Input(call).required("ruleName"), false).value();
  co_await parts.store.durable();
  co_return Reply{};
}

Task<Reply> delete_topic_rule(RuleParts parts, Call& call) {
  parts.engine.remove(Input(call).required("ruleName")).value();
  co_await parts.store.durable();
  co_return Reply{};
}

}  // namespace

void add_rule_operations(gateway::Service& service, RuleParts parts) {
  const auto to = [parts](Task<Reply> (*operation)(RuleParts, Call&)) -> gateway::Handler {
    return [parts, operation](Call& call) { return operation(parts, call); };
  };
  const std::pair<const char*, const char*> routes[] = {{"CreateTopicRule", "POST /rules/{ruleName}"},
                                                        {"ReplaceTopicRule", "PATCH /rules/{ruleName}"},
                                                        {"GetTopicRule", "GET /rules/{ruleName}"},
                                                        {"ListTopicRules", "GET /rules"},
                                                        {"EnableTopicRule", "POST /rules/{ruleName}/enable"},
                                                        {"DisableTopicRule", "POST /rules/{ruleName}/disable"},
                                                        {"DeleteTopicRule", "DELETE /rules/{ruleName}"}};
  Task<Reply> (*const handlers[])(RuleParts, Call&) = {create_topic_rule, replace_topic_rule, get_topic_rule, list_topic_rules,
                                                             enable_topic_rule, disable_topic_rule, delete_topic_rule};
  for (std::size_t i = 0; i < std::size(routes); ++i)
    service.operations.push_back({routes[i].first, routes[i].second, to(handlers[i])});
}

}  // namespace croft::services::iot
