#include "sql/message.h"

namespace croft::sql {

const Value& Message::json() const {
  std::call_once(state_->read, [this] {
    std::optional<Value> value = read_json(state_->payload.view());
    if (value && (value->is_object() || value->is_array())) state_->json = std::move(*value);
  });
  return state_->json;
}

}  // namespace croft::sql
