#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "text/json.h"
#include "types/instance.h"
#include "types/result.h"

namespace croft::sqs {

// Where a queue's dead letters go.
struct Redrive {
  std::string target;  // name of the queue
  std::int64_t receives_max = 0;

  friend bool operator==(const Redrive&, const Redrive&) = default;
};

// A queue's attributes as the queue works with them.
struct QueueSettings {
  bool fifo = false;
  std::int64_t visibility_s = 30;
  std::int64_t delay_s = 0;
  std::int64_t wait_s = 0;
  std::int64_t retention_s = 345'600;
  std::int64_t message_bytes = 262'144;
  bool content_deduplication = false;
  bool deduplicates_in_group = false;  // DeduplicationScope is messageGroup
  std::optional<Redrive> redrive;
};

using Attributes = std::map<std::string, std::string>;

// A queue as its owner made it: the row "queue/<name>" of Family::registry.
struct QueueDefinition {
  std::string name;
  std::uint32_t number = 0;  // its rows in Family::messages begin with it
  std::string id;            // 16 hex digits, in receipt handles: another queue of that name has another one
  std::int64_t created_ms = 0;
  std::int64_t modified_ms = 0;
  Attributes attributes;  // those that were set, in the form in which GetQueueAttributes shows them
  Attributes tags;

  bool is_fifo() const;
  QueueSettings settings() const;
  // The attribute's value, or its default; nothing for one that this queue does not have.
  std::optional<std::string> attribute(const std::string& name) const;

  std::string to_row() const;
  static std::optional<QueueDefinition> from_row(std::string name, std::string_view row);
};

// Looks at another queue while attributes are checked: nullptr when there is none of that name.
using FindQueue = std::function<const QueueDefinition*(std::string_view name)>;

// What is being checked, and in which surroundings.
struct AttributeChange {
  const Instance& instance;
  const FindQueue& find;
  bool is_creation = false;
};

// `changes` in `definition`, all or none. InvalidAttributeName, InvalidAttributeValue,
// InvalidParameterValueException. Source: API reference, CreateQueue and SetQueueAttributes.
Result<void> set_attributes(QueueDefinition& definition, const Attributes& changes, const AttributeChange& change);

// CreateQueue's answer for a name that is taken: QueueNameExists for the first of `wanted` that differs.
Result<void> check_same(const QueueDefinition& existing, const Attributes& wanted, const AttributeChange& change);

// 1 to 80 letters, digits, hyphens, underscores; ".fifo" behind those of FIFO queues.
Result<void> check_queue_name(const std::string& name, bool fifo);

// The queue that an ARN of this account and region names; "" for any other text.
std::string queue_in_arn(std::string_view arn, const Instance& instance);

// Every attribute that GetQueueAttributes knows by name.
bool is_attribute_name(std::string_view name);
// Those with a value that SetQueueAttributes takes, in the order in which "All" lists them.
const std::vector<std::string>& settable_attributes();

}  // namespace croft::sqs
