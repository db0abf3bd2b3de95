#pragma once

#include <boost/intrusive/list.hpp>

#include "shard/task.h"

namespace croft {

// What one coroutine of a shard waits for, again and again. A waiter that nobody raises is destroyed with its shard.
//
// Threads: the shard's alone.
class Wakeup {
 public:
  class Waiters;
  // A coroutine that waits.
  struct Waiter : boost::intrusive::list_base_hook<> {
    virtual ~Waiter() = default;
    virtual void resume() = 0;
    virtual void resume_now() = 0;
    Wakeup* of = nullptr;
    Waiters* among = nullptr;
  };
  // All of a shard.
  class Waiters {
   public:
    ~Waiters();
    // They are destroyed where they wait.
    void abandon();

   private:
    friend class Wakeup;
    boost::intrusive::list<Waiter> list_;
    bool over_ = false;
  };

  Wakeup() = default;
  ~Wakeup();
  Wakeup(const Wakeup&) = delete;

  // At most one at a time, until the next raise().
  Task<void> wait(Waiters& waiters);
  bool is_awaited() const { return waiter_ != nullptr; }
  // Who waits goes on when everything that is ready now had its turn.
  void raise();
  // Who waits goes on now, and suspends again before this returns.
  void raise_now();

 private:
  Waiter* take();

  Waiter* waiter_ = nullptr;  // owned
};

}  // namespace croft
