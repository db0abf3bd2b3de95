#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "dynamo/tables.h"
#include "lambda/event_source.h"
#include "lambda/functions.h"
#include "lambda/invoker.h"
#include "lambda/stream_batch.h"
#include "shard/promise.h"
#include "sqs/queues.h"

namespace croft::lambda {

// The queues and streams that feed functions. Each has one receiver that gathers batches. Of a queue it invokes the function
// with several at a time; what the function is done with is deleted, the rest comes again when its visibility is over. Of a
// stream it invokes the function with one after the other, each until it is done with or given up, in one or several lanes.
//
// Threads: the API shard.
class EventSources {
 public:
  // Everything outlives the object, and the shard's tasks end before it.
  EventSources(Shard& shard, Functions& functions, Invoker& invoker, sqs::Queues& queues);

  // Before start(). Without it there are no streams.
  void use(dynamo::Tables& tables) { tables_ = &tables; }

  // Begins to receive.
  void start();
  // No batch is begun any more; sqs::Queues::stop() ends the waiting.
  void stop();

  struct Shown {
    EventSource source;
    std::string last_result;
  };
  // `input` holds CreateEventSourceMapping's members. Durable when done.
  Task<Result<Shown>> create(json::object input);
  Result<Shown> find(std::string_view uuid) const;
  // Of one source, one function or both; "" is any. In the order of their ids, after `after`.
  std::vector<Shown> list(std::string_view source_arn, std::string_view function, std::string_view after,
                          std::size_t limit) const;
  Task<Result<Shown>> update(std::string uuid, json::object input);
  Task<Result<Shown>> erase(std::string uuid);

  const Instance& instance() const { return functions_.instance(); }
  std::size_t batches_running() const;

 private:
  // One mapping at work. It goes on with what it has begun after it was stopped.
  struct Receiver {
    EventSource source;
    bool is_stopped = false;
    std::size_t running = 0;
    std::shared_ptr<OneShot> room;  // raised when a batch is over
    std::string last_result = "No records processed";
    std::shared_ptr<Receiver> before{};  // of a stream: the one that this one takes the place of
    std::vector<dynamo::ChangeSequence> positions{};  // of a stream: where each of its lanes goes on
  };
  using ReceiverPtr = std::shared_ptr<Receiver>;

  struct Attempt {
    std::string request_id, function_error;
  };

  Result<void> check(const EventSource& source) const;
  Result<void> name_source(EventSource& source, const std::string& arn) const;
  Result<void> set_function(EventSource& source, const json::object& input) const;
  void save(const EventSource& source);
  void begin(const ReceiverPtr& receiver);
  Task<void> run(ReceiverPtr receiver);
  Task<bool> may_receive(ReceiverPtr receiver);
  Task<Result<std::vector<sqs::Delivery>>> gather(ReceiverPtr receiver);
  Task<void> process(ReceiverPtr receiver, std::vector<sqs::Delivery> batch);
  // The steps of a batch in the traces of its messages, but for the one that its invocation belongs to.
  struct BatchSteps {
    std::vector<trace::Context> others;
    void end(const Result<Outcome>& outcome) const;
  };
  BatchSteps begin_steps(const std::vector<sqs::Delivery>& batch, const std::string& queue, Invocation& invocation) const;

  // stream_receiver.cpp
  void begin_lanes(const ReceiverPtr& receiver);
  Task<void> run_lane(ReceiverPtr receiver, std::size_t lane);
  Task<std::vector<StreamEntry>> gather_changes(ReceiverPtr receiver, std::size_t lane, dynamo::ChangeSequence& from);
  Task<bool> deliver(ReceiverPtr receiver, std::size_t lane, std::vector<StreamEntry> batch);
  Task<std::optional<std::size_t>> attempt(ReceiverPtr receiver, const std::vector<StreamEntry>& batch, StreamPiece piece,
                                           Attempt& told);
  Task<void> discard(ReceiverPtr receiver, std::string text);
  std::optional<dynamo::Stream> stream_of(const EventSource& source) const;
  std::vector<dynamo::ChangeSequence> positions(const EventSource& source) const;
  void move_on(const ReceiverPtr& receiver, std::size_t lane, dynamo::ChangeSequence from);
  void save_positions(const std::string& uuid, const std::vector<dynamo::ChangeSequence>& lanes);
  static void erase_position(Batch& batch, const std::string& uuid);

  Shard& shard_;
  Store& store_;
  Functions& functions_;
  Invoker& invoker_;
  sqs::Queues& queues_;
  dynamo::Tables* tables_ = nullptr;
  bool is_started_ = false;
  std::map<std::string, ReceiverPtr, std::less<>> receivers_;
};

}  // namespace croft::lambda
