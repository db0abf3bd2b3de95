#include "rules/rule.h"

#include "rules/limits.h"

namespace croft::rules {

static bool is_rule_name(std::string_view name) {
  if (name.empty() || name.size() > limits::rule_name_bytes_max) return false;
  for (char c : name)
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_')) return false;
  return true;
}

Result<RuleDefinition> RuleDefinition::from_payload(std::string name, const json::object& payload) {
  if (!is_rule_name(name)) {
    return invalid_request(
        "1 validation error detected: Value '" + name +
        "' at 'ruleName' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[a-zA-Z0-9_]+$");
  }
  RuleDefinition rule;
  rule.name = std::move(name);
  const json::value* sql = json::find(payload, "sql");
  if (!sql || !sql->is_string()) return invalid_request("The parameter 'sql' is required.");
  rule.sql = json::string_or(payload, "sql", "");
  rule.sql_version = json::string_or(payload, "awsIotSqlVersion", rule.sql_version);
  rule.description = json::string_or(payload, "description", "");
  rule.disabled = json::bool_or(payload, "ruleDisabled", false);
  const json::value* actions = json::find(payload, "actions");
  if (!actions || !actions->is_array()) return invalid_request("The parameter 'actions' is required.");
  if (actions->get_array().size() > limits::actions_max) return invalid_request("A rule can have at most 10 actions.");
  rule.actions = actions->get_array();
  if (const json::value* error_action = json::find(payload, "errorAction"); error_action && !error_action->is_null()) {
    if (!error_action->is_object()) return invalid_request("The parameter 'errorAction' must be an object.");
    rule.error_action = error_action->get_object();
  }
  if (json::dump(rule.to_json()).size() > limits::rule_bytes_max) return invalid_request("The rule is larger than 128 KB.");
  return rule;
}

json::object RuleDefinition::to_json() const {
  json::object out;
  out["ruleName"] = name;
  out["sql"] = sql;
  out["description"] = description;
  out["createdAt"] = created_at.seconds();
  out["actions"] = actions;
  out["ruleDisabled"] = disabled;
  out["awsIotSqlVersion"] = sql_version;
  if (error_action) out["errorAction"] = *error_action;
  return out;
}

RuleCounters::Outcomes& Rule::outcomes(const Action& action) const {
  std::size_t i = 0;
  while (i < actions_.size() && actions_[i].get() != &action) ++i;
  return *outcomes_[i];
}

Result<std::shared_ptr<const Rule>> Rule::compile(RuleDefinition definition, const ActionTypes& types,
                                                  std::shared_ptr<RuleCounters> counters) {
  auto query = sql::Query::compile(definition.sql, definition.sql_version);
  if (!query) return query.error();
  if (auto can = check_externals(query->externals(), types.services()); !can) return can.error();
  if (query->topic_filter().starts_with("$aws/rules/")) return invalid_request("A rule cannot select from a Basic Ingest topic.");
  std::shared_ptr<Rule> rule(new Rule(std::move(definition), std::move(*query),
                                      counters ? std::move(counters) : std::make_shared<RuleCounters>()));
  if (rule->query_.calls_external()) rule->services_ = types.services();
  const ActionContext context{rule->query_.version(), &rule->query_};
  for (const json::value& action : rule->definition_.actions) {
    auto compiled = types.compile(action, context);
    if (!compiled) return compiled.error();
    rule->outcomes_.push_back(&rule->counters_->action((*compiled)->name()));
    rule->actions_.push_back(std::move(*compiled));
  }
  if (rule->definition_.error_action) {
    auto compiled = types.compile(*rule->definition_.error_action, context);
    if (!compiled) return compiled.error();
    rule->outcomes_.push_back(&rule->counters_->error_action((*compiled)->name()));
    rule->error_action_ = std::move(*compiled);
  }
  return std::shared_ptr<const Rule>(std::move(rule));
}

}  // namespace croft::rules
