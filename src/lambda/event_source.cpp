#include "lambda/event_source.h"

#include <algorithm>
#include <span>

#include "lambda/errors.h"
#include "lambda/function_name.h"
#include "lambda/limits.h"
#include "lambda/source_members.h"

namespace croft::lambda {

namespace {

// Members for other kinds of sources than queues, and what croft has nothing for with queues.
constexpr std::string_view unsupported_of_queues[] = {
    "FilterCriteria",    "ParallelizationFactor",     "StartingPosition",
    "DestinationConfig", "MaximumRecordAgeInSeconds", "BisectBatchOnFunctionError",
    "MaximumRetryAttempts", "TumblingWindowInSeconds"};
// The same of streams.
constexpr std::string_view unsupported_of_streams[] = {"ScalingConfig"};
constexpr std::string_view unsupported[] = {"StartingPositionTimestamp",
                                            "Topics",
                                            "Queues",
                                            "SourceAccessConfigurations",
                                            "SelfManagedEventSource",
                                            "AmazonManagedKafkaEventSourceConfig",
                                            "SelfManagedKafkaEventSourceConfig",
                                            "DocumentDBEventSourceConfig",
                                            "KMSKeyArn",
                                            "MetricsConfig",
                                            "ProvisionedPollerConfig",
                                            "LoggingConfig"};

Result<void> read_response_types(const json::object& input, EventSource& source) {
  const json::value* types = member(input, "FunctionResponseTypes");
  if (!types) return {};
  source.reports_failures = false;
  for (const json::value& type : types->is_array() ? types->get_array() : json::array{*types}) {
    if (!type.is_string() || type.get_string() != "ReportBatchItemFailures")
      return validation_error("functionResponseTypes", json::dump(type),
                              "Member must satisfy enum value set: [ReportBatchItemFailures]");
    source.reports_failures = true;
  }
  return {};
}

Result<void> read_scaling(const json::object& input, EventSource& source) {
  const json::value* scaling = member(input, "ScalingConfig");
  if (!scaling) return {};
  source.concurrency_max = 0;
  if (!scaling->is_object())
    return validation_error("scalingConfig", json::dump(*scaling), "Member must be a structure");
  return read_number(scaling->get_object(), "MaximumConcurrency", limits::source_concurrency_min,
                     limits::source_concurrency_max, source.concurrency_max);
}

Result<void> check(const EventSource& source) {
  const bool is_fifo = source.queue.ends_with(".fifo");
  if (is_fifo && source.batch_size > limits::fifo_batch_size_max)
    return invalid_parameter("Maximum batch size for FIFO queues is 10.");
  if (is_fifo && source.window_s > 0) return invalid_parameter("Batching window is not supported for FIFO queues.");
  if (source.batch_size > limits::fifo_batch_size_max && source.window_s == 0)
    return invalid_parameter(
        "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10");
  return {};
}

}  // namespace

const json::value* member(const json::object& input, std::string_view name) {
  const json::value* found = json::find(input, name);
  return found && !found->is_null() ? found : nullptr;
}

Result<void> read_number(const json::object& input, std::string_view name, std::int64_t min, std::int64_t max,
                         std::int64_t& into) {
  const json::value* value = member(input, name);
  if (!value) return {};
  std::string shown = json::dump(*value), label(name);
  label[0] = static_cast<char>(label[0] - 'A' + 'a');
  if (!value->is_int64()) return validation_error(label, shown, "Member must be an integer");
  if (value->get_int64() < min)
    return validation_error(label, shown, "Member must have value greater than or equal to " + std::to_string(min));
  if (value->get_int64() > max)
    return validation_error(label, shown, "Member must have value less than or equal to " + std::to_string(max));
  into = value->get_int64();
  return {};
}

Result<void> set_members(EventSource& source, const json::object& input, const Instance& instance) {
  for (std::string_view name : unsupported)
    if (member(input, name)) return not_supported(name);
  const std::span<const std::string_view> others =
      source.stream ? std::span<const std::string_view>(unsupported_of_streams) : unsupported_of_queues;
  for (std::string_view name : others)
    if (member(input, name)) return not_supported(name);
  EventSource changed = source;
  changed.is_enabled = json::bool_or(input, "Enabled", source.is_enabled);
  if (auto read = read_number(input, "BatchSize", 1, limits::batch_size_max, changed.batch_size); !read)
    return read.error();
  if (auto read =
          read_number(input, "MaximumBatchingWindowInSeconds", 0, limits::batch_window_s_max, changed.window_s);
      !read)
    return read.error();
  if (auto read = read_response_types(input, changed); !read) return read.error();
  if (auto read = read_scaling(input, changed); !read) return read.error();
  if (changed.stream) {
    if (auto set = set_stream_members(*changed.stream, input, instance); !set) return set.error();
  } else if (auto checked = check(changed); !checked) {
    return checked.error();
  }
  source = std::move(changed);
  return {};
}

std::string EventSource::arn(const Instance& instance) const {
  return stream ? instance.arn("dynamodb", stream->resource()) : instance.arn("sqs", queue);
}

std::string EventSource::to_row() const {
  json::object row{{"v", 1},
                   {"function", function},
                   {"queue", queue},
                   {"enabled", is_enabled},
                   {"batch", batch_size},
                   {"window", window_s},
                   {"concurrency", concurrency_max},
                   {"reports", reports_failures},
                   {"modified", modified_ms}};
  if (stream) row["stream"] = stream->to_json();
  return json::dump(row);
}

std::optional<EventSource> EventSource::from_row(std::string uuid, std::string_view row) {
  const auto parsed = json::parse(row);
  if (!parsed || !parsed->is_object() || json::int_or(parsed->get_object(), "v", 0) != 1) return std::nullopt;
  const json::object& o = parsed->get_object();
  std::optional<StreamSource> stream;
  if (const json::value* members = json::find(o, "stream"); members && members->is_object()) {
    stream = StreamSource::from_json(members->get_object());
    if (!stream) return std::nullopt;
  }
  return EventSource{.uuid = std::move(uuid),
                     .function = std::string(json::string_or(o, "function", "")),
                     .queue = std::string(json::string_or(o, "queue", "")),
                     .stream = std::move(stream),
                     .is_enabled = json::bool_or(o, "enabled", true),
                     .batch_size = json::int_or(o, "batch", 10),
                     .window_s = json::int_or(o, "window", 0),
                     .concurrency_max = json::int_or(o, "concurrency", 0),
                     .reports_failures = json::bool_or(o, "reports", false),
                     .modified_ms = json::int_or(o, "modified", 0)};
}

json::object EventSource::configuration(const Instance& instance) const {
  json::array types;
  if (reports_failures) types.emplace_back("ReportBatchItemFailures");
  json::object out = {{"UUID", uuid},
                      {"BatchSize", batch_size},
                      {"MaximumBatchingWindowInSeconds", window_s},
                      {"EventSourceArn", arn(instance)},
                      {"FunctionArn", function_arn(instance, function)},
                      {"LastModified", static_cast<double>(modified_ms) / 1'000.0},
                      {"StateTransitionReason", "USER_INITIATED"},
                      {"FunctionResponseTypes", std::move(types)}};
  if (stream) stream->add_configuration(out, instance);
  if (concurrency_max > 0) out["ScalingConfig"] = json::object{{"MaximumConcurrency", concurrency_max}};
  return out;
}

}  // namespace croft::lambda
