#include "lambda/stream_source.h"

#include "lambda/errors.h"
#include "lambda/limits.h"
#include "lambda/source_members.h"
#include "sqs/queue_settings.h"

namespace croft::lambda {

namespace {

Result<void> read_destination(const json::object& input, StreamSource& source, const Instance& instance) {
  const json::value* config = member(input, "DestinationConfig");
  if (!config) return {};
  const json::object* both = config->if_object();
  if (!both) return validation_error("destinationConfig", json::dump(*config), "Member must be a structure");
  const auto arn_of = [&](std::string_view name) -> std::string {
    const json::value* one = json::find(*both, name);
    return one && one->is_object() ? std::string(json::string_or(one->get_object(), "Destination", "")) : std::string();
  };
  if (!arn_of("OnSuccess").empty()) return not_supported("DestinationConfig.OnSuccess");
  const std::string arn = arn_of("OnFailure");
  source.failures_to = sqs::queue_in_arn(arn, instance);
  if (!arn.empty() && source.failures_to.empty())
    return not_supported("DestinationConfig.OnFailure other than a queue of this account");
  if (source.failures_to.ends_with(".fifo"))
    return invalid_parameter("Unsupported destination: FIFO queues are not supported");
  return {};
}

Result<void> read_starting_position(const json::object& input, StreamSource& source) {
  if (!source.starting_position.empty()) {
    if (member(input, "StartingPosition")) return not_supported("A change of StartingPosition");
    return {};
  }
  const std::string position(json::string_or(input, "StartingPosition", ""));
  if (position.empty())
    return invalid_parameter(
        "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not be "
        "null.");
  if (position == "AT_TIMESTAMP")
    return invalid_parameter("Unsupported starting position for stream. Valid values are: TRIM_HORIZON, LATEST");
  if (position != "TRIM_HORIZON" && position != "LATEST")
    return validation_error("startingPosition", position,
                            "Member must satisfy enum value set: [LATEST, AT_TIMESTAMP, TRIM_HORIZON]");
  source.starting_position = position;
  return {};
}

Result<void> read_limits(const json::object& input, StreamSource& source) {
  Result<void> read = read_number(input, "MaximumRetryAttempts", -1, limits::source_retries_max, source.retries_max);
  if (read) read = read_number(input, "MaximumRecordAgeInSeconds", -1, limits::source_age_s_max, source.age_max_s);
  if (read && source.age_max_s >= 0 && source.age_max_s < limits::source_age_s_min)
    return invalid_parameter("Maximum record age must be -1 or between 60 and 604800 seconds.");
  if (read) read = read_number(input, "ParallelizationFactor", 1, limits::source_parallelization_max, source.parallelization);
  std::int64_t tumbling_s = 0;
  if (read) read = read_number(input, "TumblingWindowInSeconds", 0, limits::source_tumbling_s_max, tumbling_s);
  if (read && tumbling_s > 0) return not_supported("TumblingWindowInSeconds");
  return read;
}

}  // namespace

std::optional<StreamSource> StreamSource::named(std::string_view arn, const Instance& instance) {
  const std::string begin = instance.arn("dynamodb", "table/");
  constexpr std::string_view mark = "/stream/";
  if (!arn.starts_with(begin)) return std::nullopt;
  arn.remove_prefix(begin.size());
  const std::size_t at = arn.find(mark);
  if (at == std::string_view::npos || at == 0) return std::nullopt;
  StreamSource source;
  source.table = arn.substr(0, at);
  source.label = arn.substr(at + mark.size());
  return source;
}

json::object StreamSource::to_json() const {
  json::array patterns;
  for (const std::string& text : filter.texts()) patterns.emplace_back(text);
  return {{"table", table},
          {"label", label},
          {"position", starting_position},
          {"retries", retries_max},
          {"age", age_max_s},
          {"parallel", parallelization},
          {"bisects", bisects},
          {"failures", failures_to},
          {"patterns", std::move(patterns)}};
}

std::optional<StreamSource> StreamSource::from_json(const json::object& o) {
  StreamSource source;
  source.table = json::string_or(o, "table", "");
  source.label = json::string_or(o, "label", "");
  source.starting_position = json::string_or(o, "position", "");
  source.retries_max = json::int_or(o, "retries", -1);
  source.age_max_s = json::int_or(o, "age", -1);
  source.parallelization = json::int_or(o, "parallel", 1);
  source.bisects = json::bool_or(o, "bisects", false);
  source.failures_to = json::string_or(o, "failures", "");
  std::vector<std::string> patterns;
  if (const json::value* texts = json::find(o, "patterns"); texts && texts->is_array()) {
    for (const json::value& text : texts->get_array())
      if (text.is_string()) patterns.emplace_back(text.get_string().c_str());
  }
  auto filter = EventFilter::parse(std::move(patterns));
  if (!filter || source.label.empty()) return std::nullopt;
  source.filter = std::move(*filter);
  return source;
}

void StreamSource::add_configuration(json::object& configuration, const Instance& instance) const {
  configuration["StartingPosition"] = starting_position;
  configuration["ParallelizationFactor"] = parallelization;
  configuration["MaximumRetryAttempts"] = retries_max;
  configuration["MaximumRecordAgeInSeconds"] = age_max_s;
  configuration["BisectBatchOnFunctionError"] = bisects;
  configuration["TumblingWindowInSeconds"] = 0;
  configuration["StateTransitionReason"] = "User action";
  json::object on_failure;
  if (!failures_to.empty()) on_failure["Destination"] = instance.arn("sqs", failures_to);
  configuration["DestinationConfig"] = json::object{{"OnFailure", std::move(on_failure)}};
  if (!filter.is_empty()) configuration["FilterCriteria"] = filter.criteria();
}

Result<void> set_stream_members(StreamSource& source, const json::object& input, const Instance& instance) {
  StreamSource changed = source;
  Result<void> read = read_starting_position(input, changed);
  if (read) read = read_limits(input, changed);
  if (read) read = read_destination(input, changed, instance);
  if (!read) return read;
  changed.bisects = json::bool_or(input, "BisectBatchOnFunctionError", changed.bisects);
  if (const json::value* criteria = member(input, "FilterCriteria")) {
    auto filter = EventFilter::of_criteria(criteria->is_object() ? criteria->get_object() : json::object());
    if (!filter) return filter.error();
    changed.filter = std::move(*filter);
  }
  source = std::move(changed);
  return {};
}

}  // namespace croft::lambda
