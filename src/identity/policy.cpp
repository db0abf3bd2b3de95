#include "identity/policy.h"

#include <algorithm>

namespace croft::identity {

using Match = PolicyPattern::Match;

bool Policy::Statement::matches_action(const PolicyRequest& request) const {
  for (const PolicyPattern& action : actions) {
    if (action.match(request.action, request.variables) == Match::yes) return !not_action;
  }
  return not_action;
}

bool Policy::Statement::matches_resource(const PolicyRequest& request) const {
  const bool is_filter = request.resource.find(":topicfilter/") != std::string_view::npos;
  bool found = false, unresolved = false;
  for (const PolicyPattern& resource : resources) {
    const Match match = resource.match(request.resource, request.variables, is_filter);
    found |= match == Match::yes;
    unresolved |= match == Match::unresolved;
    if (found) break;
  }
  if (!not_resource) return found;
  return !found && !unresolved;
}

bool Policy::Statement::matches(const PolicyRequest& request) const {
  if (!matches_action(request) || !matches_resource(request)) return false;
  for (const PolicyCondition& condition : conditions) {
    if (!condition.holds(request.variables)) return false;
  }
  return true;
}

Decision Policy::decide(const PolicyRequest& request) const {
  Decision decision;
  for (std::size_t i = 0; i < statements_.size(); ++i) {
    const Statement& statement = statements_[i];
    if (statement.effect == Effect::allow && decision.allowed()) continue;
    if (!statement.matches(request)) continue;
    const bool denies = statement.effect == Effect::deny;
    decision = {denies ? Decision::Kind::explicit_deny : Decision::Kind::allowed, name_, statement.sid, i};
    if (denies) break;
  }
  return decision;
}

bool PolicySet::mentions_certificate() const {
  return std::any_of(policies_.begin(), policies_.end(), [](const auto& policy) { return policy->mentions_certificate(); });
}

Decision PolicySet::decide(const PolicyRequest& request) const {
  Decision decision;
  for (const auto& policy : policies_) {
    const Decision one = policy->decide(request);
    if (one.kind == Decision::Kind::explicit_deny) return one;
    if (one.allowed() && !decision.allowed()) decision = one;
  }
  return decision;
}

}  // namespace croft::identity
