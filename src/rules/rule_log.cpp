#include "rules/rule_log.h"

#include "text/digest.h"

namespace croft::rules {

using Level = things::IotLog::Level;

static std::string client_id_of(const broker::Message& message) {
  return message.client_id().empty() ? "N/A" : message.client_id();
}

bool RuleLog::wants(Level level, const broker::Message& message) const {
  const broker::Source& source = *message.source();
  return log_.wants(level, {.client_id = source.client_id, .source_ip = source.source_ip, .principal_id = source.principal});
}

json::object RuleLog::entry(const Firing& firing, std::string_view event, bool success) const {
  return {{"traceId", firing.trace_id},
          {"accountId", account_id_},
          {"status", success ? "Success" : "Failure"},
          {"eventType", event},
          {"clientId", client_id_of(*firing.message)},
          {"topicName", firing.topic},
          {"ruleName", firing.rule_name},
          {"principalId", firing.message->source()->principal}};
}

void RuleLog::matched(const Firing& firing) const {
  if (wants(Level::info, *firing.message)) log_.write(Level::info, entry(firing, "RuleMatch", true));
}

void RuleLog::begins(const Firing& firing, const Action& action) const {
  if (!wants(Level::debug, *firing.message)) return;
  json::object line = entry(firing, "StartingRuleExecution", true);
  line["ruleAction"] = action.name();
  log_.write(Level::debug, line);
}

void RuleLog::ended(const Firing& firing, const Action& action, const Result<void>& done) const {
  const Level level = done ? Level::info : Level::error;
  if (!wants(level, *firing.message)) return;
  json::object line = entry(firing, "RuleExecution", static_cast<bool>(done));
  line["ruleAction"] = action.name();
  line["resources"] = action.resources(firing);
  if (!done) line["details"] = done.error().message;
  log_.write(level, line);
}

void RuleLog::function_failed(const Firing& firing, const Error& error) const {
  if (!wants(Level::error, *firing.message)) return;
  json::object line = entry(firing, "FunctionExecution", false);
  line["reason"] = error.code;
  line["details"] = error.message;
  log_.write(Level::error, line);
}

void RuleLog::throttled(const Firing& firing) const {
  if (!wants(Level::error, *firing.message)) return;
  json::object line = entry(firing, "RuleExecutionThrottled", false);
  line["reason"] = "RuleExecutionThrottled";
  line["details"] = "Message for rule " + firing.rule_name + " throttled: too many wait for their actions";
  log_.write(Level::error, line);
}

void RuleLog::not_found(const broker::Message& message, std::string_view rule_name) const {
  if (!wants(Level::error, message)) return;
  log_.write(Level::error, {{"traceId", text::random_uuid()},
                            {"accountId", account_id_},
                            {"status", "Failure"},
                            {"eventType", "RuleNotFound"},
                            {"clientId", client_id_of(message)},
                            {"topicName", "$aws/rules/" + std::string(rule_name)},
                            {"ruleName", rule_name},
                            {"principalId", message.source()->principal},
                            {"reason", "RuleNotFound"},
                            {"details", "Rule " + std::string(rule_name) + " not found"}});
}

}  // namespace croft::rules
