#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace croft::broker {

class Outlet;

// The outlets that got bytes in this turn of a shard's loop.
using Turn = std::vector<std::shared_ptr<Outlet>>;

// Where a connection's bytes gather until the turn ends, in lanes, because some may not leave yet.
//
// Threads: its shard's.
class Outlet : public std::enable_shared_from_this<Outlet> {
 public:
  virtual ~Outlet() = default;

  // Whatever may go out at once.
  std::string& bytes() { return touch().bytes_; }
  // PUBACK and PUBREC: they leave when the messages they answer for are durable and found room with their receivers.
  std::string& receipts() { return touch().receipts_; }
  // What must be durable before the peer sees it: PUBREL, PUBCOMP, and QoS 2 messages of stored sessions.
  std::string& releases() { return touch().releases_; }

  // A DISCONNECT: behind all the others.
  std::string& farewell() { return touch().farewell_; }

  // Bytes that the peer did not take yet.
  virtual std::size_t unsent() const = 0;
  // For Source::unblocked of the connection.
  virtual std::function<void()> on_unblocked() { return {}; }

 protected:
  void join(Turn& turn) { turn_ = &turn; }
  // Called once in each turn, before the first byte.
  virtual void prepare() {}

  bool touched_ = false;
  std::string bytes_, receipts_, releases_, farewell_;

 private:
  Outlet& touch() {
    if (touched_) return *this;
    touched_ = true;
    prepare();
    turn_->push_back(shared_from_this());
    return *this;
  }
  Turn* turn_ = nullptr;
};

}  // namespace croft::broker
