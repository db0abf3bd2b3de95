#pragma once

#include <algorithm>

#include "sqs/message.h"

namespace croft::sqs {

// Numbers of messages: each is larger than all before it, also when the clock is set back.
//
// Threads: the queues'.
class Sequences {
 public:
  // No smaller number is given from here on.
  void start_after(Sequence last) { last_ = std::max(last_, last); }
  Sequence next(std::int64_t now_ms) { return last_ = std::max(last_ + 1, sequence_at(now_ms)); }

 private:
  Sequence last_ = 0;
};

}  // namespace croft::sqs
