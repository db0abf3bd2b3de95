#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "broker/message.h"
#include "rules/limits.h"
#include "text/json.h"
#include "types/result.h"
#include "types/timestamp.h"

namespace croft::rules {

class Action;
struct Firing;

// What one rule saw last, and why it failed of late: for people who write or repair it. In memory, with messages of at most
// limits::kept_message_bytes_max.
//
// Threads: any. Cost: saw() about 30 ns, and it never waits.
class RecentOfRule {
 public:
  struct Failure {
    std::uint64_t number = 0;  // of the rule's, from 1
    Timestamp at;
    std::string action, resource;  // "" when the statement could not be evaluated
    std::string code, message;
    // What the error action would get; "" for a message that was too long to be kept.
    std::string document;
  };

  // A message on its topic.
  void saw(const broker::MessagePtr& message) {
    if (message->bytes() > limits::kept_message_bytes_max) return;
    broker::MessagePtr kept = message;  // then the one before it, which goes outside the lock
    std::unique_lock lock(mutex_, std::try_to_lock);
    if (!lock.owns_lock()) return;  // another thread keeps one that is as recent
    last_.swap(kept);
    lock.unlock();
  }
  // `action` null: the statement. Of many in a short time some are only counted.
  void failed(const Firing& firing, const Action* action, const Error& error);

  broker::MessagePtr last() const {
    std::lock_guard lock(mutex_);
    return last_;
  }
  std::vector<Failure> failures() const;  // newest first

 private:
  mutable std::mutex mutex_;
  broker::MessagePtr last_;
  std::deque<Failure> failures_;
  std::uint64_t failed_ = 0;
};

}  // namespace croft::rules
