#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>

namespace croft::broker {

// Which turns of a shard are not over for those who wait for their receipts: their rows are not on disk, or another
// shard has not stored what it got from them. A turn without anything to wait for has no ticket.
//
// Threads: its shard's; tickets are dropped on any.
class Receipts {
 public:
  // Held by everything a turn waits for; the last one to let go of it ends the turn's wait.
  class Ticket {
   public:
    Ticket(Receipts& owner, std::uint64_t number) : owner_(owner), number(number) {}
    ~Ticket() { owner_.done(number); }
    Ticket(const Ticket&) = delete;
    Ticket& operator=(const Ticket&) = delete;

   private:
    Receipts& owner_;

   public:
    const std::uint64_t number;
  };
  using TicketPtr = std::shared_ptr<Ticket>;

  // `done` is called on any thread with the number of a turn whose wait is over.
  explicit Receipts(std::function<void(std::uint64_t)> done) : done_(std::move(done)) {}

  TicketPtr open() {
    open_.insert(++last_);
    return std::make_shared<Ticket>(*this, last_);
  }
  void close(std::uint64_t number) { open_.erase(number); }
  // Whether that turn or one before it is not over: receipts leave in the order of their turns.
  bool is_open(std::uint64_t number) const { return !open_.empty() && *open_.begin() <= number; }

 private:
  void done(std::uint64_t number) const { done_(number); }

  std::function<void(std::uint64_t)> done_;
  std::set<std::uint64_t> open_;
  std::uint64_t last_ = 0;
};

}  // namespace croft::broker
