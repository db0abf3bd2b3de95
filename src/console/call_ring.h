#pragma once

#include <mutex>

#include "console/call_inputs.h"
#include "console/change_log.h"
#include "console/limits.h"
#include "gateway/served_call.h"
#include "types/timestamp.h"

namespace croft::console {

// The latest calls of AWS's APIs, each as a JSON array:
// [number, time (ms), service, operation or "", status, milliseconds, user agent, address, request id, error code or "",
//  1 when the console called | 0]. web/src/screens/calls reads it. What a call asked for is told of one at a time. The console's
// own calls push out one another alone: an open screen that asks each second leaves those of others where they are.
//
// Threads: any. Memory: about 0.6 KB a call.
class CallRing {
 public:
  void add(const gateway::ServedCall& call, Timestamp now);
  const ChangeLog& log() const { return log_; }
  // As CallInputs::describe().
  std::string input_of(std::uint64_t number) const { return inputs_.describe(number); }

 private:
  std::mutex mutex_;  // rows come in the order of their numbers
  ChangeLog log_{CallInputs::places};  // a subject is a place, which a newer call takes
  CallInputs inputs_;
  std::uint64_t others_ = 0, own_ = 0;
};

}  // namespace croft::console
