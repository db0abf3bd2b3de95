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
  Lanes(Shard& shard, Engine& engine, std::function<void(broker::MessagePtr)> publish);

  bool wants(std::string_view topic) const override;
  std::uint64_t version() const override { return engine_.revision(); }
  void on_message(const broker::MessagePtr& message, std::function<void()> finished) override;

  std::size_t waiting() const { return jobs_; }
  // From the arrival of a message that fires rules until everything it set off is over.
  const metrics::Histogram& rule_time() const { return rule_time_; }

 private:
  // A message and the rules that it fires.
  struct Fired {
    RulePtr rule;
    Firing firing;
  };
  struct Job {
    std::vector<Fired> fired;
    std::function<void()> finished;
    std::int64_t since_us = 0;
  };
  const RuleSet& rules() const;
  std::vector<Fired> evaluate(const broker::MessagePtr& message) const;
  Task<void> run_lane(std::string client_id);
  Task<void> run_rule(const Fired& fired);
  Task<void> run_error_action(const Fired& fired, json::array failures);

  Shard& shard_;
  Engine& engine_;
  mutable std::uint64_t revision_ = 0;
  mutable std::shared_ptr<const RuleSet> rules_;  // of revision_
  std::function<void(broker::MessagePtr)> publish_;
  std::unordered_map<std::string, std::deque<Job>> lanes_;
  std::size_t jobs_ = 0;
  metrics::Histogram rule_time_;
};

}  // namespace croft::rules
