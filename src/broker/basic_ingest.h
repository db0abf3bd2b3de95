#pragma once

#include <cstddef>
#include <string_view>

namespace croft::broker {

// Basic Ingest: a message on $aws/rules/NAME/rest goes to the rule NAME alone, past every subscriber, and is seen
// there as a message on `rest`. Source: AWS IoT developer guide, "Basic Ingest".
inline constexpr std::string_view basic_ingest_prefix = "$aws/rules/";

inline bool is_basic_ingest(std::string_view topic) {
  return topic.starts_with(basic_ingest_prefix);
}

// NAME of a Basic Ingest topic.
inline std::string_view ingest_rule(std::string_view topic) {
  topic.remove_prefix(basic_ingest_prefix.size());
  return topic.substr(0, topic.find('/'));
}

// The topic that statements see and limits count: `rest` of a Basic Ingest topic ("" without one), otherwise all of
// it.
inline std::string_view visible_topic(std::string_view topic) {
  if (!is_basic_ingest(topic)) return topic;
  const std::size_t slash = topic.find('/', basic_ingest_prefix.size());
  return slash == std::string_view::npos ? std::string_view() : topic.substr(slash + 1);
}

}  // namespace croft::broker
