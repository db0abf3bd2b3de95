#pragma once

#include <memory>
#include <mutex>

#include "sql/value.h"
#include "types/shared_bytes.h"

namespace croft::sql {

// The payload of one published message, read as JSON at most once however many rules look at it. Make one per message
// and give it to every rule; copies share the reading.
//
// Threads: any.
class Message {
 public:
  explicit Message(SharedBytes payload) : state_(std::make_shared<State>(std::move(payload))) {}

  const SharedBytes& payload() const { return state_->payload; }
  // The payload when it is a JSON object or array, otherwise Undefined (AWS counts JSON scalars as non-JSON).
  const Value& json() const;

 private:
  struct State {
    explicit State(SharedBytes bytes) : payload(std::move(bytes)) {}
    const SharedBytes payload;
    std::once_flag read;
    Value json;
  };
  std::shared_ptr<State> state_;
};

}  // namespace croft::sql
