#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "rules/recent_of_rule.h"

namespace croft::rules {

// What happened to one rule since croft started; kept when the rule is replaced. The numbers are AWS's metrics of the
// same names (AWS IoT developer guide, "AWS IoT metrics and dimensions"), those of actions by what the action is
// called in logs.
//
// Threads: any.
class RuleCounters {
 public:
  using Count = std::atomic<std::uint64_t>;
  struct Outcomes {
    Count success{0}, failure{0};
  };

  Count topic_match{0};         // a message on its topic
  Count parse_error{0};         // of these: the statement names members, and the payload is no JSON
  Count executed{0};            // of these: the statement let it through
  Count evaluation_failure{0};  // of these: the evaluation was aborted

  RecentOfRule recent;

  static void add(Count& count) { count.fetch_add(1, std::memory_order_relaxed); }

  // Lives as long as this. Not for every message: a rule looks its actions up when it is compiled.
  Outcomes& action(const std::string& name) { return of(actions_, name); }
  Outcomes& error_action(const std::string& name) { return of(error_actions_, name); }

  struct Total {
    std::string action;
    std::uint64_t success = 0, failure = 0;
  };
  std::vector<Total> action_totals() const { return totals(actions_); }
  std::vector<Total> error_action_totals() const { return totals(error_actions_); }

 private:
  using ByName = std::map<std::string, Outcomes>;

  Outcomes& of(ByName& names, const std::string& name) {
    std::lock_guard lock(mutex_);
    return names[name];
  }
  std::vector<Total> totals(const ByName& names) const {
    std::lock_guard lock(mutex_);
    std::vector<Total> all;
    for (const auto& [name, outcomes] : names)
      all.push_back({name, outcomes.success.load(), outcomes.failure.load()});
    return all;
  }

  mutable std::mutex mutex_;  // of the maps' shape
  ByName actions_, error_actions_;
};

}  // namespace croft::rules
