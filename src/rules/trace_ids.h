#pragma once

#include <string>

#include "text/digest.h"

namespace croft::rules {

// Random UUIDs for messages. Random bytes are taken from the system's generator many at once, because asking it costs
// more than evaluating a rule.
//
// Threads: one.
class TraceIds {
 public:
  std::string next() {
    if (at_ == bytes_.size()) {
      bytes_ = text::random_bytes(at_once * uuid_bytes);
      at_ = 0;
    }
    at_ += uuid_bytes;
    return text::uuid_from(std::string_view(bytes_).substr(at_ - uuid_bytes, uuid_bytes));
  }

 private:
  static constexpr std::size_t uuid_bytes = 16, at_once = 64;

  std::string bytes_;
  std::size_t at_ = 0;
};

}  // namespace croft::rules
