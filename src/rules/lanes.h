#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "broker/message_observer.h"
#include "observe/histogram.h"
#include "rules/engine.h"
#include "rules/rule_log.h"
#include "rules/trace_ids.h"
#include "shard/shard.h"

namespace croft::rules {

// Runs rule actions on one shard: one message at a time for each client id, in the order of arrival, across rules and
// functions; different clients at the same time. A lane exists only while it has work. A failing action holds up its
// own client alone, until its retries and the rule's error action are over.
//
// Threads: its shard's.
class Lanes final : public broker::MessageObserver {
 public:
  // `publish` brings a republished message to the broker of this shard.
  // `traces` null: the ways of messages are not recorded.
  Lanes(Shard& shard, Engine& engine, const RuleLog& log, Firing::Publish publish, trace::Traces* traces = nullptr);

  bool wants(std::string_view topic) const override;
  std::uint64_t version() const override { return engine_.revision(); }
  void on_message(const broker::MessagePtr& message, std::function<void()> finished) override;

  std::size_t waiting() const { return jobs_; }
  // From the arrival of a message that fires rules until everything it set off is over.
  const metrics::Histogram& rule_time() const { return rule_time_; }

 private:
  // A message and the rules that it fires, or may fire: a statement that asks other services is evaluated in its lane.
  struct Fired {
    RulePtr rule;
    Firing firing;
    bool is_evaluated = true;
  };
  struct Job {
    std::vector<Fired> fired;
    std::function<void()> finished;
    std::int64_t since_us = 0;
    broker::MessagePtr message;
    bool blocks = false;     // its source, until it is over
    std::size_t before = 0;  // so many others were in its lane when it came
  };
  const RuleSet& rules() const;
  std::vector<Fired> evaluate(const broker::MessagePtr& message) const;
  trace::Context context_of(const broker::Message& message) const {
    return traces_ && message.trace() ? traces_->at(message.trace()) : trace::Context();
  }
  void tell_not_found(const broker::Message& message) const;
  void tell_failure(const Rule& rule, const Firing& firing, const Error& error) const;
  bool is_full(std::size_t in_lane) const;
  void drop(const std::vector<Fired>& fired);
  void end(Job& job);
  Task<void> run_lane(std::string client_id);
  Task<bool> evaluate_late(Fired& fired);
  Task<void> run_rule(const Fired& fired);
  Task<Result<void>> run_action(const Action& action, const Firing& firing);
  Task<void> run_error_action(const Fired& fired, json::object document);

  Shard& shard_;
  Engine& engine_;
  const RuleLog& log_;
  trace::Traces* const traces_;
  mutable TraceIds trace_ids_;
  mutable std::uint64_t revision_ = 0;
  mutable std::shared_ptr<const RuleSet> rules_;  // of revision_
  Firing::Publish publish_;
  std::unordered_map<std::string, std::deque<Job>> lanes_;
  std::size_t jobs_ = 0;
  std::size_t bytes_ = 0;  // of their messages
  metrics::Histogram rule_time_;
};

}  // namespace croft::rules
