// Keys and values of Family::messages; docs/store.md has the table.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "sqs/message.h"

namespace croft::sqs {

// Where a message stands in its queue: by the time from which it is visible, then in the order of sending. In FIFO
// queues the time is 0 and the order of sending is all there is.
struct Place {
  std::int64_t at_ms = 0;
  Sequence sequence = 0;
  friend auto operator<=>(const Place&, const Place&) = default;
};

// What of a message changes.
struct State {
  std::uint32_t receives = 0;       // over all queues: ApproximateReceiveCount
  std::uint32_t receives_here = 0;  // in this queue: against maxReceiveCount
  std::int64_t first_received_ms = 0;
  std::int64_t received_ms = 0;  // the last time
  std::int64_t visible_ms = 0;   // hidden until then
  std::string group_id;          // FIFO only

  bool was_received() const { return receives_here > 0; }
  bool is_hidden(std::int64_t now_ms) const { return visible_ms > now_ms; }
};

// A FIFO queue's first message with a deduplication id.
struct Duplicate {
  std::int64_t expires_ms = 0;
  Sequence sequence = 0;
  std::string message_id;
};

class Rows {
 public:
  explicit Rows(std::uint32_t queue_number);

  std::string message(Sequence sequence) const;
  std::string place(Place place) const;
  // Standard queues: where a message is that was received.
  std::string received(Sequence sequence) const;
  std::string duplicate(std::string_view id) const;
  std::string expiry(std::int64_t at_ms, std::string_view id) const;

  // The keys of one kind are from `kind` to the next.
  enum class Kind : char { message = 'b', duplicate = 'd', expiry = 'e', place = 'o', received = 'p' };
  std::string begin(Kind kind) const;
  std::string end(Kind kind) const;
  // All rows of the queue.
  std::string begin() const { return prefix_; }
  std::string end() const;

  static Sequence sequence_in_message_key(std::string_view key);
  static Place place_in(std::string_view key);
  // Of an expiry's key.
  static std::int64_t time_in(std::string_view key);
  static std::string_view id_in(std::string_view key);

 private:
  std::string with(Kind kind) const;
  std::uint32_t number_;
  std::string prefix_;
};

std::string encoded(const State& state);
std::optional<State> decoded_state(std::string_view row);
std::string encoded(const Duplicate& duplicate);
std::optional<Duplicate> decoded_duplicate(std::string_view row);
// The value of a received message's row: where it is now, and how often it was received.
struct ReceivedAt {
  std::int64_t at_ms = 0;
  std::uint32_t receives = 0;
};
std::string encoded(ReceivedAt at);
std::optional<ReceivedAt> decoded_received(std::string_view row);

}  // namespace croft::sqs
