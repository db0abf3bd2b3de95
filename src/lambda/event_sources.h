#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "lambda/event_source.h"
#include "lambda/functions.h"
#include "lambda/invoker.h"
#include "shard/promise.h"
#include "sqs/queues.h"

namespace croft::lambda {

// The queues that feed functions. Each has one receiver that gathers batches and invokes the function with several at
// a time; what the function is done with is deleted, the rest comes again when its visibility is over.
//
// Threads: the API shard.
class EventSources {
 public:
  // Everything outlives the object, and the shard's tasks end before it.
  EventSources(Shard& shard, Functions& functions, Invoker& invoker, sqs::Queues& queues);

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
  // Of one queue, one function or both; "" is any. In the order of their ids, after `after`.
  std::vector<Shown> list(std::string_view queue, std::string_view function, std::string_view after,
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
  };
  using ReceiverPtr = std::shared_ptr<Receiver>;

  Result<void> check(const EventSource& source) const;
  Result<void> set_function(EventSource& source, const json::object& input) const;
  void save(const EventSource& source);
  void begin(const ReceiverPtr& receiver);
  Task<void> run(ReceiverPtr receiver);
  Task<bool> may_receive(ReceiverPtr receiver);
  Task<Result<std::vector<sqs::Delivery>>> gather(ReceiverPtr receiver);
  Task<void> process(ReceiverPtr receiver, std::vector<sqs::Delivery> batch);

  Shard& shard_;
  Store& store_;
  Functions& functions_;
  Invoker& invoker_;
  sqs::Queues& queues_;
  bool is_started_ = false;
  std::map<std::string, ReceiverPtr, std::less<>> receivers_;
};

}  // namespace croft::lambda
