#pragma once

#include <atomic>
#include <deque>

#include "broker/outputs.h"
#include "broker/shard_broker.h"
#include "observe/timelines.h"
#include "observe/traces.h"
#include "presence/dispatcher.h"
#include "presence/limits.h"

namespace croft::presence {

// Where the events of clients are told to people; null: nowhere.
struct Told {
  trace::Traces* traces = nullptr;
  trace::Timelines* timelines = nullptr;
};

// Makes the presence of one shard's clients durable and then known: session row and event rows go into one batch;
// when it is on disk the events reach subscribers and rules, and the connection its CONNACK.
//
// Threads: its shard's; the committer thread only counts.
class Journal final : public broker::Recorder {
 public:
  // The references outlive it.
  Journal(Store& store, Shard& shard, broker::ShardBroker& broker, broker::MessageObserver& rules,
          std::size_t in_memory_max = limits::events_in_memory_max, Told told = {});

  void record(broker::Record record) override;

  // Hands out what an earlier process left, then restores the clients this shard owns. On the shard, before listeners open.
  void start(std::vector<broker::StoredClient> clients);
  void flush() { dispatcher_.flush(); }
  // Records not yet durable, and events not yet finished by the rules.
  std::size_t pending() const { return waiting_.size() + dispatcher_.in_memory(); }
  const metrics::Histogram& event_time() const { return dispatcher_.event_time(); }

 private:
  struct Event {
    broker::MessagePtr message;
    Sequence sequence;  // 0: no rule wants it
  };
  struct Entry {
    std::vector<Event> events;
    broker::ConnectionId then;
    bool needs_disk = true;
    std::int64_t since_us = 0;
  };
  // Its message, on the client's timeline, and traced when a rule wants it: of another a trace would tell no more.
  broker::MessagePtr make_known(const broker::Record& record, const broker::LifecycleEvent& event, bool wanted,
                                std::int64_t at_us) const;
  void announce(Entry entry);
  void take_durable();

  Store& store_;
  Shard& shard_;
  broker::ShardBroker& broker_;
  broker::MessageObserver& rules_;
  const Told told_;
  Outbox outbox_;
  Dispatcher dispatcher_;
  std::deque<Entry> waiting_;            // in the order of their records
  std::atomic<std::size_t> durable_{0};  // of those that need the disk, from the front
};

}  // namespace croft::presence
