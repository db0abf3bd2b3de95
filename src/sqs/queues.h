#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "shard/promise.h"
#include "sqs/alarms.h"
#include "sqs/queue.h"

namespace croft::sqs {

// The queues of this croft: their definitions, their messages, and those who wait for them. A call answers when what
// it changed is on disk; a receive and a change of visibility answer at once, because losing them only brings a
// message back.
//
// Threads: the shard it was given, for everything but send_from_anywhere().
class Queues {
 public:
  // `store` outlives the queues. Reads all definitions and counts all messages: some 1 us for each.
  Queues(Shard& shard, Store& store, Instance instance);
  ~Queues();

  // Begins to look for messages that are too old.
  void start();
  // Ends all waiting and moving; resumes when nobody waits any more. Receives answer at once from here on.
  Task<void> stop();

  const Instance& instance() const { return instance_; }

  // --- queues ---
  // QueueNameExists, InvalidParameterValueException, InvalidAttributeName, InvalidAttributeValue. Succeeds for a
  // queue that is there with the same attributes.
  Task<Result<void>> create(std::string name, Attributes attributes, Attributes tags);
  // nullptr when there is none.
  const QueueDefinition* find(std::string_view name) const;
  // Up to `limit` names with that prefix after `after`, in order.
  std::vector<std::string> names(std::string_view prefix, std::string_view after, std::size_t limit) const;
  std::vector<std::string> dead_letter_sources(std::string_view name, std::string_view after,
                                               std::size_t limit) const;
  Task<Result<void>> remove(std::string name);
  // PurgeQueueInProgress within 60 s.
  Task<Result<void>> purge(std::string name);
  Task<Result<void>> set_attributes(std::string name, Attributes changes);
  Task<Result<void>> tag(std::string name, Attributes tags);
  Task<Result<void>> untag(std::string name, std::vector<std::string> keys);
  Result<Counts> counts(std::string_view name);
  // When its oldest message was sent; nothing when it has none.
  Result<std::optional<std::int64_t>> oldest_sent_ms(std::string_view name);
  // Messages as they stand; limits.h says how many at most. Nothing changes by it.
  Result<Peek> peek(std::string_view name, const std::optional<Place>& after, std::size_t count) const;

  // --- messages; the queue must be there, or QueueDoesNotExist ---
  // The messages were checked.
  Task<Result<std::vector<Sent>>> send(std::string name, std::vector<Outgoing> messages);
  // From any shard, one whose content was checked; what the queue asks for is checked here.
  Task<Result<Sent>> send_from_anywhere(std::string name, Outgoing message);

  struct Wait {
    std::int64_t ms = 0;
    std::function<bool()> is_over{};  // the receiver has gone; asked before messages are handed out, and every second
  };
  Task<Result<std::vector<Delivery>>> receive(std::string name, Receive wanted, Wait wait);
  Task<Result<std::vector<Result<void>>>> erase(std::string name, std::vector<std::string> handles);
  Task<Result<std::vector<Result<void>>>> change_visibility(std::string name, std::vector<Queue::Visibility> changes);

  // --- moving dead letters back ---
  struct MoveTask {
    std::string id;
    std::string source;
    std::string destination;          // "": each message to the queue it came from
    std::int64_t per_second_max = 0;  // 0: as fast as it goes
    std::string status = "RUNNING";
    std::uint64_t moved = 0, to_move = 0;
    std::int64_t started_ms = 0;
    std::string failure;
  };
  // The task's id. InvalidParameterValueException, ResourceNotFoundException.
  Result<std::string> start_move(const std::string& source, const std::string& destination,
                                 std::int64_t per_second_max);
  // The newest first.
  std::vector<MoveTask> move_tasks(std::string_view source, std::size_t limit) const;
  // How many were moved.
  Result<std::uint64_t> cancel_move(std::string_view source, std::string_view id);

  std::size_t waiting() const { return waiting_; }

 private:
  struct Open {
    std::unique_ptr<Queue> queue;
    std::deque<std::shared_ptr<OneShot>> waiters;
    std::int64_t purged_ms = 0;
  };
  using OpenPtr = std::shared_ptr<Open>;  // whoever waits may outlive the queue

  OpenPtr open(std::string_view name) const;
  AttributeChange change(bool is_creation) const;
  void save(const QueueDefinition& definition);
  std::uint32_t free_number() const;
  static void wake(Open& open);
  static void wake_all(Open& open);
  Result<std::vector<Delivery>> take(Open& open, const Receive& wanted);
  Task<void> wait_for_message(Open& open, std::int64_t until_ms);
  Task<Result<Sent>> check_and_send(std::string name, Outgoing message);
  Task<void> sweep_forever();
  Task<void> run_move(std::shared_ptr<MoveTask> task);
  // False when the task is over.
  bool move_one(MoveTask& task);

  Shard& shard_;
  Store& store_;
  const Instance instance_;
  const FindQueue find_;
  Alarms alarms_;
  Sequences sequences_;
  std::map<std::string, OpenPtr, std::less<>> queues_;
  std::map<std::string, std::deque<std::shared_ptr<MoveTask>>, std::less<>> moves_;
  std::size_t moving_ = 0;
  std::size_t waiting_ = 0;
  bool stopping_ = false;
};

}  // namespace croft::sqs
