#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "types/timestamp.h"

namespace croft::sqs {

// One message attribute. Binary values are raw bytes here; base64 is the wire's.
struct MessageAttribute {
  std::string name;
  std::string type;  // "String", "Number", "Binary", each with a label behind a dot: "Number.int"
  bool is_binary = false;
  std::string value;

  friend bool operator==(const MessageAttribute&, const MessageAttribute&) = default;
};

// What a sender gave, and what the queue added that does not change any more: one row in the store.
struct Message {
  std::string id;  // UUID
  std::string body;
  std::string sender_id;
  std::vector<MessageAttribute> attributes;
  std::string trace_header;      // AWSTraceHeader; "" for none
  std::string group_id;          // "" for none
  std::string deduplication_id;  // FIFO only
  std::string source;            // name of the queue from which it came as a dead letter; "" for none
  std::int64_t first_visible_ms = 0;

  friend bool operator==(const Message&, const Message&) = default;
};

// A message's number: unique and rising over all queues and restarts; its upper bits are the time it was sent.
using Sequence = std::uint64_t;
inline constexpr int sequence_time_shift = 20;
inline std::int64_t sent_ms(Sequence sequence) {
  return static_cast<std::int64_t>(sequence >> sequence_time_shift);
}
inline Sequence sequence_at(std::int64_t ms) {
  return static_cast<Sequence>(ms) << sequence_time_shift;
}
// SequenceNumber of FIFO queues: 20 digits, as AWS's.
std::string sequence_number(Sequence sequence);

// Digests as clients check them, in lower-case hex. The attributes are sorted first; "" when there are none.
// Source: developer guide, "Calculating the MD5 message digest for message attributes".
std::string md5_of(std::string_view text);
std::string md5_of(std::vector<MessageAttribute> attributes);

// The message as its row; nothing when the row is damaged.
std::string encoded(const Message& message);
std::optional<Message> decoded_message(std::string_view row);

// Bytes that count against MaximumMessageSize: the body, and names, types and values of the attributes.
std::size_t size_of(const Message& message);

}  // namespace croft::sqs
