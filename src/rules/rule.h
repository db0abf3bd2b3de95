#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rules/actions/action_types.h"
#include "rules/firing.h"
#include "rules/rule_counters.h"
#include "text/json.h"
#include "types/timestamp.h"

namespace croft::rules {

// A topic rule as its owner wrote it: the row "rule/<name>" of Family::registry, and what GetTopicRule shows.
struct RuleDefinition {
  std::string name;
  std::string sql;
  std::string sql_version = "2015-10-08";  // AWS's default when the property is absent
  std::string description;
  bool disabled = false;
  Timestamp created_at;
  json::array actions;
  std::optional<json::object> error_action;

  // From a TopicRulePayload. InvalidRequestException for members of a wrong type or over the quotas.
  static Result<RuleDefinition> from_payload(std::string name, const json::object& payload);
  json::object to_json() const;  // GetTopicRule's `rule`, and the stored row
};

// A definition compiled once, when it was saved. Immutable, shared by all shards.
class Rule {
 public:
  // SqlParseException or InvalidRequestException for what cannot run; nothing is accepted and ignored.
  // `counters` go on counting for a rule that replaces another; without them it has its own.
  static Result<std::shared_ptr<const Rule>> compile(RuleDefinition definition, const ActionTypes& types,
                                                     std::shared_ptr<RuleCounters> counters = nullptr);

  const RuleDefinition& definition() const { return definition_; }
  const sql::Query& query() const { return query_; }
  // Who answers the statement's external functions; null when it calls none.
  const ExternalServices* services() const { return services_; }
  const std::vector<std::unique_ptr<Action>>& actions() const { return actions_; }
  const Action* error_action() const { return error_action_.get(); }

  RuleCounters& counters() const { return *counters_; }
  // Of one of actions(), or of error_action().
  RuleCounters::Outcomes& outcomes(const Action& action) const;

 private:
  Rule(RuleDefinition definition, sql::Query query, std::shared_ptr<RuleCounters> counters)
      : definition_(std::move(definition)), query_(std::move(query)), counters_(std::move(counters)) {}

  RuleDefinition definition_;
  sql::Query query_;
  const ExternalServices* services_ = nullptr;
  std::vector<std::unique_ptr<Action>> actions_;
  std::unique_ptr<Action> error_action_;
  std::shared_ptr<RuleCounters> counters_;
  std::vector<RuleCounters::Outcomes*> outcomes_;  // as actions_, and behind them the error action's
};

using RulePtr = std::shared_ptr<const Rule>;

}  // namespace croft::rules
