#include "rules/lanes.h"

#include "broker/basic_ingest.h"
#include "observe/log.h"
#include "rules/limits.h"
#include "text/digest.h"
#include "text/encoding.h"

namespace croft::rules {

Lanes::Lanes(Shard& shard, Engine& engine, std::function<void(broker::MessagePtr)> publish)
    : shard_(shard), engine_(engine), publish_(std::move(publish)) {}

const RuleSet& Lanes::rules() const {
  const std::uint64_t revision = engine_.revision();
  if (!rules_ || std::exchange(revision_, revision) != revision) rules_ = engine_.rules();
  return *rules_;
}

bool Lanes::wants(std::string_view topic) const { return rules().matches_any(topic); }

// WHERE and SELECT are pure, so they are evaluated on arrival; only what passes enters a lane.
std::vector<Lanes::Fired> Lanes::evaluate(const broker::MessagePtr& message) const {
  std::vector<Fired> fired;
  const std::vector<RulePtr> matched = rules().match(message->topic());
  if (matched.empty()) return fired;
  const sql::Message original(SharedBytes(std::string(message->payload())));
  const Timestamp at = Timestamp::now();
  const std::string trace_id = text::random_uuid();
  for (const RulePtr& rule : matched) {
    engine_.counters().topic_match.fetch_add(1, std::memory_order_relaxed);
    Firing firing{.rule_name = rule->definition().name,
                  .message = message,
                  .original = original,
                  .output = sql::Output(original),
                  .topic = std::string(broker::visible_topic(message->topic())),
                  .account_id = engine_.instance().account_id,
                  .trace_id = trace_id,
                  .at = at,
                  .publish = publish_};
    auto output = rule->query().evaluate(original, firing.context());
    if (!output) {
      log::warn("rules", "rule '" + rule->definition().name + "' could not be evaluated: " + output.error().message);
      continue;
    }
    if (!*output) continue;
    firing.output = std::move(**output);
    fired.push_back({rule, std::move(firing)});
  }
  return fired;
}

void Lanes::on_message(const broker::MessagePtr& message, std::function<void()> finished) {
  std::vector<Fired> fired = evaluate(message);
  if (fired.empty()) {
    if (finished) finished();
    return;
  }
  if (!finished && jobs_ >= limits::jobs_max) {
    engine_.counters().dropped.fetch_add(1, std::memory_order_relaxed);
    log::warn("rules", "too many messages wait for their rules; one on '" + std::string(message->topic()) + "' was dropped");
    return;
  }
  const std::string key = message->client_id().empty() ? std::string(message->topic()) : message->client_id();
  auto [lane, is_new] = lanes_.try_emplace(key);
  lane->second.push_back({std::move(fired), std::move(finished), metrics::now_us()});
  ++jobs_;
  if (is_new) shard_.spawn(run_lane(key));
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
    for (const Fired& fired : job.fired) co_await run_rule(fired);
    --jobs_;
    rule_time_.add(metrics::now_us() - job.since_us);
    if (job.finished) job.finished();
  }
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

Task<void> Lanes::run_rule(const Fired& fired) {
  json::array failures;
  for (const std::unique_ptr<Action>& action : fired.rule->actions()) {
    auto done = co_await run_caught(*action, fired.firing);
    if (done) {
      engine_.counters().success.fetch_add(1, std::memory_order_relaxed);
      continue;
    }
    engine_.counters().failure.fetch_add(1, std::memory_order_relaxed);
    log::warn("rules", "rule '" + fired.firing.rule_name + "': " + action->name() + " on '" + action->resource() +
                           "' failed for '" + fired.firing.topic + "': " + done.error().message);
    failures.push_back(json::object{{"failedAction", action->name()},
                                    {"failedResource", action->resource()},
                                    {"errorMessage", done.error().message}});
  }
  if (!failures.empty() && fired.rule->error_action()) co_await run_error_action(fired, std::move(failures));
}

// Source: AWS IoT developer guide, "Error handling (error action)".
Task<void> Lanes::run_error_action(const Fired& fired, json::array failures) {
  const broker::Message& original = *fired.firing.message;
  json::object document;
  document["ruleName"] = fired.firing.rule_name;
  document["topic"] = original.topic();
  document["cloudwatchTraceId"] = fired.firing.trace_id;
  document["clientId"] = original.client_id().empty() ? std::string("n/a") : original.client_id();
  document["sourceIp"] = original.source()->source_ip;
  document["base64OriginalPayload"] = text::base64(original.payload());
  document["failures"] = std::move(failures);
  Firing firing = fired.firing;
  const sql::Message outgoing(SharedBytes(json::dump(document)));
  firing.output = sql::Output(outgoing);
  firing.is_error_action = true;
  auto done = co_await run_caught(*fired.rule->error_action(), firing);
  auto& counter = done ? engine_.counters().error_action_success : engine_.counters().error_action_failure;
  counter.fetch_add(1, std::memory_order_relaxed);
  if (!done) log::warn("rules", "the error action of rule '" + fired.firing.rule_name + "' failed: " + done.error().message);
}

}  // namespace croft::rules
