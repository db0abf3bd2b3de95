#pragma once

#include <atomic>
#include <memory>
#include <mutex>

#include "sql/payload_index.h"
#include "sql/value.h"
#include "types/shared_bytes.h"

namespace croft::sql {

// The payload of one published message. However many rules look at it, it is gone over once to find where its members
// are (index), and read as a whole at most once, when a rule needs that (json). Make one per message and give it to
// every rule; copies share the reading.
//
// Threads: any.
class Message {
 public:
  explicit Message(SharedBytes payload) : state_(std::make_shared<State>(std::move(payload))) {}

  const SharedBytes& payload() const { return state_->payload; }
  // Somebody looked for members, and there are none.
  bool was_no_json() const {
    return state_->is_indexed.load(std::memory_order_acquire) &&
           state_->index.state() == PayloadIndex::State::not_json;
  }
  // Where the members are; not_json for what is no JSON object or array (AWS counts JSON scalars as non-JSON).
  const PayloadIndex& index() const;
  // The payload when it is a JSON object or array, otherwise Undefined.
  const Value& json() const;
  // json() when somebody asked for it before, otherwise null.
  const Value* json_if_read() const {
    return state_->is_read.load(std::memory_order_acquire) ? &state_->json : nullptr;
  }

 private:
  struct State {
    explicit State(SharedBytes bytes) : payload(std::move(bytes)) {}
    const SharedBytes payload;
    std::mutex reading;
    std::atomic<bool> is_indexed{false}, is_read{false};
    PayloadIndex index;
    Value json;
  };
  std::shared_ptr<State> state_;
};

}  // namespace croft::sql
