#include "sql/message.h"

namespace croft::sql {

const PayloadIndex& Message::index() const {
  State& state = *state_;
  if (state.is_indexed.load(std::memory_order_acquire)) return state.index;
  std::lock_guard lock(state.reading);
  if (state.index.state() == PayloadIndex::State::unread) state.index.read(state.payload.str());
  state.is_indexed.store(true, std::memory_order_release);
  return state.index;
}

static Value whole(const PayloadIndex& index, const SharedBytes& payload) {
  switch (index.state()) {
    case PayloadIndex::State::indexed:
      return index.value(index.root());
    case PayloadIndex::State::plain_reader: {
      std::optional<Value> value = read_json(payload.view());
      return value && (value->is_object() || value->is_array()) ? std::move(*value) : Value();
    }
    default:
      return Value();
  }
}

const Value& Message::json() const {
  State& state = *state_;
  if (state.is_read.load(std::memory_order_acquire)) return state.json;
  const PayloadIndex& found = index();
  std::lock_guard lock(state.reading);
  if (!state.is_read.load(std::memory_order_relaxed)) state.json = whole(found, state.payload);
  state.is_read.store(true, std::memory_order_release);
  return state.json;
}

}  // namespace croft::sql
