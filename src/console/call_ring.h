#pragma once

#include <atomic>

#include "console/call_inputs.h"
#include "console/change_log.h"
#include "console/limits.h"
#include "gateway/served_call.h"
#include "types/timestamp.h"

namespace croft::console {

// The latest calls of AWS's APIs, each as a JSON array:
// [number, time (ms), service, operation or "", status, milliseconds, user agent, address, request id, error code or "",
//  1 when the console called | 0]. web/src/screens/calls reads it. What a call asked for is told of one at a time.
//
// Threads: any. Memory: about 0.6 KB a call.
class CallRing {
 public:
  void add(const gateway::ServedCall& call, Timestamp now);
  const ChangeLog& log() const { return log_; }
  // As CallInputs::describe().
  std::string input_of(std::uint64_t number) const { return inputs_.describe(number); }

 private:
  ChangeLog log_{limits::calls_max};
  CallInputs inputs_;
  std::atomic<std::uint64_t> calls_{0};
};

}  // namespace croft::console
