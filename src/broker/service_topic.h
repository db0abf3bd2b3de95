#pragma once

#include <string_view>

namespace croft::broker {

// Topics on which only croft speaks, so that nobody forges a lifecycle event or the statistics.
inline bool is_of_the_service_alone(std::string_view topic) {
  return topic == "$aws/events" || topic.starts_with("$aws/events/") || topic.starts_with("$SYS/");
}

}  // namespace croft::broker
