#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/client.h"
#include "broker/message.h"
#include "broker/shared_groups.h"

namespace croft::broker {

using ConnectionId = std::uint64_t;  // unique for the life of the process

// What must be durable together: a client's new state and what is to be told about it.
struct Record {
  std::optional<ClientState> row;       // to be stored
  std::string erased_client;            // row to be removed; "" = none
  std::vector<LifecycleEvent> events;   // in order
  ConnectionId then = 0;                // Core::recorded() is called for it when all of this is durable; 0 = nobody
};

// What the protocol core wants done. Calls come in the order of their effects, from inside the core's inputs; an
// implementation keeps them and acts later, or at once, but never calls the core back from here.
class Outputs {
 public:
  virtual ~Outputs() = default;
  // Bytes for the peer.
  virtual void send(ConnectionId to, std::string_view bytes) = 0;
  virtual void send(ConnectionId to, const mqtt::PublishWire& wire, std::uint16_t packet_id, bool dup) = 0;
  // Bytes that the peer did not take yet.
  virtual std::size_t unsent(ConnectionId to) const = 0;
  // No more input from it is wanted; what was sent goes out first.
  virtual void close(ConnectionId connection) = 0;
  virtual void record(Record record) = 0;
  // To every subscriber on every shard, and to the rules.
  virtual void publish(MessagePtr message) = 0;
  // The first (or last) subscription of this shard for a filter.
  virtual void interest(std::string_view filter, bool wanted) = 0;
  // The place of a client in the group of its shared subscription `filter`.
  virtual void membership(std::string_view filter, std::string_view client_id, Membership membership) = 0;
};

// The time of an input.
struct Now {
  Timestamp wall;
  MonoTime mono;
};

}  // namespace croft::broker
