#include "sql/trace.h"

#include "sql/limits.h"

namespace croft::sql {

std::size_t Trace::enter(std::string expression) {
  const int depth = depth_++;
  if (steps_.size() == limits::trace_steps_max) {
    is_cut_ = true;
    return limits::trace_steps_max;
  }
  steps_.push_back({depth, depth == 0 ? clause_ : "", std::move(expression), ""});
  return steps_.size() - 1;
}

void Trace::leave(std::size_t place, std::string_view value) {
  --depth_;
  if (place < steps_.size()) steps_[place].value = value;
}

void Trace::leave(std::size_t place, const Value& value, SqlVersion version) {
  if (value.is_undefined()) return leave(place, "undefined");
  std::optional<std::string> text = write_json(value, version, limits::trace_value_bytes_max);
  leave(place, text ? *text : value.is_string() ? "(a long text)" : value.is_array() ? "[...]" : "{...}");
}

}  // namespace croft::sql
