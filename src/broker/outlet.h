#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "broker/source.h"

namespace croft::broker {

class Outlet;

// The outlets that got bytes in this turn of a shard's loop.
using Turn = std::vector<std::shared_ptr<Outlet>>;

// What goes to one connection in one turn, in lanes, because some of it may not leave yet.
struct Lanes {
  std::string bytes, releases, receipts, farewell;
};
using LanesPtr = std::unique_ptr<Lanes>;

// Where a connection's bytes gather until the turn ends. It has lanes only while it has bytes: most connections idle.
//
// Threads: its shard's.
class Outlet : public std::enable_shared_from_this<Outlet> {
 public:
  virtual ~Outlet() = default;

  // Whatever may go out at once.
  std::string& bytes() { return lanes().bytes; }
  // PUBACK and PUBREC: they leave when the messages they answer for are durable and found room with their receivers.
  std::string& receipts() { return lanes().receipts; }
  // What must be durable before the peer sees it: PUBREL, PUBCOMP, and QoS 2 messages of stored sessions.
  std::string& releases() { return lanes().releases; }
  // A DISCONNECT: behind all the others.
  std::string& farewell() { return lanes().farewell; }

  // Bytes that the peer did not take yet.
  virtual std::size_t unsent() const = 0;
  // For Source::unblocked of the connection.
  virtual std::function<void()> on_unblocked() { return {}; }
  // The connection published for the first time: its receipts wait while its messages block.
  virtual void publishes_as(SourcePtr source) { (void)source; }

 protected:
  void join(Turn& turn) { turn_ = &turn; }
  // Empty lanes for this turn.
  virtual LanesPtr make_lanes() { return std::make_unique<Lanes>(); }
  // What gathered; the turn is over.
  LanesPtr take_lanes() { return std::move(lanes_); }
  std::size_t gathered_bytes() const { return lanes_ ? lanes_->bytes.size() : 0; }

 private:
  Lanes& lanes() {
    if (!lanes_) {
      lanes_ = make_lanes();
      turn_->push_back(shared_from_this());
    }
    return *lanes_;
  }
  LanesPtr lanes_;
  Turn* turn_ = nullptr;
};

}  // namespace croft::broker
