#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lambda/stream_source.h"
#include "text/json.h"
#include "types/instance.h"
#include "types/result.h"

namespace croft::lambda {

// A queue, or a table's stream, that feeds a function: an event source mapping, the row "event-source/<uuid>" of
// Family::registry.
struct EventSource {
  std::string uuid;
  std::string function;  // its name
  std::string queue;     // its name; "" with a stream
  std::optional<StreamSource> stream{};
  bool is_enabled = true;
  std::int64_t batch_size = 10;
  std::int64_t window_s = 0;         // MaximumBatchingWindowInSeconds
  std::int64_t concurrency_max = 0;  // ScalingConfig.MaximumConcurrency; 0: not set
  bool reports_failures = false;     // FunctionResponseTypes has ReportBatchItemFailures
  std::int64_t modified_ms = 0;

  std::string to_row() const;
  static std::optional<EventSource> from_row(std::string uuid, std::string_view row);
  std::string arn(const Instance& instance) const;
  // EventSourceMappingConfiguration, but for its state.
  json::object configuration(const Instance& instance) const;
};

// The settings of Create- or UpdateEventSourceMapping in `source`, whose queue or stream and function are known.
// InvalidParameterValueException, ValidationException; what croft does not do with its kind of source is refused.
// Source: Lambda API reference, CreateEventSourceMapping, as far as it speaks of Amazon SQS and DynamoDB Streams.
Result<void> set_members(EventSource& source, const json::object& input, const Instance& instance);

}  // namespace croft::lambda
