#include "rules/rule_steps.h"

#include "observe/histogram.h"

namespace croft::rules {

std::string rule_detail(const Rule& rule) {
  return trace::Detail().text("sql", rule.definition().sql).text("sqlVersion", rule.definition().sql_version).take();
}

trace::End end_of_rule(const Rule& rule, const Firing& firing, const Evaluated& output) {
  trace::Detail detail;
  if (firing.message->republish_hops() > 0)  // it saw another message than the event
    detail.text("topic", firing.topic).json("input", firing.message->payload());
  if (!output) {
    detail.error(output.error().code, output.error().message);
    return {.outcome = trace::Outcome::failed, .detail = detail.take()};
  }
  if (!*output) return {.outcome = trace::Outcome::skipped, .detail = detail.text("why", "WHERE is not true").take()};
  const std::string_view sent = (*output)->payload().view();
  if ((*output)->is_json()) detail.json("output", sent);
  else detail.text("output", sent);
  detail.number("actions", static_cast<std::int64_t>(rule.actions().size()));
  return {.detail = detail.take()};
}

trace::Context add_rule_step(const trace::Context& context, const Rule& rule, const Firing& firing, const Evaluated& output,
                             std::int64_t began_us) {
  trace::End end = end_of_rule(rule, firing, output);
  std::string detail = rule_detail(rule);
  if (!end.detail.empty()) detail += ',' + end.detail;
  return context.add({.kind = trace::Kind::rule,
                      .outcome = end.outcome,
                      .name = firing.rule_name,
                      .began_us = began_us,
                      .ended_us = metrics::now_us(),
                      .detail = std::move(detail)});
}

void add_lane_wait(const trace::Context& rule, std::int64_t since_us, std::size_t before) {
  rule.add({.kind = trace::Kind::wait,
            .outcome = trace::Outcome::ok,
            .name = "lane",
            .began_us = since_us,
            .ended_us = metrics::now_us(),
            .detail = trace::Detail().number("ahead", static_cast<std::int64_t>(before)).take()});
}

trace::Context open_action_step(const Firing& firing, const Action& action) {
  trace::Detail detail;
  detail.text("resource", action.resource());
  if (firing.is_error_action) detail.flag("errorAction", true);
  return firing.step.open(trace::Kind::action, action.name(), detail.take());
}

}  // namespace croft::rules
