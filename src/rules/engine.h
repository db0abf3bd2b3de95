#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "broker/topic_trie.h"
#include "rules/limits.h"
#include "rules/rule.h"
#include "store/store.h"
#include "types/instance.h"

namespace croft::rules {

// The enabled rules at one moment, indexed by topic filter. Immutable; a change makes a new one, which shares the
// index of the unchanged rules until changes_max rules differ from it.
class RuleSet {
 public:
  using Rules = std::map<std::string, RulePtr, std::less<>>;
  explicit RuleSet(Rules rules) : unchanged_(std::make_shared<const Index>(std::move(rules))) {}

  // Rules whose FROM matches; for $aws/rules/NAME/rest the rule NAME alone (Basic Ingest).
  std::vector<RulePtr> match(std::string_view topic) const;
  bool matches_any(std::string_view topic) const;

  // The same but for the rule of that name, which is there no longer (null) or is this one.
  RuleSet with(const std::string& name, RulePtr rule) const;

 private:
  static constexpr std::size_t changes_max = 256;

  class Index {
   public:
    explicit Index(Rules rules);
    // Calls visit(rule) for those whose FROM matches.
    template <class Visit>
    void match(std::string_view topic, Visit visit) const;
    const Rules& rules() const { return rules_; }

   private:
    struct Entry {
      RulePtr rule;
      friend bool same_owner(const Entry& a, const Entry& b) { return a.rule == b.rule; }
    };
    Rules rules_;
    broker::TopicTrie<Entry> by_filter_;
  };

  RuleSet(std::shared_ptr<const Index> unchanged, Rules changes);
  template <class Visit>
  void visit(std::string_view topic, Visit visit) const;
  RulePtr find(std::string_view name) const;

  std::shared_ptr<const Index> unchanged_;
  Rules changes_;                         // by name; null for a rule that is gone
  std::shared_ptr<const Index> changed_;  // of those that are not null; null without any
};

// The topic rules of this croft: kept in Family::registry, compiled when saved.
//
// Threads: any.
class Engine {
 public:
  // Of all rules; what one rule does is in its RuleCounters.
  struct Counters {
    std::atomic<std::uint64_t> dropped{0}, not_found{0};
  };

  // Loads what is stored; a rule that no longer compiles is kept, disabled, and told in the log.
  Engine(Store& store, const Instance& instance, ActionTypes types, std::size_t rules_max = limits::rules_max);

  // ResourceAlreadyExistsException, SqlParseException, InvalidRequestException, LimitExceededException.
  Result<void> create(RuleDefinition definition);
  // The others answer for a missing rule what AWS answers: UnauthorizedException 401.
  Result<void> replace(RuleDefinition definition);
  Result<RuleDefinition> get(std::string_view name) const;
  Result<void> set_enabled(std::string_view name, bool enabled);
  Result<void> remove(std::string_view name);
  std::vector<RuleDefinition> list() const;  // by name
  std::string arn(std::string_view name) const;

  // A rule and how it does.
  struct Status {
    RuleDefinition definition;
    RulePtr compiled;     // null: does not compile any more
    std::string problem;  // why
    std::shared_ptr<const RuleCounters> counters;
  };
  std::vector<Status> statuses() const;  // by name
  std::vector<std::pair<std::string, std::shared_ptr<const RuleCounters>>> counters_by_rule() const;
  Result<Status> status(std::string_view name) const;

  std::shared_ptr<const RuleSet> rules() const;
  // Moves with every change of rules(), so that a reader on a busy thread can keep its copy.
  std::uint64_t revision() const { return revision_.load(std::memory_order_acquire); }
  const Instance& instance() const { return instance_; }
  Counters& counters() { return counters_; }

 private:
  struct Stored {
    RuleDefinition definition;
    RulePtr compiled;  // null: does not compile
    std::shared_ptr<RuleCounters> counters;
    std::string problem;

    Status status() const { return {definition, compiled, problem, counters}; }
  };
  Error denied(std::string_view name) const;
  Result<void> save(RuleDefinition definition);
  void publish(RuleSet set);
  void change(const std::string& name, const Stored* stored);

  Store& store_;
  Instance instance_;
  ActionTypes types_;
  const std::size_t rules_max_;
  mutable std::mutex mutex_;
  std::map<std::string, Stored, std::less<>> stored_;
  mutable std::mutex set_mutex_;  // of set_ alone; taken inside mutex_
  std::shared_ptr<const RuleSet> set_;
  std::atomic<std::uint64_t> revision_{0};
  Counters counters_;
};

}  // namespace croft::rules
