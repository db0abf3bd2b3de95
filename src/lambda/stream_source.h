#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lambda/event_filter.h"
#include "text/json.h"
#include "types/instance.h"
#include "types/result.h"

namespace croft::lambda {

// What an event source mapping of a table's stream has beside the members of every mapping.
struct StreamSource {
  std::string table, label;                      // of the stream
  std::string starting_position;                 // TRIM_HORIZON or LATEST
  std::int64_t retries_max = -1;                 // -1: until they succeed or are too old
  std::int64_t age_max_s = -1;                   // -1: as long as the stream has them
  std::int64_t parallelization = 1;              // so many batches at a time, of different partition keys
  bool bisects = false;
  std::string failures_to{};                     // the queue of DestinationConfig.OnFailure; "" = none
  EventFilter filter{};

  // table/NAME/stream/LABEL
  std::string resource() const { return "table/" + table + "/stream/" + label; }
  // Of an ARN of this region and account; nothing for anything else.
  static std::optional<StreamSource> named(std::string_view arn, const Instance& instance);

  json::object to_json() const;
  static std::optional<StreamSource> from_json(const json::object& o);
  void add_configuration(json::object& configuration, const Instance& instance) const;
};

// The settings of Create- or UpdateEventSourceMapping in `source`.
// Source: Lambda API reference, CreateEventSourceMapping, as far as it speaks of Amazon DynamoDB Streams.
Result<void> set_stream_members(StreamSource& source, const json::object& input, const Instance& instance);

}  // namespace croft::lambda
