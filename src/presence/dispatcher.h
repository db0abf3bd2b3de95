#pragma once

#include "broker/message_observer.h"
#include "observe/histogram.h"
#include "observe/traces.h"
#include "presence/outbox.h"

namespace croft::presence {

// Brings the outbox of one shard to the rules, in sequence. So many events are with the rules at a time; the others
// wait on disk and are read back in order, so two million reconnects are a long list there and not an exhausted process.
//
// Threads: its shard's.
class Dispatcher {
 public:
  // `traces` null: nobody looks at the ways of events.
  Dispatcher(Store& store, Outbox& outbox, broker::MessageObserver& rules, std::size_t in_memory_max,
             trace::Traces* traces = nullptr);

  // Hands out what an earlier process left. Call once, before the first enqueue().
  void start();
  // A durable entry, in the order of its sequence.
  void enqueue(OutboxEntry entry);
  // Adds the rows of finished entries, to be erased, to `batch`.
  void take_erasures(Batch& batch);
  // Erases them without waiting for another batch.
  void flush();

  std::size_t in_memory() const { return in_memory_; }
  // How long after an event the rules were done with it.
  const metrics::Histogram& event_time() const { return event_time_; }

 private:
  void hand_out(OutboxEntry entry);
  void finished(Sequence sequence, std::int64_t since_us, const trace::Id& id);
  void trace_wait(const OutboxEntry& entry, std::int64_t since_us) const;
  void read_back();

  Store& store_;
  Outbox& outbox_;
  broker::MessageObserver& rules_;
  std::size_t in_memory_max_;
  trace::Traces* const traces_;
  std::size_t in_memory_ = 0;
  bool spilled_ = false;      // newer entries than last_handed_out_ are on disk only
  bool reading_ = false;
  Sequence last_handed_out_ = 0;
  std::vector<Sequence> erasures_;
  metrics::Histogram event_time_;
};

}  // namespace croft::presence
