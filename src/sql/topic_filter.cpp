#include "sql/topic_filter.h"

#include "mqtt/topic.h"
#include "sql/limits.h"

namespace croft::sql {

// The Basic Ingest prefix $aws/rules/NAME/ does not count against the limits.
static std::string_view without_basic_ingest_prefix(std::string_view filter) {
  constexpr std::string_view prefix = "$aws/rules/";
  if (!filter.starts_with(prefix)) return filter;
  const std::size_t end = filter.find('/', prefix.size());
  return end == std::string_view::npos ? std::string_view() : filter.substr(end + 1);
}

std::optional<std::string> topic_filter_problem(std::string_view filter) {
  if (!mqtt::is_valid_filter(filter)) return "the text is not a topic filter (+ and # fill a level, # the last)";
  const std::string_view counted = without_basic_ingest_prefix(filter);
  if (counted.size() > limits::topic_filter_bytes_max) return "the topic filter has more than 256 bytes";
  if (mqtt::level_count(counted) > limits::topic_slashes_max + 1) return "the topic filter has more than 7 slashes";
  return std::nullopt;
}

}  // namespace croft::sql
