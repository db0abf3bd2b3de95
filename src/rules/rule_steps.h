// What rules did with a traced message, as steps of its trace. Each is called for those only.
#pragma once

#include "rules/firing.h"
#include "rules/rule.h"

namespace croft::rules {

// The statement of a rule that is evaluated in its lane.
std::string rule_detail(const Rule& rule);
using Evaluated = Result<std::optional<sql::Output>>;
trace::End end_of_rule(const Rule& rule, const Firing& firing, const Evaluated& output);
// The rule's step, over: matched, not matched (skipped) or failed.
trace::Context add_rule_step(const trace::Context& context, const Rule& rule, const Firing& firing, const Evaluated& output,
                             std::int64_t began_us);

// From the arrival of the message until the rule's turn in the lane of its client, with so many messages before this one.
void add_lane_wait(const trace::Context& rule, std::int64_t since_us, std::size_t before);

trace::Context open_action_step(const Firing& firing, const Action& action);

}  // namespace croft::rules
