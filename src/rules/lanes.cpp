#include "rules/lanes.h"

#include "broker/basic_ingest.h"
#include "observe/log.h"
#include "rules/error_document.h"
#include "rules/external.h"
#include "rules/limits.h"
#include "rules/rule_steps.h"

namespace croft::rules {

Lanes::Lanes(Shard& shard, Engine& engine, const RuleLog& log, Firing::Publish publish, trace::Traces* traces)
    : shard_(shard), engine_(engine), log_(log), traces_(traces), publish_(std::move(publish)) {}

const RuleSet& Lanes::rules() const {
  const std::uint64_t revision = engine_.revision();
  if (!rules_ || std::exchange(revision_, revision) != revision) rules_ = engine_.rules();
  return *rules_;
}

bool Lanes::wants(std::string_view topic) const { return rules().matches_any(topic); }

void Lanes::tell_failure(const Rule& rule, const Firing& firing, const Error& error) const {
  RuleCounters::add(rule.counters().evaluation_failure);
  rule.counters().recent.failed(firing, nullptr, error);
  log::warn("rules", "rule '" + firing.rule_name + "' could not be evaluated: " + error.message);
  log_.function_failed(firing, error);
}

void Lanes::tell_not_found(const broker::Message& message) const {
  RuleCounters::add(engine_.counters().not_found);
  log_.not_found(message, broker::ingest_rule(message.topic()));
}

// WHERE and SELECT are pure, so they are evaluated on arrival; only what passes enters a lane. Those that ask other
// services enter it as they are.
std::vector<Lanes::Fired> Lanes::evaluate(const broker::MessagePtr& message) const {
  std::vector<Fired> fired;
  const std::vector<RulePtr> matched = rules().match(message->topic());
  if (matched.empty()) {
    if (broker::is_basic_ingest(message->topic())) tell_not_found(*message);
    return fired;
  }
  const sql::Message original(SharedBytes(std::string(message->payload())));
  // One for all rules: those that do not fire, which are most, must not cost copies.
  Firing firing{.rule_name = {},
                .message = message,
                .original = original,
                .output = sql::Output(original),
                .topic = std::string(broker::visible_topic(message->topic())),
                .account_id = engine_.instance().account_id,
                .trace_id = trace_ids_.next(),
                .at = Timestamp::now(),
                .shard = &shard_,
                .publish = publish_};
  const trace::Context context = context_of(*message);
  for (const RulePtr& rule : matched) {
    RuleCounters::add(rule->counters().topic_match);
    rule->counters().recent.saw(message);
    firing.rule_name = rule->definition().name;
    log_.matched(firing);
    if (rule->services()) {
      fired.push_back({rule, firing, false});
      if (context) fired.back().firing.step = context.open(trace::Kind::rule, firing.rule_name, rule_detail(*rule));
      continue;
    }
    const std::int64_t began_us = context ? metrics::now_us() : 0;
    auto output = rule->query().evaluate(original, firing.context());
    if (rule->query().reads_members() && original.was_no_json()) RuleCounters::add(rule->counters().parse_error);
    const trace::Context step = context ? add_rule_step(context, *rule, firing, output, began_us) : trace::Context();
    if (!output) {
      tell_failure(*rule, firing, output.error());
      continue;
    }
    if (!*output) continue;
    fired.push_back({rule, firing});
    fired.back().firing.output = std::move(**output);
    fired.back().firing.step = step;
  }
  return fired;
}

void Lanes::on_message(const broker::MessagePtr& message, std::function<void()> finished) {
  std::vector<Fired> fired = evaluate(message);
  if (fired.empty()) {
    if (finished) finished();
    return;
  }
  const std::string key = message->client_id().empty() ? std::string(message->topic()) : message->client_id();
  const auto found = lanes_.find(key);
  const std::size_t before_it = found == lanes_.end() ? 0 : found->second.size();
  if (!finished && is_full(before_it)) return drop(fired);
  Job job{.fired = std::move(fired), .finished = std::move(finished), .since_us = metrics::now_us(), .message = message};
  job.before = before_it;
  job.blocks = before_it >= limits::lane_jobs_unblocked_max || is_full(before_it);
  if (job.blocks) message->source()->block();
  ++jobs_;
  bytes_ += message->bytes();
  if (found != lanes_.end()) return found->second.push_back(std::move(job));
  lanes_[key].push_back(std::move(job));
  shard_.spawn(run_lane(key));
}

bool Lanes::is_full(std::size_t in_lane) const {
  return in_lane >= limits::lane_jobs_max || jobs_ >= limits::jobs_max || bytes_ >= limits::job_bytes_max;
}

void Lanes::drop(const std::vector<Fired>& fired) {
  for (const Fired& one : fired) log_.throttled(one.firing);
  const std::uint64_t before = engine_.counters().dropped.fetch_add(1, std::memory_order_relaxed);
  if (before % 1'000 != 0) return;  // a flood of messages is not one of lines
  log::warn("rules", "too many messages wait for their rules; one on '" + fired.front().firing.topic + "' was dropped, after " +
                         std::to_string(before) + " others");
}

void Lanes::end(Job& job) {
  --jobs_;
  bytes_ -= job.message->bytes();
  if (job.blocks) job.message->source()->unblock();
  rule_time_.add(metrics::now_us() - job.since_us);
  if (job.finished) job.finished();
}

Task<void> Lanes::run_lane(std::string client_id) {
  for (;;) {
    std::deque<Job>& lane = lanes_.find(client_id)->second;
    if (lane.empty()) {
      lanes_.erase(client_id);
      co_return;
    }
    Job job = std::move(lane.front());
    lane.pop_front();
    for (Fired& fired : job.fired) {
      if (fired.firing.step) add_lane_wait(fired.firing.step, job.since_us, job.before);
      const bool passes = co_await evaluate_late(fired);
      if (passes) co_await run_rule(fired);
    }
    end(job);
  }
}

// Whether the statement lets the message through. An external function that fails is told in the log only: the error
// action is for actions. Source: AWS IoT developer guide, "Error handling (error action)".
Task<bool> Lanes::evaluate_late(Fired& fired) {
  if (fired.is_evaluated) co_return true;
  auto output = co_await rules::evaluate(fired.rule->query(), fired.firing, *fired.rule->services());
  if (fired.firing.step) fired.firing.step.close(end_of_rule(*fired.rule, fired.firing, output));
  if (!output) tell_failure(*fired.rule, fired.firing, output.error());
  if (!output || !*output) co_return false;
  fired.firing.output = std::move(**output);
  co_return true;
}

static Task<Result<void>> run_caught(const Action& action, const Firing& firing) {
  try {
    auto done = co_await action.run(firing);
    co_return done;
  } catch (const ApiError& refusal) {
    co_return refusal.error();
  } catch (const std::exception& failure) {  // a fault of the action must not cost the other clients their process
    co_return Error{"InternalFailureException", failure.what(), 500};
  }
}

Task<Result<void>> Lanes::run_action(const Action& action, const Firing& firing) {
  if (!firing.step) {
    auto done = co_await run_caught(action, firing);
    co_return done;
  }
  Firing traced = firing;
  traced.step = open_action_step(firing, action);
  auto done = co_await run_caught(action, traced);
  traced.step.close(trace::end_of(done));
  co_return done;
}

Task<void> Lanes::run_rule(const Fired& fired) {
  RuleCounters::add(fired.rule->counters().executed);
  ErrorDocument failures(fired.firing);
  for (const std::unique_ptr<Action>& action : fired.rule->actions()) {
    log_.begins(fired.firing, *action);
    auto done = co_await run_action(*action, fired.firing);
    log_.ended(fired.firing, *action, done);
    RuleCounters::Outcomes& outcomes = fired.rule->outcomes(*action);
    RuleCounters::add(done ? outcomes.success : outcomes.failure);
    if (done) continue;
    log::warn("rules", "rule '" + fired.firing.rule_name + "': " + action->name() + " on '" + action->resource() +
                           "' failed for '" + fired.firing.topic + "': " + done.error().message);
    failures.add(*action, done.error());
    fired.rule->counters().recent.failed(fired.firing, action.get(), done.error());
  }
  if (!failures.empty() && fired.rule->error_action()) co_await run_error_action(fired, failures.document());
}

Task<void> Lanes::run_error_action(const Fired& fired, json::object document) {
  Firing firing = fired.firing;
  const sql::Message outgoing(SharedBytes(json::dump(document)));
  firing.output = sql::Output(outgoing);
  firing.is_error_action = true;
  auto done = co_await run_action(*fired.rule->error_action(), firing);
  RuleCounters::Outcomes& outcomes = fired.rule->outcomes(*fired.rule->error_action());
  RuleCounters::add(done ? outcomes.success : outcomes.failure);
  if (!done) log::warn("rules", "the error action of rule '" + fired.firing.rule_name + "' failed: " + done.error().message);
}

}  // namespace croft::rules
