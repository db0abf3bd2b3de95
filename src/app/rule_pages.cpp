#include "app/rule_pages.h"

#include <algorithm>

#include "sql/trial.h"
#include "text/encoding.h"

namespace croft::app {

namespace {

constexpr std::string_view prefix = "/_croft/rules";

net::HttpResponse page(const json::object& document, int status = 200) {
  return {status, {{"content-type", "application/json"}}, json::dump(document)};
}

net::HttpResponse refusal(const Error& error) {
  return page({{"code", error.code}, {"message", error.message}}, error.http_status);
}

// What a rule does not do (any more) is shown as long as it has numbers.
json::array describe(const std::vector<rules::RuleCounters::Total>& totals, const std::vector<std::string>& current) {
  json::array all;
  for (const rules::RuleCounters::Total& total : totals) {
    const bool is_current = std::find(current.begin(), current.end(), total.action) != current.end();
    if (!is_current && total.success + total.failure == 0) continue;
    all.push_back(json::object{{"action", total.action}, {"success", total.success}, {"failure", total.failure}});
  }
  return all;
}

json::object numbers(const rules::Engine::Status& rule) {
  std::vector<std::string> actions, error_actions;
  if (rule.compiled) {
    for (const auto& action : rule.compiled->actions()) actions.push_back(action->name());
    if (rule.compiled->error_action()) error_actions.push_back(rule.compiled->error_action()->name());
  }
  const rules::RuleCounters& counters = *rule.counters;
  return {{"topicMatch", counters.topic_match.load()},
          {"parseError", counters.parse_error.load()},
          {"executed", counters.executed.load()},
          {"evaluationFailure", counters.evaluation_failure.load()},
          {"actions", describe(counters.action_totals(), actions)},
          {"errorActions", describe(counters.error_action_totals(), error_actions)}};
}

json::object describe(const rules::Engine& engine, const rules::Engine::Status& rule) {
  const rules::RuleDefinition& definition = rule.definition;
  json::object out{{"ruleName", definition.name},
                   {"ruleArn", engine.arn(definition.name)},
                   {"sql", definition.sql},
                   {"topicPattern", rule.compiled ? rule.compiled->query().topic_filter() : std::string()},
                   {"ruleDisabled", definition.disabled},
                   {"createdAt", definition.created_at.ms},
                   {"metrics", numbers(rule)}};
  if (!rule.problem.empty()) out["problem"] = rule.problem;
  return out;
}

net::HttpResponse all_rules(const rules::Engine& engine) {
  json::array all;
  for (const rules::Engine::Status& rule : engine.statuses()) all.push_back(describe(engine, rule));
  return page({{"rules", std::move(all)}});
}

net::HttpResponse no_such_rule(const std::string& name) {
  return page({{"code", "NotFound"}, {"message", "there is no rule '" + name + "'"}}, 404);
}

net::HttpResponse one_rule(const rules::Engine& engine, const std::string& name) {
  auto rule = engine.status(name);
  if (!rule) return no_such_rule(name);
  json::object out = describe(engine, *rule);
  out["rule"] = rule->definition.to_json();
  return page(out);
}

// A message as POST /_croft/rules/test takes it.
json::object describe(const broker::Message& message) {
  json::object out{{"topic", message.topic()},
                   {"clientId", message.client_id()},
                   {"principal", message.source()->principal},
                   {"sourceIp", message.source()->source_ip}};
  if (message.published_at().ms > 0) out["at"] = message.published_at().ms;
  if (text::is_utf8(message.payload()))
    out["payloadText"] = message.payload();
  else
    out["payloadBase64"] = text::base64(message.payload());
  const mqtt::PropertyBlock* properties = message.properties().get();
  if (!properties || properties->user_properties.empty()) return out;
  json::array pairs;
  for (const auto& [key, value] : properties->user_properties) pairs.push_back(json::array{key, value});
  out["userProperties"] = std::move(pairs);
  return out;
}

json::object describe(const rules::RecentOfRule::Failure& failure) {
  json::object out{{"number", failure.number}, {"at", failure.at.ms},     {"action", failure.action},
                   {"resource", failure.resource}, {"code", failure.code}, {"message", failure.message}};
  if (!failure.document.empty()) out["document"] = failure.document;
  return out;
}

net::HttpResponse recent_of(const rules::Engine& engine, const std::string& name) {
  auto rule = engine.status(name);
  if (!rule) return no_such_rule(name);
  json::object out{{"ruleName", name}};
  if (const broker::MessagePtr last = rule->counters->recent.last()) out["lastMessage"] = describe(*last);
  json::array failures;
  for (const rules::RecentOfRule::Failure& failure : rule->counters->recent.failures()) failures.push_back(describe(failure));
  out["failures"] = std::move(failures);
  return page(out);
}

net::HttpResponse tried(const rules::Engine& engine, const std::string& body) {
  auto request = json::parse(body);
  if (!request) return refusal(request.error());
  if (!request->is_object()) return refusal({"InvalidRequestException", "the request is not a JSON object"});
  auto trial = sql::Trial::from_json(request->get_object());
  if (!trial) return refusal(trial.error());
  if (trial->account_id.empty()) trial->account_id = engine.instance().account_id;
  return page(sql::run(*trial).to_json());
}

Task<net::HttpResponse> answer(const rules::Engine& engine, net::HttpRequest request) {
  const std::string name =
      request.path.size() > prefix.size() ? text::percent_decode(request.path.substr(prefix.size() + 1)) : "";
  if (request.method == "POST" && name == "test") co_return tried(engine, request.body);
  if (request.method != "GET")
    co_return page({{"code", "MethodNotAllowed"}, {"message", "the method is not allowed"}}, 405);
  constexpr std::string_view recent = "/recent";
  if (name.ends_with(recent)) co_return recent_of(engine, name.substr(0, name.size() - recent.size()));
  co_return name.empty() ? all_rules(engine) : one_rule(engine, name);
}

}  // namespace

void add_rule_pages(gateway::Gateway& gateway, const rules::Engine& engine) {
  gateway.add_page(std::string(prefix),
                   [&engine](net::HttpRequest request) { return answer(engine, std::move(request)); },
                   gateway::PageKind::reads);  // a trial changes nothing
}

}  // namespace croft::app
