#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <unordered_map>

#include "sqs/limits.h"
#include "sqs/line.h"
#include "sqs/queue_settings.h"
#include "sqs/receipt.h"
#include "sqs/sequences.h"
#include "store/store.h"

namespace croft::sqs {

struct Outgoing {
  Message message;
  std::optional<std::int64_t> delay_s;
};
struct Sent {
  std::string message_id;
  Sequence sequence = 0;
};

struct Delivery {
  Message message;
  State state;
  Sequence sequence = 0;
  std::string handle;
};

struct Receive {
  std::size_t count = 1;
  std::int64_t visibility_s = 30;
  std::string attempt_id;  // ReceiveRequestAttemptId; FIFO only
};

// Messages as they stand, from a place on: nobody received them. `next` is the place of the last one when there are more.
struct Peek {
  std::vector<Delivery> messages;  // each handle deletes its message while nobody has received it since
  std::optional<Place> next;
};

struct Counts {
  std::uint64_t visible = 0, in_flight = 0, delayed = 0;
};

// One queue: its messages in the store, and what of them is known in memory. Bodies are on disk only. Every change is
// one batch, visible in the store when the call returns; whoever needs more waits for Store::durable(). Time is
// given.
//
// Threads: its owner's. Memory: at most the line's window, and 64 bytes for each message in flight.
class Queue {
 public:
  struct Bounds {
    std::size_t in_flight_max = limits::in_flight_max, in_flight_max_fifo = limits::in_flight_max_fifo;
    std::size_t window = limits::window_messages, window_fifo = limits::fifo_window_messages;
  };
  // Counts what the store has. `store` and `sequences` outlive the queue.
  Queue(Store& store, Sequences& sequences, QueueDefinition definition, std::int64_t now_ms, const Bounds& bounds);

  const QueueDefinition& definition() const { return definition_; }
  const QueueSettings& settings() const { return settings_; }
  // Another description of the same queue; its row is the caller's to write.
  void redefine(QueueDefinition definition);
  const Rows& rows() const { return rows_; }

  // The messages, checked before, in their order. In a FIFO queue one that was sent less than five minutes ago is
  // told again and not kept.
  std::vector<Sent> send(std::vector<Outgoing> messages, std::int64_t now_ms);

  // Messages that are visible now; they are hidden from here on. Those that were received too often go to
  // `dead_letters` (when there is one), those that are too old go away. OverLimit when a standard queue has too many
  // in flight.
  Result<std::vector<Delivery>> receive(const Receive& wanted, Queue* dead_letters, std::int64_t now_ms);

  // Deletes messages by their handles. A handle that is over changes nothing in a standard queue and is refused in a
  // FIFO queue. ReceiptHandleIsInvalid for one of another queue.
  std::vector<Result<void>> erase(const std::vector<std::string>& handles, std::int64_t now_ms);

  struct Visibility {
    std::string handle;
    std::int64_t seconds = 0;
  };
  std::vector<Result<void>> change_visibility(const std::vector<Visibility>& changes, std::int64_t now_ms);

  // The oldest message goes to the end of `target` (this one: where it came from, by its source's ARN, is the
  // caller's to find), as a message that was never received there. False when there is none that is visible.
  struct Moved {
    Sequence sequence = 0;
    Message message;
  };
  std::optional<Moved> first_visible(std::int64_t now_ms);
  void move(Moved moved, Queue& target, std::int64_t now_ms);

  // Everything; what was sent of late stays known, so that it is not taken twice.
  void purge();
  // Its rows, all of them.
  void erase_rows(Batch& batch) const;
  // Erases up to `count` messages and deduplication ids that are over. True when there may be more.
  bool sweep(std::int64_t now_ms, std::size_t count);

  bool has_ready(std::int64_t now_ms) { return !line_->ready(now_ms, 1).empty(); }
  std::optional<std::int64_t> next_visible_ms(std::int64_t now_ms) { return line_->next_visible_ms(now_ms); }
  Counts counts(std::int64_t now_ms);

  // Up to `count` messages behind `after` in the order of the queue, those that are hidden too. Nothing changes: no message is
  // hidden or counted as received by it.
  Peek peek(const std::optional<Place>& after, std::size_t count, std::int64_t now_ms) const;
  // When the oldest message was sent; nothing when there is none.
  std::optional<std::int64_t> oldest_sent_ms();

 private:
  struct Found {
    Place place;
    State state;
  };
  // What a receive does with each message.
  struct Taking {
    Queue* dead_letters;
    std::int64_t visibility_s;
    std::int64_t now_ms;
  };
  struct Attempt {
    std::int64_t expires_ms = 0;
    std::vector<std::pair<Sequence, std::uint32_t>> messages;
  };

  Place place_of(Sequence sequence, std::int64_t visible_ms) const;
  // Where a message stands, as its rows tell; nothing when it is gone.
  std::optional<Found> find(Sequence sequence) const;
  std::optional<Message> message(Sequence sequence) const;
  Result<Receipt> receipt(const std::string& handle) const;

  void insert(Batch& batch, const Message& message, Sequence sequence, const State& state);
  void drop(Batch& batch, const Found& found);
  // The message at `found` gets another state; it is back in the line when put_back() was called.
  Line::Standing restate(Batch& batch, const Found& found, State state);
  void put_back(const Line::Standing& standing, std::int64_t now_ms);
  void hide(Sequence sequence, const State& state, std::int64_t now_ms);
  void unhide(Sequence sequence, const State& state);
  void settle(std::int64_t now_ms);

  std::optional<Sent> sent_before(const Message& message, const std::map<std::string, Duplicate>& fresh,
                                  std::int64_t now_ms) const;
  void remember(Batch& batch, const Message& message, Sequence sequence, std::map<std::string, Duplicate>& fresh,
                std::int64_t now_ms);
  std::string duplicate_id(const Message& message) const;
  void bury(Batch& batch, const Found& found, Queue& dead_letters, std::int64_t now_ms);
  std::optional<std::vector<Delivery>> repeated(const Receive& wanted, std::int64_t now_ms);
  void remember_attempt(const Receive& wanted, const std::vector<Delivery>& deliveries, std::int64_t now_ms);
  std::optional<Delivery> take(Batch& batch, const Found& found, const Taking& taking);
  bool is_over(Sequence sequence, std::int64_t now_ms) const;
  Result<void> erase_one(Batch& batch, const std::string& handle, std::int64_t now_ms);
  Result<Line::Standing> change_one(Batch& batch, const Visibility& change, std::int64_t now_ms);
  bool sweep_messages(std::int64_t now_ms, std::size_t count);
  bool sweep_duplicates(std::int64_t now_ms, std::size_t count);
  void count_rows(std::int64_t now_ms);

  Store& store_;
  Sequences& sequences_;
  QueueDefinition definition_;
  QueueSettings settings_;
  const Rows rows_;
  const Bounds bounds_;
  std::unique_ptr<Line> line_;
  std::uint64_t total_ = 0;
  std::set<std::pair<std::int64_t, Sequence>> in_flight_;  // by the end of their hiding
  std::map<std::int64_t, std::uint64_t> delayed_;          // second in which the delay ends -> how many
  Sequence oldest_ = 0;                                    // no message is before it
  std::int64_t next_expiry_ms_ = 0;                        // no deduplication id is over before
  std::unordered_map<std::string, Attempt> attempts_;
  std::deque<std::string> attempt_order_;
};

}  // namespace croft::sqs
