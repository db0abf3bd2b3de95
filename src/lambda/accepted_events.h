#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lambda/invocation.h"
#include "store/store.h"

namespace croft::lambda {

// Asynchronous invocations that were accepted and are not over: rows of Family::queued, "event/<number in 16 hex
// digits>" -> JSON, so that what was answered with 202 is run after a crash too. At least once, as on Lambda.
//
// Threads: the API shard.
class AcceptedEvents {
 public:
  using Number = std::uint64_t;  // grows with every event
  struct Event {
    Number number;
    Invocation invocation;
  };

  explicit AcceptedEvents(Store& store);

  // Visible at once; durable when the caller has waited for the store.
  Number add(const Invocation& invocation);
  void erase(Number number);
  // What an earlier process left, in order. A row that cannot be read is told in the log and left out.
  std::vector<Event> left() const;

 private:
  Store& store_;
  Number next_ = 1;
};

}  // namespace croft::lambda
