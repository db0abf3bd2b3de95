#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/client.h"
#include "broker/message.h"
#include "broker/outlet.h"
#include "broker/shared_groups.h"
#include "store/store.h"

namespace croft::broker {

using ConnectionId = std::uint64_t;  // unique for the life of the process

// What must be durable together: a client's new state and what is to be told about it.
struct Record {
  std::optional<ClientState> row;       // to be stored
  std::string erased_client;            // row to be removed; "" = none
  Batch rows;                           // of its session's messages
  std::vector<LifecycleEvent> events;   // in order
  ConnectionId then = 0;                // Core::recorded() is called for it when all of this is durable; 0 = nobody
};

// Whom a message concerns beside the subscribers of the shard where it was published.
struct Reach {
  std::uint64_t shards = 0;  // bit n: shard n may have subscribers
  bool groups = false;       // shared subscriptions match
  bool rules = false;        // a rule wants it
  bool is_further() const { return shards != 0 || groups || rules; }
};

// What the protocol core wants done, beside the bytes it puts into outlets. Calls come in the order of their effects,
// from inside the core's inputs; an implementation never calls the core back from here.
class Outputs {
 public:
  virtual ~Outputs() = default;
  // No more input from it is wanted; what was sent goes out first.
  virtual void close(Outlet& outlet) = 0;
  virtual void record(Record record) = 0;
  // So many messages of a client were taken from `since` on: once a minute at most while it publishes, and at its end.
  virtual void published(std::string_view /*client_id*/, std::uint64_t /*messages*/, Timestamp /*since*/, Timestamp /*until*/) {}
  // Rows of Family::queued to be written at the end of this turn: what this turn puts into receipts and releases
  // leaves when they are durable.
  virtual Batch& turn_rows() = 0;
  // The same for the ids of QoS 2 messages that came: they follow what other shards store of this turn's messages, so
  // that a crash in between repeats a message and loses none.
  virtual Batch& received_rows() = 0;

  // Whom a message on `topic` concerns beside the subscribers of this shard; holds until reach_version() changes.
  virtual Reach reach(std::string_view topic) const = 0;
  virtual std::uint64_t reach_version() const = 0;
  // A message that concerns anyone else.
  virtual void publish_further(const MessagePtr& message, const Reach& reach) = 0;
  // What this turn puts into receipts and releases leaves when all that was written and recorded so far is durable.
  virtual void wait_for_disk() = 0;
  // So many bytes were handed out: a long turn may have to end early.
  virtual void handed_out(std::size_t bytes) = 0;

  // The first (or last) subscription of this shard for a filter.
  virtual void interest(std::string_view filter, bool wanted) = 0;
  // The place of a client in the group of its shared subscription `filter`.
  virtual void membership(std::string_view filter, std::string_view client_id, Membership membership, Keeping keeping) = 0;
  // A QoS 1 or 2 message for another member of its group, or the next one that comes; it goes on behind this turn. False
  // when the group has no member.
  virtual bool hand_on(std::string_view filter, const MessagePtr& message, std::uint64_t group_row) = 0;
  // Whether anything waits for any group; a cheap question.
  virtual bool groups_wait() const = 0;
  // The first of what waits for the group `filter`.
  virtual std::vector<SharedGroups::Waiting> take_waiting(std::string_view filter, std::size_t most) = 0;
};

// The time of an input.
struct Now {
  Timestamp wall;
  MonoTime mono;
  std::int64_t us = 0;  // `mono` in microseconds, for statistics; 0 = not told
};

}  // namespace croft::broker
