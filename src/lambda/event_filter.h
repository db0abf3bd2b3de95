#pragma once

#include <string>
#include <vector>

#include "text/json.h"
#include "types/result.h"

namespace croft::lambda {

// FilterCriteria of an event source mapping: an event is taken when one of the patterns matches it, or there is none.
// Source: Lambda developer guide, "Control which events Lambda sends to your function"; EventBridge user guide, "Event
// patterns".
class EventFilter {
 public:
  EventFilter() = default;
  // InvalidParameterValueException for a pattern that is none.
  static Result<EventFilter> parse(std::vector<std::string> patterns);
  // `criteria` is FilterCriteria as the API takes it.
  static Result<EventFilter> of_criteria(const json::object& criteria);

  bool is_empty() const { return patterns_.empty(); }
  bool takes(const json::value& event) const;
  const std::vector<std::string>& texts() const { return texts_; }
  json::object criteria() const;

 private:
  std::vector<std::string> texts_;
  std::vector<json::object> patterns_;
};

}  // namespace croft::lambda
