#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "broker/topic_trie.h"
#include "rules/rule.h"
#include "store/store.h"
#include "types/instance.h"

namespace croft::rules {

// The enabled rules at one moment, indexed by topic filter. Immutable; a change makes a new one.
class RuleSet {
 public:
  explicit RuleSet(const std::map<std::string, RulePtr, std::less<>>& rules);

  // Rules whose FROM matches; for $aws/rules/NAME/rest the rule NAME alone (Basic Ingest).
  std::vector<RulePtr> match(std::string_view topic) const;
  bool matches_any(std::string_view topic) const;

 private:
  struct Entry {
    RulePtr rule;
    friend bool same_owner(const Entry& a, const Entry& b) { return a.rule == b.rule; }
  };
  broker::TopicTrie<Entry> by_filter_;
  std::map<std::string, RulePtr, std::less<>> by_name_;
};

// The topic rules of this croft: kept in Family::registry, compiled when saved.
//
// Threads: any.
class Engine {
 public:
  struct Counters {
    std::atomic<std::uint64_t> topic_match{0}, success{0}, failure{0}, error_action_success{0}, error_action_failure{0},
        dropped{0};
  };

  // Loads what is stored; a rule that no longer compiles is kept, disabled, and told in the log.
  Engine(Store& store, const Instance& instance, ActionTypes types);

  // ResourceAlreadyExistsException, SqlParseException, InvalidRequestException, LimitExceededException.
  Result<void> create(RuleDefinition definition);
  // The others answer for a missing rule what AWS answers: UnauthorizedException 401.
  Result<void> replace(RuleDefinition definition);
  Result<RuleDefinition> get(std::string_view name) const;
  Result<void> set_enabled(std::string_view name, bool enabled);
  Result<void> remove(std::string_view name);
  std::vector<RuleDefinition> list() const;  // by name
  std::string arn(std::string_view name) const;

  std::shared_ptr<const RuleSet> rules() const;
  // Moves with every change of rules(), so that a reader on a busy thread can keep its copy.
  std::uint64_t revision() const { return revision_.load(std::memory_order_acquire); }
  const Instance& instance() const { return instance_; }
  Counters& counters() { return counters_; }

 private:
  struct Stored {
    RuleDefinition definition;
    RulePtr compiled;  // null: does not compile
  };
  Error denied(std::string_view name) const;
  Result<void> save(RuleDefinition definition);
  void rebuild();

  Store& store_;
  Instance instance_;
  ActionTypes types_;
  mutable std::mutex mutex_;
  std::map<std::string, Stored, std::less<>> stored_;
  mutable std::mutex set_mutex_;  // of set_ alone; taken inside mutex_
  std::shared_ptr<const RuleSet> set_;
  std::atomic<std::uint64_t> revision_{0};
  Counters counters_;
};

}  // namespace croft::rules
